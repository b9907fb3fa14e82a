import { setTimeout as delay } from 'node:timers/promises';
import { defaultGates } from '../../domain/rollout/gates/default-gates.ts';
import { defaultWaves } from '../../domain/rollout/plan.ts';
import { makeRelease, registerVersion, rollOutFirst } from '../demo/seed.ts';
import type { RestClient } from '../local/rest-client.ts';

/** The first release of a large fleet may take this long. */
const FIRST_TIMEOUT_MS = 600_000;

/** Both versions, and the first of them on every device that the selector holds, for so long that there is something to compare with. */
export async function serveFirst(
  rest: RestClient,
  { selector, beforeS }: { selector: string; beforeS: number },
): Promise<void> {
  await registerVersion(rest, '1.0.0');
  await registerVersion(rest, '2.0.0');
  await rollOutFirst(rest, await makeRelease(rest, '1.0.0'), { selector, timeoutMs: FIRST_TIMEOUT_MS });
  await delay(beforeS * 1000);
}

/**
 * The next version with the waves and gates that the console offers first, but for the length of the bake: what a scenario shows is what
 * the product does by itself. Returns the rollout's id.
 */
export async function rollOutScenario(
  rest: RestClient,
  { selector, bakeS }: { selector: string; bakeS: number },
): Promise<string> {
  const waves = defaultWaves.map((wave) => ({ ...wave, bake: { seconds: bakeS, gates: defaultGates } }));
  const { id } = await rest.call<{ id: string }>('POST', '/rollouts', {
    releaseId: await makeRelease(rest, '2.0.0'),
    plan: { selector, waves, onErrors: 'roll-back', timeoutS: 300 },
    start: true,
  });
  return id;
}
