import * as z from 'zod';
import { removeContainer } from './container.ts';
import { LABELS } from './container-spec.ts';
import type { Engine } from './engine/engine.ts';

const Containers = z.array(z.looseObject({ Id: z.string() }));

/** Removes what an agent that was killed has left running. Found by this device's label; nobody else's is touched. */
export async function removeLeftovers(engine: Engine, deviceId: string): Promise<number> {
  const filters = JSON.stringify({ label: [`${LABELS.device}=${deviceId}`] });
  const query = { all: 'true', filters };
  const containers = await engine.json({ method: 'GET', path: '/containers/json', query }, Containers);
  for (const { Id } of containers) await removeContainer(engine, Id);
  return containers.length;
}
