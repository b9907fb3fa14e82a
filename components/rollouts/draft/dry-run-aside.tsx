'use client';

import { formatQuantity, plural } from '../../ui/format.ts';
import { problemOf } from '../../ui/problem.ts';
import { SectionHead } from '../../ui/section.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import classes from './dry-run-aside.module.css';
import { DryRunList } from './dry-run-list.tsx';
import { hasProblems } from './problems.ts';
import { StartActions } from './start-actions.tsx';
import type { DraftState } from './use-draft.ts';
import type { DryRun } from './use-dry-run.ts';

/** What starting now would do to every selected device, kept up to date while the plan is written. */
export function DryRunAside({ draft, dryRun }: { draft: DraftState; dryRun: DryRun }) {
  return (
    <div aria-live="polite" aria-busy={!dryRun.isCurrent}>
      <SectionHead title="Dry run" sentence="what starting now would do" />
      <DryRunBody draft={draft} dryRun={dryRun} />
    </div>
  );
}

function DryRunBody({ draft, dryRun }: { draft: DraftState; dryRun: DryRun }) {
  const { groups, error, retry, isCurrent } = dryRun;
  if (draft.names.model === '')
    return <p className={classes.dim}>Choose a model, and every device it would reach stands here.</p>;
  if (hasProblems(draft.problems))
    return <p className={classes.dim}>Put the marked fields right, and the dry run goes on.</p>;
  if (error) {
    const { sentence, requestId } = problemOf(error);
    return <ErrorState message="The dry run failed" advice={sentence} onRetry={retry} requestId={requestId} />;
  }
  if (!groups) return <SkeletonRows columns={2} rows={6} height={28} />;
  const { moving, totalBytes, deviceBytes, dark } = groups;
  return (
    <div className={classes.body} data-old={!isCurrent}>
      <p className={classes.answer}>
        {moving === 0 ? 'No device would move' : `${plural(moving, 'device')} ${moving === 1 ? 'moves' : 'move'}`}
      </p>
      {moving > 0 && (
        <p className={classes.dim}>
          {`At most ${formatQuantity(deviceBytes, 'bytes')} each, ${formatQuantity(totalBytes, 'bytes')} in all; parts a device has are not fetched again.`}
          {dark > 0 && ` ${plural(dark, 'device')} out of reach will be told on return.`}
        </p>
      )}
      <StartActions draft={draft} dryRun={dryRun} groups={groups} />
      <DryRunList groups={groups} waves={draft.plan.waves} />
    </div>
  );
}
