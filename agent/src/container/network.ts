import * as z from 'zod';
import { LABELS } from './container-spec.ts';
import { type Engine, EngineError } from './engine/engine.ts';

const Found = z.looseObject({ Name: z.string() });

/**
 * The bridge network of a slot's containers: they reach each other by name, and nobody else's. Without masquerading nothing that they
 * send outwards is ever answered. It is made once and stays: Docker 20.10 does not start again when it ended in the middle of the
 * removal of a network (seen: a panic in libnetwork's `reservePools`), so none is removed as part of daily work.
 */
export async function ensureNetwork(
  engine: Engine,
  deviceId: string,
  slot: string,
  isOutbound: boolean,
): Promise<string> {
  const name = `flotilla-${deviceId}-${slot}-${isOutbound ? 'out' : 'in'}`;
  if (await engine.find({ method: 'GET', path: `/networks/${name}` }, Found)) return name;
  const body = {
    Name: name,
    Driver: 'bridge',
    CheckDuplicate: true,
    Labels: { [LABELS.device]: deviceId, [LABELS.slot]: slot },
    Options: { 'com.docker.network.bridge.enable_ip_masquerade': String(isOutbound) },
  };
  await engine.run({ method: 'POST', path: '/networks/create', body }).catch((error: unknown) => {
    if (!(error instanceof EngineError && error.status === 409)) throw error;
  });
  return name;
}
