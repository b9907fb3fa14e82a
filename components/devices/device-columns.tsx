import type { DeviceTableRow } from '@/server/queries/device-table.ts';
import { evenly } from '../charts/prepare/spark.ts';
import { Sparkline } from '../charts/sparkline.tsx';
import { Status } from '../status/status.tsx';
import type { Column } from '../table/columns.tsx';
import { ABSENT, formatNumber, NBSP } from '../ui/format.ts';
import { VersionTag } from '../ui/tags.tsx';
import classes from './device-columns.module.css';
import { writeLabels } from './label-text.ts';
import { updateWord } from './update-word.ts';

/** What the server's trend covers. */
const TREND = { spanMs: 3_600_000, stepMs: 120_000 };

const SPARK_TONES = { healthy: 'quiet', unknown: 'quiet', attention: 'attention', critical: 'critical' } as const;

/** Columns of the device table. */
export const DEVICE_COLUMNS: readonly Column<DeviceTableRow>[] = [
  { id: 'name', title: 'Device', isTitle: true, render: ({ name }) => name },
  {
    id: 'connectivity',
    title: 'Connectivity',
    render: ({ status: { connectivity } }) => (
      <Status axis="connectivity" value={connectivity.value} since={connectivity.since} />
    ),
  },
  {
    id: 'health',
    title: 'Health',
    render: ({ status: { health } }) => <Status axis="health" value={health.value} since={health.since} />,
  },
  {
    id: 'update',
    title: 'Update',
    render: (row) => (
      <Status axis="update" value={row.status.update.value} since={row.status.update.since} word={updateWord(row)} />
    ),
  },
  { id: 'release', title: 'Release', render: ({ serving }) => <Serving serving={serving} /> },
  { id: 'trend', title: 'p95, 1 h', render: (row) => <Trend row={row} /> },
  {
    id: 'p95',
    title: 'ms',
    align: 'right',
    render: (row) => <Figure row={row} value={row.recent?.p95Ms} digits={1} isStrong />,
  },
  { id: 'energy', title: 'mJ / inf.', align: 'right', render: (row) => <Energy row={row} /> },
  {
    id: 'temp',
    title: '°C',
    align: 'right',
    render: (row) => <Figure row={row} value={row.recent?.tempC} digits={0} absent="no sensor" />,
  },
  {
    id: 'labels',
    title: 'Labels',
    width: 168,
    isCut: true,
    render: ({ labels }) => (
      <span className={classes.labels} title={writeLabels(labels).join('\n')}>
        {writeLabels(labels).join('  ')}
      </span>
    ),
  },
];

function Serving({ serving }: Pick<DeviceTableRow, 'serving'>) {
  if (!serving) return <span className={classes.nothing}>nothing</span>;
  return (
    <VersionTag
      id={`${serving.modelName}@${serving.version}`}
      name={serving.version}
      note={`${NBSP}${serving.modelName}`}
    />
  );
}

function Trend({ row }: { row: DeviceTableRow }) {
  const last = row.trend.at(-1);
  if (!last) return null;
  const to = last.t + TREND.stepMs;
  const points = row.trend.map(({ t, p95Ms }) => ({ t, value: p95Ms }));
  return (
    <Sparkline
      values={evenly(points, { from: to - TREND.spanMs, to, stepMs: TREND.stepMs })}
      label={`p95 of ${row.name} over the last hour`}
      tone={SPARK_TONES[row.status.health.value]}
    />
  );
}

type FigureProps = {
  row: DeviceTableRow;
  value: number | null | undefined;
  digits: number;
  isStrong?: boolean;
  /** Said where the device reports, but not this. */
  absent?: string;
};

/** A number of the last ten minutes, in the unit of its column's head. Dimmed when the device may say otherwise by now. */
function Figure({ row, value, digits, isStrong = false, absent = ABSENT }: FigureProps) {
  if (value === null || value === undefined)
    return <span className={classes.absent}>{row.recent === null ? ABSENT : absent}</span>;
  const isOld = row.status.connectivity.value !== 'online';
  return (
    <span className={classes.figure} data-strong={isStrong && !isOld} data-old={isOld}>
      {formatNumber(value, digits)}
    </span>
  );
}

function Energy({ row }: { row: DeviceTableRow }) {
  const isEstimate = row.powerSources.includes('estimate') && row.recent?.energyMj != null;
  return (
    <>
      {isEstimate && (
        <abbr className={classes.estimate} title="An estimate out of processor time, not measured">
          est.
        </abbr>
      )}
      <Figure row={row} value={row.recent?.energyMj} digits={1} />
    </>
  );
}
