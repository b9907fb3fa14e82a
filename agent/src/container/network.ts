import { randomBytes } from 'node:crypto';
import type { Engine } from './engine/engine.ts';

/**
 * A bridge network of one release's containers: they reach each other by name and nobody else's. Without masquerading nothing
 * that they send outwards is ever answered.
 */
export async function createNetwork(
  engine: Engine,
  slot: string,
  isOutbound: boolean,
  labels: Record<string, string>,
): Promise<string> {
  const name = `flotilla-${slot}-${randomBytes(6).toString('hex')}`;
  const body = {
    Name: name,
    Driver: 'bridge',
    CheckDuplicate: true,
    Labels: labels,
    Options: { 'com.docker.network.bridge.enable_ip_masquerade': String(isOutbound) },
  };
  await engine.run({ method: 'POST', path: '/networks/create', body });
  return name;
}

export async function removeNetwork(engine: Engine, name: string): Promise<void> {
  await engine.remove(`/networks/${name}`);
}
