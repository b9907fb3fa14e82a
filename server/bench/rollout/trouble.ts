import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../main/local/until.ts';
import type { BenchStack } from './bench-stack.ts';

const TIMEOUT_MS = 120_000;
const LOOK_MS = 500;

/** Lets the scenario's trouble begin: some devices leave, and the server has noticed when this resolves. */
export async function goDark({ simulator, database }: BenchStack, say: (line: string) => void): Promise<void> {
  simulator.begin();
  let connected = -1;
  await until('the devices to leave', TIMEOUT_MS, async () => {
    await delay(LOOK_MS);
    const before = connected;
    connected = (await simulator.report()).connected;
    const { rows } = await database.query<{ online: number }>(
      'SELECT count(*)::int AS online FROM device WHERE online',
    );
    return connected === before && rows[0]?.online === connected;
  });
  say(`${connected} devices stay connected`);
}
