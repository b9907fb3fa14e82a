'use client';

import { Button } from '@mantine/core';
import Link from 'next/link';
import { withQuery } from '../../routes.ts';
import { Page } from '../../shell/page.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { Columns } from '../../ui/section.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { DryRunAside } from './dry-run-aside.tsx';
import { GatesFold } from './gates-fold.tsx';
import { AbsenceFold, PaceFold, TargetFold } from './limit-folds.tsx';
import { NameField } from './name-field.tsx';
import { PlannerFold } from './planner-fold.tsx';
import { InputFold, ProofFold } from './release-folds.tsx';
import { TargetFields } from './target-fields.tsx';
import { Templates } from './templates.tsx';
import { TimesFold } from './times-fold.tsx';
import { useDraft } from './use-draft.ts';
import { useDryRun } from './use-dry-run.ts';
import { VersionFields } from './version-fields.tsx';
import { WavesFold } from './waves-fold.tsx';

/** Plans a rollout: choose a version and devices, see what would happen to each of them, start. */
export function NewRolloutPage() {
  const { at } = useOrg();
  const draft = useDraft();
  const dryRun = useDryRun(draft);
  const { model, version } = draft.names;
  return (
    <Page crumbs={[{ label: 'Rollouts', href: at.rollouts() }, { label: 'New rollout' }]}>
      <PageHead
        title={model && version ? `Roll out ${model} ${version}` : 'Roll out a version'}
        sentence="Choose a version and devices. The rest has safe values; open it where you want others."
      />
      <QueryView query={draft.models} what="The list of models" skeleton={<SkeletonRows columns={2} rows={6} />}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              title="There is nothing to roll out yet"
              action={
                <Button component={Link} href={withQuery(at.models(), { upload: 'true' })} variant="filled">
                  Upload a version
                </Button>
              }
            >
              A rollout moves a version of a model. Upload its .onnx file first.
            </EmptyState>
          ) : (
            <Columns width="wide" aside={<DryRunAside draft={draft} dryRun={dryRun} />}>
              <VersionFields draft={draft} models={items} />
              <TargetFields draft={draft} />
              <NameField draft={draft} />
              <Templates draft={draft} />
              <WavesFold draft={draft} />
              <GatesFold draft={draft} />
              <PlannerFold draft={draft} />
              <PaceFold draft={draft} />
              <AbsenceFold draft={draft} />
              <TimesFold draft={draft} />
              <TargetFold draft={draft} />
              <InputFold draft={draft} />
              <ProofFold draft={draft} />
            </Columns>
          )
        }
      </QueryView>
    </Page>
  );
}
