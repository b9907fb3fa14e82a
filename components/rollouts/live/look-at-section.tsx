'use client';

import Link from 'next/link';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import { Status } from '../../status/status.tsx';
import { formatCount, formatQuantity } from '../../ui/format.ts';
import { SectionHead } from '../../ui/section.tsx';
import { ReasonCode } from '../../ui/tags.tsx';
import { Clock } from '../../ui/time.tsx';
import { useClockText } from '../../ui/use-now.ts';
import { useOrg } from '../../ui/use-org.ts';
import { devicesToLookAt, type LookRow } from './look-at.ts';
import classes from './look-at-section.module.css';

const LOOK_MS = 5000;

/** More rows than this are a list of devices, not a look. */
const MAX_ROWS = 50;

/** Devices that failed, hang or are out of reach: why, and what comes next for each. */
export function LookAtSection({ page }: { page: RolloutPage }) {
  const { at } = useOrg();
  const now = Number(useClockText((nowMs) => String(Math.floor(nowMs / LOOK_MS) * LOOK_MS)));
  const rows = devicesToLookAt(page, new Date(now));
  const shown = rows.slice(0, MAX_ROWS);
  const total = page.members.length;
  return (
    <>
      <SectionHead
        title="Devices to look at"
        sentence={
          rows.length === 0 ? `none of ${formatCount(total)}` : `${formatCount(rows.length)} of ${formatCount(total)}`
        }
        end={
          <Link className={classes.all} href={at.devices()}>
            All devices
          </Link>
        }
      />
      {rows.length === 0 ? (
        <p className={classes.none}>No device of this rollout has failed, hangs, or is out of reach.</p>
      ) : (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Device</th>
              <th scope="col">State</th>
              <th scope="col">Why</th>
              <th scope="col">Next</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.member.deploymentId}>
                <th scope="row">
                  <Link href={at.device(row.member.deviceId)}>{row.member.deviceName}</Link>
                </th>
                <td>
                  <RowStatus row={row} />
                </td>
                <td className={classes.why}>
                  {row.why}{' '}
                  {row.kind === 'trouble' && row.member.reasonCode && <ReasonCode code={row.member.reasonCode} />}
                </td>
                <td className={classes.next}>
                  {typeof row.next === 'string' ? (
                    row.next
                  ) : (
                    <>
                      tries again at <Clock at={row.next.at} style="minute" />
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rows.length > shown.length && (
        <p className={classes.none}>{`${formatCount(rows.length - shown.length)} more are not shown.`}</p>
      )}
    </>
  );
}

function RowStatus({ row: { member, kind } }: { row: LookRow }) {
  const { state, stateSince, connectivity, lastHeardAt, bytes, totalBytes } = member;
  if (kind === 'dark') return <Status axis="connectivity" value={connectivity} since={lastHeardAt} />;
  const share = state === 'downloading' && bytes !== null && totalBytes ? bytes / totalBytes : null;
  const word = share === null ? undefined : formatQuantity(share, 'ratio', { digits: 0 });
  return <Status axis="deployment" value={state} since={stateSince} word={word} />;
}
