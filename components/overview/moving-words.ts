import { isError, isInFlight } from '@/server/domain/rollout/states.ts';
import { assignWaves } from '@/server/domain/rollout/waves.ts';
import type { RolloutListRow } from '@/server/queries/rollout-pages.ts';
import { isDeploymentState } from '../status/registry.ts';
import { formatCount, plural } from '../ui/format.ts';

/** How a rollout's devices stand, out of its counts by state. */
export type Tally = { total: number; serve: number; inFlight: number; errors: number };

export function tallyOf({ counts }: Pick<RolloutListRow, 'counts'>): Tally {
  const tally = { total: 0, serve: 0, inFlight: 0, errors: 0 };
  for (const [state, count] of Object.entries(counts)) {
    if (!isDeploymentState(state)) continue;
    tally.total += count;
    if (state === 'succeeded') tally.serve += count;
    if (isInFlight(state)) tally.inFlight += count;
    if (isError(state)) tally.errors += count;
  }
  return tally;
}

/** Devices of each wave, by the same rule that gave them out. */
export function waveSizes({ plan }: Pick<RolloutListRow, 'plan'>, total: number): number[] {
  const targets = Array.from({ length: total }, (_, i) => ({ deviceId: String(i), isReachable: true, name: '' }));
  return assignWaves(plan, targets).map((wave) => wave.length);
}

const WAVE_VERBS = { rolling: 'is rolling', baking: 'is baking', pending: 'comes next', failed: 'failed' } as const;

/** The wave that is under way, by its place; the number of waves when none is. */
export function currentWave({ waves }: Pick<RolloutListRow, 'waves'>): number {
  const at = waves.findIndex((wave) => wave.state !== 'passed' && wave.state !== 'skipped');
  return at === -1 ? waves.length : at;
}

/** What a rollout does now, and since when: its wave while it runs, its state otherwise. */
export function movingNow({ state, stateSince, waves }: Pick<RolloutListRow, 'state' | 'stateSince' | 'waves'>): {
  word: string | undefined;
  since: Date;
} {
  const at = currentWave({ waves });
  const wave = waves[at];
  if (state !== 'running' || !wave || wave.state === 'passed' || wave.state === 'skipped')
    return { word: undefined, since: stateSince };
  const since = (wave.state === 'baking' ? wave.bakingAt : wave.startedAt) ?? stateSince;
  return { word: `Wave ${at + 1} of ${waves.length} ${WAVE_VERBS[wave.state]}`, since };
}

/** One sentence with the rollout's numbers, and why it stands still if it does. */
export function movingSentence(rollout: Pick<RolloutListRow, 'counts' | 'state' | 'stateReason'>): string {
  const { total, serve, inFlight, errors } = tallyOf(rollout);
  const numbers = [
    `${formatCount(serve)} of ${plural(total, 'device')} ${serve === 1 ? 'serves' : 'serve'} it`,
    inFlight > 0 && `${formatCount(inFlight)} on the way`,
    errors > 0 && `${formatCount(errors)} did not take it`,
  ].filter(Boolean);
  const detail = rollout.stateReason?.detail.replace(/\.$/, '') ?? 'Paused';
  const why = rollout.state === 'paused' ? ` ${capital(detail)}. It waits for a person.` : '';
  return `${numbers.join(', ')}.${why}`;
}

function capital(sentence: string): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}
