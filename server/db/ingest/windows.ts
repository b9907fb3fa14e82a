import { quantileOfWire, type Window } from '@flotilla/protocol';
import type pg from 'pg';
import { wireToBytes } from '../../domain/telemetry/sketch-bytes.ts';
import { type CopyColumn, copyRows } from './copy.ts';

export type WindowRow = {
  organizationId: string;
  deviceId: string;
  boot: string;
  seq: number;
  position: number;
  startAt: Date;
  receivedAt: Date;
  window: Window;
  /** Of `window.latencyMs.run`. */
  latency: Uint8Array;
  /** Null when the organization has no such release. */
  versionId: string | null;
};

/** Versions of releases by `organization/release`: a release keeps its version for ever. */
const known = new Map<string, string>();
const MAX_KNOWN = 10_000;

type ReleaseKey = { organizationId: string; releaseId: string };

/** The version of each of these releases that belongs to the organization that names it. */
export async function findVersions(
  client: pg.PoolClient,
  releases: readonly ReleaseKey[],
): Promise<(release: ReleaseKey) => string | null> {
  if (known.size > MAX_KNOWN) known.clear();
  const missing = new Map<string, ReleaseKey>();
  for (const release of releases) {
    const name = nameOf(release);
    if (!known.has(name)) missing.set(name, release);
  }
  if (missing.size > 0) {
    const { rows } = await client.query<ReleaseKey & { versionId: string }>(
      `SELECT DISTINCT r.organization_id AS "organizationId", r.id AS "releaseId", r.version_id AS "versionId" FROM release r
       JOIN unnest($1::uuid[], $2::uuid[]) AS g (id, o) ON r.id = g.id AND r.organization_id = g.o`,
      [
        [...missing.values()].map(({ releaseId }) => releaseId),
        [...missing.values()].map(({ organizationId }) => organizationId),
      ],
    );
    for (const { versionId, ...release } of rows) known.set(nameOf(release), versionId);
  }
  return (release) => known.get(nameOf(release)) ?? null;
}

function nameOf({ organizationId, releaseId }: ReleaseKey): string {
  return `${organizationId}/${releaseId.toLowerCase()}`;
}

/** The columns of a stored window, in one place. */
const columns: CopyColumn<WindowRow>[] = [
  { name: 'organization_id', type: 'uuid', of: (row) => row.organizationId },
  { name: 'device_id', type: 'uuid', of: (row) => row.deviceId },
  { name: 'start_at', type: 'timestamptz', of: (row) => row.startAt.getTime() },
  { name: 'duration_ms', type: 'int4', of: ({ window }) => window.durationMs },
  { name: 'slot', type: 'text', of: ({ window }) => window.slot },
  { name: 'release_id', type: 'uuid', of: ({ window }) => window.releaseId },
  { name: 'version_id', type: 'uuid', of: (row) => row.versionId },
  { name: 'boot', type: 'uuid', of: (row) => row.boot },
  { name: 'seq', type: 'int8', of: (row) => row.seq },
  { name: 'position', type: 'int4', of: (row) => row.position },
  { name: 'received_at', type: 'timestamptz', of: (row) => row.receivedAt.getTime() },
  { name: 'inferences', type: 'int8', of: ({ window }) => window.inferences },
  { name: 'errors', type: 'int8', of: ({ window }) => window.errors },
  { name: 'latency_run', type: 'bytea', of: (row) => row.latency },
  ...([50, 95, 99] as const).map(
    (percent): CopyColumn<WindowRow> => ({
      name: `latency_p${percent}`,
      type: 'float8',
      of: ({ window }) => quantileOfWire(window.latencyMs.run, percent / 100),
    }),
  ),
  {
    name: 'latency_total',
    type: 'bytea',
    of: ({ window: { latencyMs } }) => latencyMs.total && wireToBytes(latencyMs.total),
  },
  { name: 'energy_j', type: 'float8', of: ({ window }) => window.energyJ },
  { name: 'power_w', type: 'float8', of: ({ window }) => window.powerW },
  { name: 'power_source', type: 'text', of: ({ window }) => window.powerSource },
  { name: 'cpu_pct', type: 'float8', of: ({ window }) => window.cpuPct },
  { name: 'rss_bytes', type: 'float8', of: ({ window }) => window.rssBytes },
  { name: 'runner_rss_bytes', type: 'float8', of: ({ window }) => window.runnerRssBytes },
  { name: 'memory_used_bytes', type: 'float8', of: ({ window }) => window.memoryUsedBytes },
  { name: 'temp_c', type: 'float8', of: ({ window }) => window.tempC },
  { name: 'throttled', type: 'bool', of: ({ window }) => window.throttled },
  { name: 'battery_pct', type: 'float8', of: ({ window }) => window.batteryPct },
  { name: 'disk_free_bytes', type: 'float8', of: ({ window }) => window.diskFreeBytes },
  { name: 'labelled_n', type: 'int8', of: ({ window }) => window.labelled?.n },
  { name: 'labelled_correct', type: 'int8', of: ({ window }) => window.labelled?.correct },
  { name: 'rest', type: 'text', of: ({ window }) => JSON.stringify(restOf(window)) },
];

/** Stores windows that are known to be new. */
export function insertWindows(client: pg.PoolClient, rows: readonly WindowRow[]): Promise<void> {
  return copyRows(client, 'telemetry_window', columns, rows);
}

/** What no query looks at by itself. */
function restOf(window: Window): object {
  const { latencyMs, errorCodes, outputs, labelled, uptimeMs, idleEnergyJ, netRxBytes, netTxBytes } = window;
  return {
    queue: latencyMs.queue,
    errorCodes,
    outputs,
    confusion: labelled?.confusion,
    absErrorSum: labelled?.absErrorSum,
    sqErrorSum: labelled?.sqErrorSum,
    uptimeMs,
    idleEnergyJ,
    netRxBytes,
    netTxBytes,
  };
}
