import { ScrollRegion } from '@/components/ui/scroll-region';
import type { DriftView } from '@/server/queries/drift.ts';
import { formatCount } from '../ui/format.ts';
import classes from './monitoring.module.css';
import { binLabel, featureTitle, stateWords } from './words.ts';

/** The numbers behind the pictures: every distribution, and where it differs most. */
export function DriftTable({ view: { features } }: { view: DriftView }) {
  return (
    <ScrollRegion className={classes.scroll} label="Drift as a table">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Distribution</th>
            <th scope="col">State</th>
            <DriftNumberHeads />
            <th scope="col">Differs most</th>
          </tr>
        </thead>
        <tbody>
          {features.map((feature) => (
            <tr key={`${feature.kind}/${feature.name}`}>
              <th scope="row">{featureTitle(feature)}</th>
              <td>{stateWords[feature.state].word}</td>
              <DriftNumberCells numbers={feature.numbers} />
              <td>{mostDifferent(feature)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** The measures of a distribution's drift, as columns of any table. */
export function DriftNumberHeads() {
  return (
    <>
      <th scope="col" data-end>
        Distance
      </th>
      <th scope="col" data-end>
        PSI
      </th>
      <th scope="col" data-end>
        by chance up to
      </th>
      <th scope="col" data-end>
        p of χ²
      </th>
      <th scope="col" data-end>
        Samples
      </th>
    </>
  );
}

export function DriftNumberCells({ numbers }: { numbers: DriftView['features'][number]['numbers'] }) {
  return (
    <>
      <td data-end>{numbers?.effect.toFixed(3) ?? '–'}</td>
      <td data-end>{numbers?.psi.toFixed(3) ?? '–'}</td>
      <td data-end>{numbers?.psiThreshold.toFixed(3) ?? '–'}</td>
      <td data-end>{numbers ? pText(numbers.p) : '–'}</td>
      <td data-end>{numbers ? formatCount(numbers.n) : '–'}</td>
    </>
  );
}

function pText(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

function mostDifferent({ referenceShares, currentShares, edges }: DriftView['features'][number]): string {
  if (!currentShares) return '–';
  const gaps = referenceShares.map((share, bin) => Math.abs((currentShares[bin] ?? 0) - share));
  const bin = gaps.indexOf(Math.max(...gaps));
  const percent = (share: number | undefined) => `${Math.round((share ?? 0) * 100)} %`;
  return `${binLabel(edges, bin, referenceShares.length, null)}: ${percent(referenceShares[bin])} → ${percent(currentShares[bin])}`;
}
