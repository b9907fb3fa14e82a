'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { Status, ToneWord } from '../status/status.tsx';
import { useTRPC } from '../trpc/client.ts';
import { plural } from '../ui/format.ts';
import { Age } from '../ui/time.tsx';
import { useOrg } from '../ui/use-org.ts';
import { madeAtMs } from './id-time.ts';
import classes from './waiting-devices.module.css';

/** Devices looked through for new ones. */
const MAX_LOOKED_AT = 200;

/** A clock that runs a little behind must not hide the first device. */
const SLACK_MS = 2000;

type WaitingDevicesProps = {
  since: Date;
  maxUses: number;
  /** Narrows the look in a large fleet: every device that joins with the token has its labels. */
  labels: Readonly<Record<string, string>>;
};

/** Waits for the first device to join, then shows each as it comes, with the way to it. */
export function WaitingDevices({ since, maxUses, labels }: WaitingDevicesProps) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const selector = Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const query = useQuery(trpc.devices.table.queryOptions({ org, limit: MAX_LOOKED_AT, ...(selector && { selector }) }));
  const joined = (query.data?.rows ?? [])
    .map((row) => ({ ...row, joinedAtMs: madeAtMs(row.id) }))
    .filter(({ joinedAtMs }) => joinedAtMs >= since.getTime() - SLACK_MS)
    .sort((a, b) => b.joinedAtMs - a.joinedAtMs);
  return (
    <div className={classes.box} aria-live="polite">
      {joined.length === 0 ? (
        <ToneWord glyph="hourglass" tone="progress">
          Waiting for the first device. It will appear here.
        </ToneWord>
      ) : (
        <>
          <ToneWord glyph="check" tone="ok">
            {maxUses === 1 ? `${joined[0]?.name ?? 'It'} has joined` : `${plural(joined.length, 'device')} joined`}
          </ToneWord>
          <ul className={classes.list}>
            {joined.map(({ id, name, joinedAtMs, status }) => (
              <li key={id} className={classes.device}>
                <Link href={at.device(id)}>{name}</Link>
                <Status axis="connectivity" value={status.connectivity.value} />
                <span className={classes.dim}>
                  joined <Age at={joinedAtMs} after=" ago" />
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
