'use client';

import { isError } from '@/server/domain/rollout/states.ts';
import type { RolloutListRow } from '@/server/queries/rollout-pages.ts';
import { Status } from '../../status/status.tsx';
import type { DeploymentState } from '../../status/types.ts';
import type { Column } from '../../table/columns.tsx';
import { CompactRow } from '../../table/compact-list.tsx';
import { entityColor } from '../../ui/entity-color.ts';
import { formatCount } from '../../ui/format.ts';
import { Swatch } from '../../ui/tags.tsx';
import { Age } from '../../ui/time.tsx';
import { byWhom } from '../live/words.ts';
import classes from './rollout-columns.module.css';
import { WaveBar } from './wave-bar.tsx';

export const rolloutColumns: Column<RolloutListRow>[] = [
  { id: 'name', title: 'Rollout', isTitle: true, render: (rollout) => <Name rollout={rollout} /> },
  {
    id: 'state',
    title: 'State',
    render: ({ state, stateSince }) => <Status axis="rollout" value={state} since={stateSince} />,
  },
  { id: 'waves', title: 'Waves', render: ({ waves }) => <WaveBar waves={waves} /> },
  {
    id: 'devices',
    title: 'Devices done',
    align: 'right',
    render: (rollout) => <Devices rollout={rollout} />,
  },
  {
    id: 'failed',
    title: 'Failed',
    align: 'right',
    render: ({ counts }) => {
      const failed = sum(counts, isError);
      return failed === 0 ? <span className={classes.dim}>none</span> : <b>{formatCount(failed)}</b>;
    },
  },
  {
    id: 'created',
    title: 'Begun',
    sortKey: 'begun',
    render: ({ startedAt, createdAt, createdBy, rollbackOfId }) => (
      <span className={classes.dim}>
        <Age at={startedAt ?? createdAt} after=" ago" />
        {byWhom(createdBy, rollbackOfId !== null)}
      </span>
    ),
  },
];

/** A rollout as two lines, for phones. */
export function CompactRollout({ rollout }: { rollout: RolloutListRow }) {
  const { state, stateSince, waves, createdBy, rollbackOfId } = rollout;
  return (
    <CompactRow title={<Name rollout={rollout} />} end={<Status axis="rollout" value={state} since={stateSince} />}>
      <WaveBar waves={waves} />
      <Devices rollout={rollout} />
      <span>{byWhom(createdBy, rollbackOfId !== null)}</span>
    </CompactRow>
  );
}

function Name({ rollout: { name, release } }: { rollout: RolloutListRow }) {
  return (
    <span className={classes.name}>
      {release && <Swatch color={entityColor(`${release.modelName}@${release.version}`)} />}
      {name}
    </span>
  );
}

function Devices({ rollout: { counts } }: { rollout: RolloutListRow }) {
  const all = sum(counts, () => true);
  return (
    <span>
      <b>{formatCount(counts.succeeded ?? 0)}</b> <span className={classes.dim}>of {formatCount(all)}</span>
    </span>
  );
}

function sum(counts: RolloutListRow['counts'], isCounted: (state: DeploymentState) => boolean): number {
  const entries = Object.entries(counts) as [DeploymentState, number][];
  return entries.reduce((total, [state, count]) => (isCounted(state) ? total + count : total), 0);
}
