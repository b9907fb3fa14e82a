'use client';

import type { WhyRow } from '@/server/queries/why-not.ts';
import { Status } from '../../status/status.tsx';
import type { Column } from '../../table/columns.tsx';
import { formatQuantity } from '../../ui/format.ts';
import { ReasonCode } from '../../ui/tags.tsx';
import { Age, Clock } from '../../ui/time.tsx';
import { evidenceText, ownReason } from '../why-words.ts';
import classes from './device-columns.module.css';

const name: Column<WhyRow> = { id: 'device', title: 'Device', isTitle: true, render: ({ deviceName }) => deviceName };
const wave: Column<WhyRow> = {
  id: 'wave',
  title: 'Wave',
  align: 'right',
  render: (row) => (row.wave === null ? <span className={classes.dim}>none</span> : row.wave + 1),
};
const others: Column<WhyRow>[] = [
  { id: 'state', title: 'State', render: (row) => <PartStatus row={row} /> },
  { id: 'why', title: 'Why', render: (row) => <WhyText row={row} /> },
  { id: 'since', title: 'Since', render: ({ since }) => <Since at={since} /> },
  { id: 'next', title: 'Next try', render: (row) => <NextTry row={row} /> },
];

const withWave = [name, wave, ...others];
const withoutWave = [name, ...others];

export function whyColumns(hasWaves: boolean): Column<WhyRow>[] {
  return hasWaves ? withWave : withoutWave;
}

/** Where the device stands; one out of reach shows that instead, unless its part is over. */
export function PartStatus({ row: { part, code } }: { row: WhyRow }) {
  if (part === null)
    return <span className={classes.dim}>{code === 'device.incompatible' ? 'Incompatible' : 'Not in it'}</span>;
  const { kind, state, stateSince, connectivity, lastHeardAt, bytes, totalBytes } = part;
  if (kind === 'offline') return <Status axis="connectivity" value={connectivity} since={lastHeardAt} />;
  const share = state === 'downloading' && bytes !== null && totalBytes ? bytes / totalBytes : null;
  const word = share === null ? undefined : formatQuantity(share, 'ratio', { digits: 0 });
  return <Status axis="deployment" value={state} since={stateSince} word={word} />;
}

/** The reason's sentence; of a failure the device's own, with what it measured. */
export function WhyText({ row: { code, sentence, evidence } }: { row: WhyRow }) {
  const own = ownReason(evidence);
  const words = own?.text || sentence;
  const more = own?.text ? '' : evidenceText(evidence);
  const isDone = code === 'device.done' || code === 'device.already_there';
  return (
    <span className={classes.why} data-quiet={isDone}>
      {words}
      {more && <span className={classes.dim}>{` ${more}`}</span>} {own && <ReasonCode code={own.code} />}
    </span>
  );
}

function Since({ at }: { at: Date }) {
  return (
    <span className={classes.dim}>
      <Age at={at} />
    </span>
  );
}

/** When it is tried next, where a clock knows it. */
export function NextTry({ row: { nextTryAt } }: { row: Pick<WhyRow, 'nextTryAt'> }) {
  return <span className={classes.dim}>{nextTryAt ? <Clock at={nextTryAt} style="minute" /> : ''}</span>;
}
