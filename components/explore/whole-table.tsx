'use client';

import Link from 'next/link';
import { ScrollRegion } from '@/components/ui/scroll-region';
import { metricTitle, metricWords } from '@/server/domain/telemetry/metric-words.ts';
import type { Explored } from '@/server/queries/explore.ts';
import { entityColor } from '../ui/entity-color.ts';
import { formatCount, formatQuantity } from '../ui/format.ts';
import { Quantity } from '../ui/quantity.tsx';
import { Section } from '../ui/section.tsx';
import { Swatch } from '../ui/tags.tsx';
import { useOrg } from '../ui/use-org.ts';
import { changeOf } from './metrics.ts';
import { wholeRows } from './series.ts';
import type { ExploreView } from './use-explore-url.ts';
import classes from './whole-table.module.css';

/** Smaller than this a difference reads as none. */
const NOTHING = 0.0005;

/** Each line over the whole range, and beside it how it differs from the first. */
export function WholeTable({ view, result }: { view: ExploreView; result: Explored }) {
  const { at } = useOrg();
  const rows = wholeRows(result, view.metrics);
  const [base] = rows;
  return (
    <Section
      title="The whole range"
      sentence={rows.length > 1 && base ? `differences are against ${base.label}` : undefined}
    >
      <ScrollRegion className={classes.scroll} label="Values of the whole range">
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col" data-end>
                Samples
              </th>
              {view.metrics.map((metric) => (
                <th key={metric} scope="col" data-end>
                  {metricTitle(metric)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  <span className={classes.line}>
                    <Swatch color={entityColor(row.id)} />
                    {row.deviceId ? <Link href={at.device(row.deviceId)}>{row.label}</Link> : row.label}
                  </span>
                </th>
                <td data-end>{formatCount(row.samples)}</td>
                {row.values.map(({ metric, value, base: other }) => (
                  <td key={metric} data-end>
                    <Quantity value={value} unit={metricWords[metric].unit} />{' '}
                    {rows.length > 1 && <Change metric={metric} value={value} base={other} />}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </Section>
  );
}

type ChangeProps = { metric: keyof typeof metricWords; value: number | null; base: number | null };

function Change({ metric, value, base }: ChangeProps) {
  const change = changeOf(metric, value, base);
  if (!change) return <span className={classes.change} />;
  const { better } = metricWords[metric];
  const isFlat = Math.abs(change.value) < (change.unit === 'pt' ? 0.05 : NOTHING);
  const isGood = better === undefined || isFlat ? null : change.value > 0 === (better === 'more');
  return (
    <span className={classes.change} data-good={isGood === null ? undefined : isGood}>
      {formatQuantity(change.value, change.unit, { signed: true, digits: 1 })}
      {isGood !== null && <span className={classes.said}>{isGood ? ' better' : ' worse'}</span>}
    </span>
  );
}
