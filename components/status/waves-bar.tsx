import type { RolloutState } from './types.ts';
import classes from './waves-bar.module.css';

type WavesBarProps = {
  /** Devices of each wave, in order. */
  sizes: readonly number[];
  /** Devices of the whole rollout that are finished with it, counted from the first wave on. */
  finished: number;
  /** The wave that is under way, by its place; past the last one when none is. */
  current: number;
  state: RolloutState;
  /** The same in words, for people who do not see it. */
  label: string;
};

const TONES: Partial<Record<RolloutState, 'now' | 'halt'>> = {
  running: 'now',
  paused: 'halt',
  aborting: 'halt',
  'rolling-back': 'halt',
};

/** A rollout as a line of its waves, each as wide as it has devices: finished waves in ink, the one that moves in its tone. */
export function WavesBar({ sizes, finished, current, state, label }: WavesBarProps) {
  const waves = fillWaves(sizes, finished);
  return (
    <div className={classes.waves} role="img" aria-label={label}>
      {waves.map((wave, position) => (
        <i
          // biome-ignore lint/suspicious/noArrayIndexKey: a wave is its position
          key={position}
          style={{ flex: `${Math.max(wave.size, 0.01)} 0 0` }}
          data-tone={position === current ? (TONES[state] ?? 'done') : 'done'}
        >
          <u style={{ width: `${wave.share * 100}%` }} />
        </i>
      ))}
    </div>
  );
}

/** How much of each wave is finished when `finished` devices are, the first waves first. A wave without devices is finished. */
export function fillWaves(sizes: readonly number[], finished: number): { size: number; share: number }[] {
  let left = finished;
  return sizes.map((size) => {
    const share = size === 0 ? 1 : Math.min(1, left / size);
    left = Math.max(0, left - size);
    return { size, share };
  });
}
