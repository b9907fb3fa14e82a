'use client';

import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { DryRunDevice } from '@/server/domain/rollout/dry-run.ts';
import { Status } from '../../status/status.tsx';
import { formatCount, plural } from '../../ui/format.ts';
import { ReasonCode } from '../../ui/tags.tsx';
import type { WaveDraft } from './draft.ts';
import type { DryRunGroups } from './dry-run-groups.ts';
import classes from './dry-run-list.module.css';

/** Names shown of a group before "more". */
const FIRST = 8;

/** The devices of a dry run by what would happen: wave by wave, then those that stay, each with the reason. */
export function DryRunList({ groups, waves }: { groups: DryRunGroups; waves: readonly WaveDraft[] }) {
  return (
    <ol className={classes.groups}>
      {waves.map((wave, i) => (
        <Group
          key={wave.id}
          title={`${i + 1}  ${wave.name}`}
          devices={groups.waves[i] ?? []}
          empty="nobody: the waves before it take every device of this size"
        />
      ))}
      {groups.alreadyThere.length > 0 && <Group title="Already there" devices={groups.alreadyThere} isQuiet />}
      {groups.incompatible.map(({ code, detail, devices }) => (
        <Group key={detail} title="Cannot run it" devices={devices} isQuiet>
          <p className={classes.why}>
            {detail} <ReasonCode code={code} tone="attention" />
          </p>
        </Group>
      ))}
    </ol>
  );
}

type GroupProps = {
  title: string;
  devices: readonly DryRunDevice[];
  isQuiet?: boolean;
  empty?: string;
  children?: ReactNode;
};

function Group({ title, devices, isQuiet, empty, children }: GroupProps) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? devices : devices.slice(0, FIRST);
  const rest = devices.length - shown.length;
  return (
    <li className={classes.group} data-quiet={isQuiet}>
      <h3 className={classes.title}>
        {title} <span>{formatCount(devices.length)}</span>
      </h3>
      {children}
      {devices.length === 0 && empty && <p className={classes.why}>{empty}</p>}
      <ul className={classes.names}>
        {shown.map(({ deviceId, name, connectivity, lastHeardAt }) => (
          <li key={deviceId}>
            {name}
            {connectivity !== 'online' && <Status axis="connectivity" value={connectivity} since={lastHeardAt} />}
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <Button variant="link" onClick={() => setAll(true)}>
          {`and ${plural(rest, 'more device', 'more devices')}`}
        </Button>
      )}
    </li>
  );
}
