'use client';

import Link from 'next/link';
import type { RolloutPreview } from '@/server/queries/rollout-preview.ts';
import { Status } from '../../status/status.tsx';
import { formatDuration, formatQuantity, plural } from '../../ui/format.ts';
import { problemOf } from '../../ui/problem.ts';
import { SectionHead } from '../../ui/section.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Clock } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { Comparisons } from './comparisons.tsx';
import classes from './dry-run-aside.module.css';
import { DryRunList } from './dry-run-list.tsx';
import { hasProblems } from './problems.ts';
import { StartActions } from './start-actions.tsx';
import type { DraftState } from './use-draft.ts';
import type { DryRun } from './use-dry-run.ts';

/** What starting now would do to every selected device, kept up to date and in sight while the plan is written. */
export function DryRunAside({ draft, dryRun }: { draft: DraftState; dryRun: DryRun }) {
  return (
    <div className={classes.aside} aria-live="polite" aria-busy={!dryRun.isCurrent}>
      <SectionHead title="Dry run" sentence="what starting now would do" />
      <DryRunBody draft={draft} dryRun={dryRun} />
    </div>
  );
}

function DryRunBody({ draft, dryRun }: { draft: DraftState; dryRun: DryRun }) {
  const { preview, error, retry, isCurrent } = dryRun;
  if (draft.names.model === '')
    return <p className={classes.dim}>Choose a model, and every device it would reach stands here.</p>;
  if (hasProblems(draft.problems))
    return (
      <p className={classes.dim}>
        Put the marked fields right, and the dry run goes on.
        {draft.problems.other && ` ${draft.problems.other}.`}
      </p>
    );
  if (error) {
    const { sentence, requestId } = problemOf(error);
    return <ErrorState message="The dry run failed" advice={sentence} onRetry={retry} requestId={requestId} />;
  }
  if (!preview) return <SkeletonRows columns={2} rows={6} height={28} />;
  const { moving } = preview;
  return (
    <div>
      <p className={classes.answer}>
        {moving === 0 ? 'No device would move' : `${plural(moving, 'device')} ${moving === 1 ? 'moves' : 'move'}`}
        {!isCurrent && <span className={classes.again}>counting again</span>}
      </p>
      {moving > 0 && <Effort preview={preview} />}
      <StartActions draft={draft} dryRun={dryRun} preview={preview} />
      <Comparisons preview={preview} />
      <Overlaps preview={preview} />
      {dryRun.ready && <DryRunList preview={preview} waves={draft.plan.waves} request={dryRun.ready} />}
    </div>
  );
}

const BLOCKED: Record<RolloutPreview['blocked'][number]['code'], (count: number) => string> = {
  'device.offline': (count) => `${plural(count, 'device')} out of reach, told on return`,
  'penalty.box': (count) =>
    `${plural(count, 'device')} failed this release before and ${count === 1 ? 'rests' : 'rest'}`,
  'window.download': (count) => `${plural(count, 'device')} outside of the download window`,
  'rollout.scheduled': (count) => `${plural(count, 'device')} until the rollout starts`,
};

/** How long, how many bytes, and who has to wait. */
function Effort({ preview: { estimate, deviceBytes, totalBytes, blocked } }: { preview: RolloutPreview }) {
  return (
    <dl className={classes.effort}>
      <dt>Takes</dt>
      <dd>
        {`about ${formatDuration(roundedMs(estimate.seconds))}`}
        {estimate.waitS > 0 && `, of it ${formatDuration(roundedMs(estimate.waitS))} until the first may move`}
      </dd>
      <dt>Downloads</dt>
      <dd>
        {totalBytes === 0
          ? 'nothing: the devices have it'
          : `at most ${formatQuantity(deviceBytes, 'bytes')} each, ${formatQuantity(totalBytes, 'bytes')} in all`}
      </dd>
      {blocked.length > 0 && (
        <>
          <dt>Not at once</dt>
          <dd>
            {blocked.map(({ code, devices, until }) => (
              <p key={code}>
                {BLOCKED[code](devices)}
                {until && (
                  <>
                    {', until '}
                    <Clock at={until} style="datetime" />
                  </>
                )}
              </p>
            ))}
          </dd>
        </>
      )}
    </dl>
  );
}

const MINUTE_S = 60;
const HOUR_S = 3600;

/** An estimate is no more exact than this: minutes from a minute on, five minutes from ten hours on. */
function roundedMs(seconds: number): number {
  const step = seconds < MINUTE_S ? 1 : seconds < 10 * HOUR_S ? MINUTE_S : 5 * MINUTE_S;
  return Math.ceil(seconds / step) * step * 1000;
}

/** Other rollouts that have some of the devices: the newer one takes them. */
function Overlaps({ preview: { overlaps } }: { preview: RolloutPreview }) {
  const { at } = useOrg();
  if (overlaps.length === 0) return null;
  return (
    <div className={classes.overlaps}>
      <h3 className={classes.overlapsTitle}>Takes devices from other rollouts</h3>
      <ul>
        {overlaps.map(({ rolloutId, name, state, devices }) => (
          <li key={rolloutId}>
            <Link href={at.rollout(rolloutId)}>{name}</Link>
            <Status axis="rollout" value={state} />
            <span className={classes.dim}>{plural(devices, 'device')}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
