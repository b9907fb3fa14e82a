'use client';

import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { DryRunDevice } from '@/server/domain/rollout/dry-run.ts';
import type { PreviewGroup, RolloutPreview } from '@/server/queries/rollout-preview.ts';
import { Status } from '../../status/status.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { formatCount, plural } from '../../ui/format.ts';
import { ReasonCode } from '../../ui/tags.tsx';
import { useOrg } from '../../ui/use-org.ts';
import classes from './dry-run-list.module.css';
import type { DryRun } from './use-dry-run.ts';
import type { WaveDraft } from './wave-draft.ts';

type Request = NonNullable<DryRun['ready']>;
type DryRunListProps = { preview: RolloutPreview; waves: readonly WaveDraft[]; request: Request };

/** The devices of a dry run by what would happen: wave by wave, then those that stay, each with the reason. */
export function DryRunList({ preview: { groups, estimate }, waves, request }: DryRunListProps) {
  return (
    <ol className={classes.groups}>
      {groups.map((group) => (
        <Group key={group.key} group={group} request={request} title={titleOf(group, waves)}>
          {group.kind === 'incompatible' && (
            <p className={classes.why}>
              {group.detail} <ReasonCode code={group.code} tone="attention" />
            </p>
          )}
          {group.kind === 'wave' && group.count === 0 && (
            <p className={classes.why}>
              {estimate.waves.length > 1 ? 'nobody: the waves before it take every device of this size' : 'nobody'}
            </p>
          )}
        </Group>
      ))}
    </ol>
  );
}

function titleOf(group: PreviewGroup, waves: readonly WaveDraft[]): string {
  if (group.kind === 'wave') return `${group.wave + 1}  ${waves[group.wave]?.name ?? ''}`;
  return group.kind === 'already-there' ? 'Already there' : 'Cannot run it';
}

type GroupProps = { group: PreviewGroup; request: Request; title: string; children: ReactNode };

function Group({ group, request, title, children }: GroupProps) {
  const [isAll, setAll] = useState(false);
  const rest = group.count - group.first.length;
  return (
    <li className={classes.group} data-quiet={group.kind !== 'wave'}>
      <h3 className={classes.title}>
        {title} <span>{formatCount(group.count)}</span>
      </h3>
      {children}
      {isAll ? <AllOf group={group} request={request} /> : <Names devices={group.first} />}
      {rest > 0 && !isAll && (
        <Button variant="link" onClick={() => setAll(true)}>
          {`and ${plural(rest, 'more device', 'more devices')}`}
        </Button>
      )}
    </li>
  );
}

/** All devices of a group, by page. */
function AllOf({ group: { key, first, count }, request }: Pick<GroupProps, 'group' | 'request'>) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.rollouts.previewDevices.infiniteQueryOptions(
      { org, ...request, group: key },
      { getNextPageParam: ({ next }) => next, initialCursor: 0, refetchInterval: false },
    ),
  );
  const devices = query.data?.pages.flatMap(({ items }) => items) ?? first;
  return (
    <>
      <Names devices={devices} />
      {(query.hasNextPage || query.isPending) && (
        <Button variant="link" loading={query.isFetching} onClick={() => void query.fetchNextPage()}>
          {`${formatCount(devices.length)} of ${formatCount(count)}: show more`}
        </Button>
      )}
    </>
  );
}

function Names({ devices }: { devices: readonly DryRunDevice[] }) {
  return (
    <ul className={classes.names}>
      {devices.map(({ deviceId, name, connectivity, lastHeardAt }) => (
        <li key={deviceId}>
          {name}
          {connectivity !== 'online' && <Status axis="connectivity" value={connectivity} since={lastHeardAt} />}
        </li>
      ))}
    </ul>
  );
}
