'use client';

import type { Signal } from '@/server/queries/overview.ts';
import { evenly, stepOfPoints } from '../charts/prepare/spark.ts';
import { Sparkline } from '../charts/sparkline.tsx';
import { Quantity } from '../ui/quantity.tsx';
import { signalLine } from './signals.ts';
import classes from './signals-list.module.css';

/** The fleet's main numbers: the last hour as a line, its value, and the change against the hour before. */
export function SignalsList({ signals }: { signals: readonly Signal[] }) {
  return (
    <ul>
      {signals.map((signal) => {
        const line = signalLine(signal);
        return (
          line && (
            <li key={signal.metric} className={classes.signal}>
              <div>
                <h3>{line.label}</h3>
                <small>{line.note}</small>
              </div>
              <Line points={signal.points} label={`${line.label} over the last hour`} />
              <div className={classes.value}>
                <Quantity
                  value={line.value}
                  unit={line.unit}
                  isStrong
                  {...(line.digits !== undefined && { digits: line.digits })}
                />
                <small>{line.value === null ? '' : line.change}</small>
              </div>
            </li>
          )
        );
      })}
    </ul>
  );
}

function Line({ points, label }: { points: Signal['points']; label: string }) {
  const [first, last, stepMs] = [points[0], points.at(-1), stepOfPoints(points)];
  // The newest bucket is still filling: its rate would look like a fall.
  const values = first && last && stepMs ? evenly(points, { from: first.t, to: last.t, stepMs }) : [];
  return values.length > 1 ? <Sparkline values={values} label={label} width={104} height={22} /> : <span />;
}
