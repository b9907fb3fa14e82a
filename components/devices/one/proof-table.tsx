import type { ProofReport } from '@flotilla/protocol';
import { ScrollRegion } from '@/components/ui/scroll-region';
import type { StoredRelease } from '@/server/db/releases.ts';
import type { ReleaseName } from '@/server/queries/release-names.ts';
import { Glyph } from '../../status/glyph.tsx';
import { formatCount } from '../../ui/format.ts';
import { VersionTag } from '../../ui/tags.tsx';
import { handOverSentence } from './hand-over-words.ts';
import { proofRows } from './proof-rows.ts';
import classes from './proof-table.module.css';

type ProofTableProps = {
  report: ProofReport;
  candidate: ReleaseName | null;
  running: ReleaseName | null;
  limits: StoredRelease['document']['proof'] | null;
};

function Version({ release, fallback }: { release: ReleaseName | null; fallback: string }) {
  return release ? <VersionTag id={`${release.modelName}@${release.version}`} name={release.version} /> : fallback;
}

/** What a version measured on this very device before it was allowed to serve, against the one in service and the limits. */
export function ProofTable({ report, candidate, running, limits }: ProofTableProps) {
  return (
    <ScrollRegion className={classes.scroll} label="Proof on this device">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Proof, {formatCount(report.candidate.runs)} runs</th>
            <th scope="col">
              <Version release={candidate} fallback="candidate" />
            </th>
            {report.running && (
              <th scope="col">
                <Version release={running} fallback="in service" />{' '}
                {report.handOver?.kind === 'stop-start' ? 'before it' : 'beside it'}
              </th>
            )}
            <th scope="col">Limit</th>
          </tr>
        </thead>
        <tbody>
          {proofRows(report, limits).map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td data-broken={row.isBroken}>
                {row.isBroken && (
                  <span className={classes.mark}>
                    <Glyph name="square-x" />
                  </span>
                )}
                {row.candidate}
              </td>
              {report.running && <td className={classes.old}>{row.running}</td>}
              <td className={classes.old}>{row.limit}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {report.handOver && <p className={classes.note}>{handOverSentence(report.handOver)}</p>}
    </ScrollRegion>
  );
}
