import type { DriftFinding } from '../domain/alerts/world.ts';
import { listDriftFindings } from './drift.ts';
import type { Scope } from './scope.ts';

/** More open findings than this are one trouble, and rules need no more to fire. */
const MAX_FINDINGS = 10_000;

/** What drifts on each device now, by version: the open findings of its inputs and answers, the strongest first. Those of the whole fleet are left out. */
export async function listDriftByDevice(scope: Scope): Promise<DriftFinding[]> {
  const open = await listDriftFindings(scope, { isOpen: true, limit: MAX_FINDINGS });
  const byDevice = Map.groupBy(
    open.flatMap(({ deviceId, ...finding }) => (deviceId === null ? [] : [{ ...finding, deviceId }])),
    ({ deviceId, versionId }) => `${deviceId}/${versionId}`,
  );
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
