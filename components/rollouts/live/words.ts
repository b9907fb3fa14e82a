import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import type { DeploymentState } from '../../status/types.ts';
import { formatDuration, formatQuantity, plural } from '../../ui/format.ts';

/** One wave of the live page. */
export type Wave = RolloutPage['waves'][number];

/** One gate of a wave, with the numbers it is judged on. */
export type Gate = Wave['gates'][number];

const METRICS: Record<Gate['metric'], { word: string; sample: string }> = {
  accuracy: { word: 'Accuracy', sample: 'labelled inference' },
  error_rate: { word: 'Errors', sample: 'inference' },
};

/** A gate's name in a table and in sentences. */
export function gateWord(metric: Gate['metric']): string {
  return METRICS[metric].word;
}

/** "1,240 labelled inferences". */
export function sampleText(metric: Gate['metric'], n: number): string {
  return plural(n, METRICS[metric].sample);
}

/** A share as gates show it: "94.7 %". */
export function shareText(share: number, metric: Gate['metric']): string {
  return formatQuantity(share, 'ratio', { digits: metric === 'error_rate' ? 2 : 1 });
}

/** "≥ 90.0 %" or "≤ 1.00 %". */
export function limitText({ metric, limit }: Pick<Gate, 'metric' | 'limit'>): string {
  return `${metric === 'accuracy' ? '≥' : '≤'} ${shareText(limit, metric)}`;
}

/** A planned length: "10 min", "2 h". */
export function secondsText(seconds: number): string {
  return formatDuration(seconds * 1000);
}

/** " by Ingrid"; a roll back that no person asked for is the engine's, and nothing is said where nobody is known. */
export function byWhom(name: string | null, isRollBack: boolean): string {
  if (name !== null) return ` by ${name}`;
  return isRollBack ? ' by the engine' : '';
}

const NEVER_TOLD: readonly DeploymentState[] = ['queued', 'cancelled', 'superseded'];

/** Was the device told to move? These are the ones that a rollback brings back. */
export function wasTold(state: DeploymentState): boolean {
  return !NEVER_TOLD.includes(state);
}

/** What became of devices that arrived: they serve the release, are back where a roll back brings them, or had moved and went back. */
export type Arrival = 'serve' | 'back' | 'had-moved';

export function arrivalOf({ rollout, release }: Pick<RolloutPage, 'rollout' | 'release'>): Arrival {
  if (release === null) return 'back';
  const { state } = rollout;
  return state === 'rolling-back' || state === 'rolled-back' || state === 'rollback-incomplete' ? 'had-moved' : 'serve';
}

/** "1 device serves it", "3 devices are back". */
export function arrivedWords(count: number, arrival: Arrival): string {
  switch (arrival) {
    case 'serve':
      return count === 1 ? 'serves it' : 'serve it';
    case 'back':
      return count === 1 ? 'is back' : 'are back';
    case 'had-moved':
      return 'had moved';
  }
}

/** Does the device serve the release, as far as is known? */
export function serves(state: DeploymentState): boolean {
  return state === 'succeeded' || state === 'observing';
}
