import type { StoredWave } from '@/server/db/waves.ts';
import { formatCount } from '../../ui/format.ts';
import classes from './wave-bar.module.css';

type WaveBarProps = { waves: readonly Pick<StoredWave, 'position' | 'name' | 'state'>[] };

/** The waves of a rollout as one bar, a piece for each, and in words how far they are. */
export function WaveBar({ waves }: WaveBarProps) {
  return (
    <span className={classes.waves}>
      <span className={classes.bar} aria-hidden="true">
        {waves.map(({ position, name, state }) => (
          <i key={position} data-state={state} title={`${name}: ${state}`} />
        ))}
      </span>
      {wordsOf(waves)}
    </span>
  );
}

function wordsOf(waves: WaveBarProps['waves']): string {
  const current = waves.find(({ state }) => state === 'rolling' || state === 'baking' || state === 'failed');
  if (current && waves.length > 1) return `${formatCount(current.position + 1)} of ${waves.length} ${current.state}`;
  if (current) return current.state;
  const passed = waves.filter(({ state }) => state === 'passed').length;
  return `${formatCount(passed)} of ${waves.length} passed`;
}
