import { ScrollRegion } from '@/components/ui/scroll-region';
import type { AccuracyView } from '@/server/queries/accuracy.ts';
import { formatCount } from '../ui/format.ts';
import classes from './monitoring.module.css';

/** More classes than this are no picture any more; the scores by class tell. */
const MAX_SHOWN = 12;

type ConfusionTableProps = { confusion: NonNullable<AccuracyView['confusion']>; names: readonly string[] | null };

/** What was answered, by what was right: counts, shaded by their share of the row. */
export function ConfusionTable({ confusion: { classes: count, counts }, names }: ConfusionTableProps) {
  if (count > MAX_SHOWN) return null;
  const indexes = Array.from({ length: count }, (_, index) => index);
  const name = (index: number) => names?.[index] ?? `class ${index}`;
  const at = (actual: number, predicted: number) => counts[actual * count + predicted] ?? 0;
  return (
    <ScrollRegion className={classes.scroll} label="Confusion matrix">
      <table className={classes.confusion}>
        <caption className={classes.caption}>Rows are what was right, columns what was answered.</caption>
        <thead>
          <tr>
            <td />
            {indexes.map((index) => (
              <th key={index} scope="col">
                {name(index)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {indexes.map((actual) => {
            const row = indexes.reduce((sum, predicted) => sum + at(actual, predicted), 0);
            return (
              <tr key={actual}>
                <th scope="row">{name(actual)}</th>
                {indexes.map((predicted) => (
                  <td
                    key={predicted}
                    data-right={actual === predicted}
                    style={{ '--share': row > 0 ? at(actual, predicted) / row : 0 }}
                  >
                    {formatCount(at(actual, predicted))}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
