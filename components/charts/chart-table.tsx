'use client';
import { ScrollRegion } from '@/components/ui/scroll-region';

import { formatMoment } from '../ui/time.tsx';
import classes from './chart-table.module.css';
import type { Prepared } from './prepare/prepare.ts';

/** The data of a chart, bucket by bucket, newest first: the same numbers, for reading and for screen readers. */
export function ChartTable({ title, prepared }: { title: string; prepared: Prepared }) {
  const { rows, lines, unit, format } = prepared;
  const measured = rows
    .map((row, bucket) => ({ t: row.t, samples: lines.map((line) => line.at(bucket)) }))
    .filter((row) => row.samples.some((sample) => sample !== undefined))
    .reverse();
  return (
    <ScrollRegion className={classes.scroll} label={`${title} as a table`}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">From</th>
            {lines.map((line) => (
              <th key={line.id} scope="col">
                {unit === '' ? line.label : `${line.label}, ${unit}`}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {measured.map((row) => (
            <tr key={row.t}>
              <th scope="row">{formatMoment(row.t, 'datetime')}</th>
              {row.samples.map((sample, i) => (
                <td key={lines[i]?.id}>{sample ? format(sample.value) : 'no data'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
