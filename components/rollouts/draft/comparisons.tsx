import type { RolloutPreview } from '@/server/queries/rollout-preview.ts';
import { Clock } from '../../ui/time.tsx';
import classes from './dry-run-aside.module.css';
import { shortagesOf } from './outlook-words.ts';

/** Says before the start when gates would have too little to compare with, and when they will have enough. */
export function Comparisons({ preview: { outlook } }: { preview: RolloutPreview }) {
  const shortages = shortagesOf(outlook);
  if (shortages.length === 0) return null;
  return (
    <div className={classes.overlaps}>
      <h3 className={classes.overlapsTitle}>Little to compare with yet</h3>
      {shortages.map(({ sentence, withoutIt, enoughAt }) => (
        <p key={sentence} className={classes.shortage}>
          {sentence}
          {enoughAt && (
            <>
              {' There will be at about '}
              <Clock at={enoughAt} style="time" />.
            </>
          )}{' '}
          <span className={classes.dim}>{withoutIt}</span>
        </p>
      ))}
    </div>
  );
}
