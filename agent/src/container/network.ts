import { join } from 'node:path';
import * as z from 'zod';
import { readText } from '../telemetry/sys-file.ts';
import { LABELS } from './container-spec.ts';
import { type Engine, EngineError } from './engine/engine.ts';
import { freeSubnet } from './subnet.ts';

const Found = z.looseObject({ Name: z.string() });
const Networks = z.array(
  z.looseObject({
    IPAM: z.looseObject({ Config: z.array(z.looseObject({ Subnet: z.string().optional() })).nullish() }),
  }),
);

/**
 * The bridge network of a slot's containers: they reach each other by name, and nobody else's. Without masquerading nothing that they
 * send outwards is ever answered. It is made once and stays: Docker 20.10 does not start again when it ended in the middle of the
 * removal of a network (seen: a panic in libnetwork's `reservePools`), so none is removed as part of daily work.
 */
export async function ensureNetwork(
  ports: { engine: Engine; procfs: string; deviceId: string },
  slot: string,
  isOutbound: boolean,
): Promise<string> {
  const { engine, deviceId } = ports;
  const name = `flotilla-${deviceId}-${slot}-${isOutbound ? 'out' : 'in'}`;
  if (await engine.find({ method: 'GET', path: `/networks/${name}` }, Found)) return name;
  const body = {
    Name: name,
    Driver: 'bridge',
    CheckDuplicate: true,
    Labels: { [LABELS.device]: deviceId, [LABELS.slot]: slot },
    Options: { 'com.docker.network.bridge.enable_ip_masquerade': String(isOutbound) },
  };
  await create(engine, body).catch(async (error: unknown) => {
    const subnet = isOutOfAddresses(error) ? await ownSubnet(ports) : null;
    if (subnet === null) throw error;
    await create(engine, { ...body, IPAM: { Config: [{ Subnet: subnet }] } });
  });
  return name;
}

async function create(engine: Engine, body: object): Promise<void> {
  await engine.run({ method: 'POST', path: '/networks/create', body }).catch((error: unknown) => {
    if (!(error instanceof EngineError && error.status === 409)) throw error;
  });
}

/**
 * Docker has 31 networks to give unless it is configured, and every Compose project takes one; bridges of an engine that fell count too.
 * A model must be served all the same.
 */
function isOutOfAddresses(error: unknown): boolean {
  return error instanceof EngineError && /address pool/i.test(error.message);
}

async function ownSubnet({ engine, procfs }: { engine: Engine; procfs: string }): Promise<string | null> {
  const networks = await engine.json({ method: 'GET', path: '/networks' }, Networks);
  const taken = networks.flatMap(({ IPAM }) => IPAM.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);
  return freeSubnet((await readText(join(procfs, 'net/route'))) ?? '', taken);
}
