import type { DriftFinding } from '../domain/alerts/world.ts';
import { listDriftFindings } from './drift.ts';
import type { Scope } from './scope.ts';

/** More open findings than this are one trouble, and rules need no more to fire. */
const MAX_FINDINGS = 10_000;

/** What drifts now, by version, on each device and on the fleet: the open findings of its inputs and answers, the strongest first. */
export async function listOpenDrift(scope: Scope): Promise<DriftFinding[]> {
  const open = await listDriftFindings(scope, { isOpen: true, limit: MAX_FINDINGS });
  const byDevice = Map.groupBy(open, ({ deviceId, versionId }) => `${deviceId}/${versionId}`);
  return [...byDevice.values()].flatMap((findings) => {
    const sorted = findings.toSorted((a, b) => b.effect - a.effect);
    const [first] = sorted;
    if (!first) return [];
    return [
      {
        deviceId: first.deviceId,
        versionId: first.versionId,
        features: sorted.map(({ feature }) => feature),
        samples: Math.max(...sorted.map(({ numbers }) => numbers.n)),
        from: new Date(Math.min(...sorted.map(({ since }) => since.getTime()))),
        to: new Date(Math.max(...sorted.map(({ updatedAt }) => updatedAt.getTime()))),
      },
    ];
  });
}
