import type pg from 'pg';
import { type Minute, type Resolution, type Rollup, resolutions } from '../../domain/telemetry/rollup.ts';
import { addUpBytes } from '../../domain/telemetry/sketch-bytes.ts';
import { type CopyColumn, copyRows } from './copy.ts';
import { type Write, writeTogether } from './together.ts';

const keyColumns: CopyColumn<Rollup>[] = [
  { name: 'organization_id', type: 'uuid', of: (row) => row.organizationId },
  { name: 'device_id', type: 'uuid', of: (row) => row.deviceId },
  { name: 'bucket_at', type: 'timestamptz', of: (row) => row.bucketMs },
  { name: 'slot', type: 'text', of: (row) => row.slot },
  { name: 'version_id', type: 'uuid', of: (row) => row.versionId },
];

/** SQL of how a stored and an added value become one. */
type Merge = (stored: string, added: string) => string;
const plus: Merge = (stored, added) => `${stored} + ${added}`;
/** As {@link plus}, where null stands for what was not measured. */
const plusKnown: Merge = (stored, added) =>
  `CASE WHEN ${stored} IS NULL THEN ${added} ELSE ${stored} + coalesce(${added}, 0) END`;
const greatest: Merge = (stored, added) => `greatest(${stored}, ${added})`;
const append: Merge = (stored, added) => `${stored} || ${added}`;
const or: Merge = (stored, added) => `${stored} OR ${added}`;
/** Words with spaces between them, each once; nearly always the same. */
const addWords: Merge = (stored, added) =>
  `CASE WHEN ${stored} = ${added} OR ${added} = '' THEN ${stored} WHEN ${stored} = '' THEN ${added}
     ELSE (SELECT string_agg(DISTINCT word, ' ') FROM unnest(string_to_array(${stored} || ' ' || ${added}, ' ')) AS word) END`;

/** What a rollup adds up, in one place. */
const sumColumns: (CopyColumn<Rollup> & { merge: Merge })[] = [
  { name: 'windows', type: 'int8', of: (row) => row.windows, merge: plus },
  { name: 'inferences', type: 'int8', of: (row) => row.inferences, merge: plus },
  { name: 'errors', type: 'int8', of: (row) => row.errors, merge: plus },
  { name: 'duration_ms', type: 'int8', of: (row) => row.durationMs, merge: plus },
  { name: 'latency', type: 'bytea', of: (row) => row.latency, merge: append },
  { name: 'energy_j', type: 'float8', of: (row) => row.energyJ, merge: plusKnown },
  { name: 'energy_inferences', type: 'int8', of: (row) => row.energyInferences, merge: plus },
  { name: 'power_w_ms', type: 'float8', of: (row) => row.powerWMs, merge: plus },
  { name: 'power_ms', type: 'int8', of: (row) => row.powerMs, merge: plus },
  { name: 'power_sources', type: 'text', of: (row) => row.powerSources.join(' '), merge: addWords },
  { name: 'cpu_pct_sum', type: 'float8', of: (row) => row.cpuPctSum, merge: plus },
  { name: 'cpu_pct_n', type: 'int8', of: (row) => row.cpuPctN, merge: plus },
  { name: 'temp_c_sum', type: 'float8', of: (row) => row.tempCSum, merge: plus },
  { name: 'temp_c_n', type: 'int8', of: (row) => row.tempCN, merge: plus },
  { name: 'runner_rss_bytes', type: 'float8', of: (row) => row.runnerRssBytes, merge: greatest },
  { name: 'labelled_n', type: 'int8', of: (row) => row.labelledN, merge: plus },
  { name: 'labelled_correct', type: 'int8', of: (row) => row.labelledCorrect, merge: plus },
  { name: 'throttled', type: 'bool', of: (row) => row.isThrottled, merge: or },
];
const columns = [...keyColumns, ...sumColumns];
const keyNames = keyColumns.map(({ name }) => name).join(', ');

const addedColumns: CopyColumn<Minute>[] = [
  ...columns,
  { name: 'monitoring', type: 'text', of: ({ said }) => said && JSON.stringify(said) },
];

/** Appends what a batch adds to minutes, of its devices and of the fleet, until it is folded. */
export function appendMinutes(client: pg.PoolClient, minutes: readonly Minute[]): Promise<void> {
  return copyRows(client, 'telemetry_added', addedColumns, minutes);
}

type Staged = { rollup: Rollup; resolutions: Set<Resolution> };

/** What a fold adds waits here for the statement of each resolution; each row says for which it is. */
const STAGING = 'telemetry_folded';
const MAKE_STAGING = `CREATE TEMP TABLE IF NOT EXISTS ${STAGING} (LIKE telemetry_minute, ${resolutions
  .map(({ name }) => `for_${name} BOOL NOT NULL`)
  .join(', ')}) ON COMMIT DELETE ROWS`;
const stagingColumns: CopyColumn<Staged>[] = [
  ...columns.map((column) => ({ ...column, of: ({ rollup }: Staged) => column.of(rollup) }) as CopyColumn<Staged>),
  ...resolutions.map(
    (resolution): CopyColumn<Staged> => ({
      name: `for_${resolution.name}`,
      type: 'bool',
      of: (row) => row.resolutions.has(resolution),
    }),
  ),
];

/**
 * Sketches that were appended are added up when they have become this long beside the first of them, which is what the last such time left:
 * so rarely that it costs nearly nothing, and so often that readers do not feel it.
 */
const isLong = (bytes: string) =>
  `octet_length(${bytes}) > 640 + 3 * (256 * get_byte(${bytes}, 0) + get_byte(${bytes}, 1))`;

/** Adds to the stored rollups. Nobody else may add to them until the transaction ends. */
export async function saveRollups(
  client: pg.PoolClient,
  added: readonly { resolution: Resolution; rollups: readonly Rollup[] }[],
): Promise<void> {
  const staged = new Map<Rollup, Staged>();
  for (const { resolution, rollups } of added)
    for (const rollup of rollups) {
      const row = staged.get(rollup) ?? { rollup, resolutions: new Set() };
      staged.set(rollup, row);
      row.resolutions.add(resolution);
    }
  await makeStaging(client);
  await copyRows(client, STAGING, stagingColumns, [...staged.values()]);
  const { rows } = await client.query<LongRow>(ADD);
  const long = Map.groupBy(rows, (row) => row.resolution);
  await writeTogether(
    client,
    [...long].map(([name, each]) => shortened(name, each)),
    null,
  );
}

/** Connections that have the table: it lasts as long as they do, and one whose transaction failed is closed. */
const haveStaging = new WeakSet<pg.PoolClient>();

async function makeStaging(client: pg.PoolClient): Promise<void> {
  if (haveStaging.has(client)) return;
  await client.query(MAKE_STAGING);
  haveStaging.add(client);
}

/** All resolutions in one statement, which each connection plans once: to plan it costs as much as to add to fifty minutes. */
const ADD = {
  name: 'add-to-rollups',
  text: `WITH ${resolutions.map(({ name }) => `${name} AS (${addStatement(name)})`).join(', ')}
    ${resolutions.map(({ name }) => `SELECT '${name}' AS resolution, r.* FROM ${name} r WHERE ${isLong('latency')}`).join(' UNION ALL ')}`,
};

function addStatement(name: Resolution['name']): string {
  const names = columns.map((column) => column.name).join(', ');
  const values = names.replace('bucket_at', `date_bin('1 ${name}', bucket_at, '2000-01-01Z')`);
  const merged = sumColumns.map(
    (column) => `${column.name} = ${column.merge(`t.${column.name}`, `excluded.${column.name}`)}`,
  );
  return `INSERT INTO telemetry_${name} AS t (${names}) SELECT ${values} FROM ${STAGING} WHERE for_${name}
    ON CONFLICT (${keyNames}) DO UPDATE SET ${merged.join(', ')} RETURNING ${keyNames}, latency`;
}

type LongRow = {
  resolution: Resolution['name'];
  organization_id: string;
  device_id: string;
  bucket_at: Date;
  slot: string;
  version_id: string;
  latency: Buffer;
};

/** One sketch where several stand. */
function shortened(name: Resolution['name'], rows: readonly LongRow[]): Write {
  return {
    text: `UPDATE telemetry_${name} t SET latency = g.latency
     FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::uuid[], $6::bytea[]) AS g (o, d, b, s, v, latency)
     WHERE t.organization_id = g.o AND t.device_id = g.d AND t.bucket_at = g.b AND t.slot = g.s AND t.version_id = g.v`,
    values: [
      rows.map((row) => row.organization_id),
      rows.map((row) => row.device_id),
      rows.map((row) => row.bucket_at),
      rows.map((row) => row.slot),
      rows.map((row) => row.version_id),
      rows.map((row) => addUpBytes([row.latency])),
    ],
  };
}
