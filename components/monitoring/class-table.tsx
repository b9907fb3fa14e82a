import { ScrollRegion } from '@/components/ui/scroll-region';
import type { AccuracyView } from '@/server/queries/accuracy.ts';
import { formatCount, formatQuantity } from '../ui/format.ts';
import classes from './monitoring.module.css';

type Scores = NonNullable<AccuracyView['classification']>['perClass'];
type ClassTableProps = { scores: Scores; names: readonly string[] | null; isOfObjects: boolean };

/** Precision, recall and F1 of each class. */
export function ClassTable({ scores, names, isOfObjects }: ClassTableProps) {
  const share = (value: number | null) => (value === null ? '–' : formatQuantity(value, 'ratio', { digits: 1 }));
  return (
    <ScrollRegion className={classes.scroll} label="Scores by class">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col" data-end>
              Precision
            </th>
            <th scope="col" data-end>
              Recall
            </th>
            <th scope="col" data-end>
              F1
            </th>
            <th scope="col" data-end>
              {isOfObjects ? 'Objects' : 'Labels'}
            </th>
          </tr>
        </thead>
        <tbody>
          {scores.map(({ index, precision, recall, f1, actual }) => (
            <tr key={index}>
              <th scope="row">{names?.[index] ?? `class ${index}`}</th>
              <td data-end>{share(precision)}</td>
              <td data-end>{share(recall)}</td>
              <td data-end>{share(f1)}</td>
              <td data-end>{formatCount(Math.round(actual))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
