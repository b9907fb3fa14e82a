import type { Sketch } from '@flotilla/protocol';
import { KnownFacts } from '../domain/device/facts.ts';
import { type GateMetric, isAccuracy } from '../domain/rollout/gates/gate.ts';
import { MAX_STREAMS } from '../domain/rollout/gates/judge-stream.ts';
import {
  type Counts,
  type DeviceSample,
  type GateSamples,
  noSamples,
  type PeriodSample,
  type SeriesMetric,
} from '../domain/rollout/gates/samples.ts';
import { BLOCK_WINDOWS, meanOfSeries, type Series } from '../domain/rollout/gates/series.ts';
import { hardwareClassOf } from '../domain/rollout/hardware-class.ts';
import { sketchFromBytes } from '../domain/telemetry/sketch-bytes.ts';
import { loadMonitoring, type MonitoringSample } from './gate-monitoring.ts';
import { Prisma } from './generated/client.ts';
import type { StoredRollout } from './rollouts.ts';
import type { Scope } from './scope.ts';

/** Devices of a wave whose telemetry is read at a look, drawn by their id: a hundred settle what any more would. */
const MAX_MOVED = 100;
/** Devices that did not move yet, for comparison and for what is usual. */
const MAX_CONTROL = 50;

/** How far back "before" goes: so long before the device moved, and the hours around the same time of the day before. */
const BEFORE_S = 1_800;

/** Windows of the day before that make it the better comparison, for the time of day is the same. */
const LEAST_DAY_WINDOWS = 10;

type PeriodName = 'after' | 'day' | 'last';
type DeviceRow = {
  position: number;
  isControl: boolean;
  deviceId: string;
  facts: unknown;
  isNew: boolean;
};
type CountRow = {
  position: number;
  deviceId: string;
  period: PeriodName;
  n: number;
  bad: number;
  windows: number;
  burst: number;
  labelled: number;
  wrong: number;
  labelledWindows: number;
  labelledBurst: number;
};
type SeriesRow = Series & { position: number; deviceId: string; period: PeriodName; metric: SeriesMetric };

/**
 * Telemetry of the waves that bake, a device at a time: what it did with the release, in the rollout's slot, since it was told, and with
 * what it served before. Labelled answers of which nobody says whether they were right are no evidence of accuracy.
 */
export async function loadGateSamples(scope: Scope, rollout: StoredRollout): Promise<Map<number, GateSamples>> {
  const devices = await listMembers(scope, membersOf(scope, rollout.id));
  if (devices.length === 0) return new Map();
  const all = metricsOf(rollout);
  const metrics = all.filter(isSeries);
  const members = membersOf(scope, rollout.id);
  const spans = spansOf(scope, members);
  const [counts, series, monitoring] = await Promise.all([
    scope.tx.$queryRaw<CountRow[]>(countsQuery(spans)),
    metrics.length > 0 ? scope.tx.$queryRaw<SeriesRow[]>(seriesQuery(spans, metrics)) : [],
    loadMonitoring(scope, members, all),
  ]);
  const isLatency = metrics.some((metric) => metric.startsWith('latency'));
  const streams = isLatency && isSmall(devices) ? await loadStreams(scope, spans) : new Map<string, Sketch>();
  return assemble(devices, counts, series, streams, monitoring);
}

/**
 * How devices are while nothing moves: what each did in the last half hour, and around this time of the day before, with the release that
 * it serves. As a group that stays, of at most so many devices drawn by their id.
 */
export async function loadFleetSamples(
  scope: Scope,
  of: { deviceIds: readonly string[]; slot: string; metric: SeriesMetric; now: Date; most: number },
): Promise<GateSamples> {
  const members = Prisma.sql`
    members AS (
      SELECT 0 AS position, true AS is_control, s.device_id, s.slot, ${of.now}::timestamptz - ${BEFORE_S} * interval '1 second' AS moved_at,
        s.serving_release_id AS release_id, s.serving_release_id AS previous_release_id, 0 AS place
      FROM device_slot s WHERE s.organization_id = ${scope.organizationId}::uuid AND s.slot = ${of.slot} AND s.serving_release_id IS NOT NULL
        AND s.device_id = ANY(${of.deviceIds}::uuid[]) ORDER BY md5(s.device_id::text) LIMIT ${of.most}
    )`;
  const spans = spansOf(scope, members);
  const devices = await listMembers(scope, members);
  const [counts, series] = await Promise.all([
    scope.tx.$queryRaw<CountRow[]>(countsQuery(spans)),
    scope.tx.$queryRaw<SeriesRow[]>(seriesQuery(spans, [of.metric])),
  ]);
  return assemble(devices, counts, series, new Map(), new Map()).get(0) ?? noSamples;
}

/** What gates would take as "before" of devices that moved at this moment, by device; null of one that measured nothing. */
export async function loadBefore(
  scope: Scope,
  of: { deviceIds: readonly string[]; slot: string; metrics: readonly GateMetric[]; now: Date },
): Promise<Map<string, PeriodSample | null>> {
  const members = Prisma.sql`
    members AS (
      SELECT 0 AS position, false AS is_control, s.device_id, s.slot, ${of.now}::timestamptz AS moved_at, NULL::uuid AS release_id,
        s.serving_release_id AS previous_release_id, row_number() OVER () AS place
      FROM device_slot s WHERE s.organization_id = ${scope.organizationId}::uuid AND s.slot = ${of.slot} AND s.serving_release_id IS NOT NULL
        AND s.device_id = ANY(${of.deviceIds}::uuid[])
    )`;
  const spans = spansOf(scope, members);
  const metrics = of.metrics.filter(isSeries);
  const [devices, counts, series, monitoring] = await Promise.all([
    listMembers(scope, members),
    scope.tx.$queryRaw<CountRow[]>(countsQuery(spans)),
    metrics.length > 0 ? scope.tx.$queryRaw<SeriesRow[]>(seriesQuery(spans, metrics)) : [],
    loadMonitoring(scope, members, of.metrics),
  ]);
  const periodOf = periodsOf(counts, series, new Map(), monitoring);
  return new Map(devices.map((row) => [row.deviceId, beforeOf(periodOf(row, 'day'), periodOf(row, 'last'))]));
}

function isSmall(devices: readonly DeviceRow[]): boolean {
  return devices.filter(({ isControl }) => !isControl).length <= MAX_STREAMS;
}

function metricsOf({ plan }: StoredRollout): GateMetric[] {
  return [...new Set(plan.waves.flatMap(({ bake }) => bake.gates.map(({ metric }) => metric)))];
}

function isSeries(metric: GateMetric): metric is SeriesMetric {
  return !isAccuracy(metric) && metric !== 'error_rate' && metric !== 'drift';
}

/** The devices that are looked at, and what each served before and serves now. */
function membersOf({ organizationId }: Scope, rolloutId: string): Prisma.Sql {
  return Prisma.sql`
    moved AS (
      SELECT v.position, false AS is_control, p.device_id, p.slot, p.notified_at AS moved_at, p.release_id, p.previous_release_id,
        row_number() OVER (PARTITION BY v.position ORDER BY md5(p.device_id::text)) AS place
      FROM wave v JOIN deployment p ON p.rollout_id = v.rollout_id AND p.wave_position = v.position
      WHERE v.organization_id = ${organizationId}::uuid AND v.rollout_id = ${rolloutId}::uuid AND v.state = 'baking' AND p.notified_at IS NOT NULL
    ), control AS (
      SELECT v.position, true AS is_control, p.device_id, p.slot, v.baking_at AS moved_at, s.serving_release_id AS release_id,
        s.serving_release_id AS previous_release_id, row_number() OVER (PARTITION BY v.position ORDER BY md5(p.device_id::text)) AS place
      FROM wave v JOIN deployment p ON p.rollout_id = v.rollout_id AND p.wave_position > v.position AND p.state = 'queued'
        JOIN device_slot s ON s.device_id = p.device_id AND s.slot = p.slot AND s.serving_release_id IS NOT NULL
      WHERE v.organization_id = ${organizationId}::uuid AND v.rollout_id = ${rolloutId}::uuid AND v.state = 'baking'
    ), members AS (
      SELECT * FROM moved WHERE place <= ${MAX_MOVED} UNION ALL SELECT * FROM control WHERE place <= ${MAX_CONTROL}
    )`;
}

function listMembers(scope: Scope, members: Prisma.Sql): Promise<DeviceRow[]> {
  return scope.tx.$queryRaw<DeviceRow[]>(Prisma.sql`
    WITH ${members}
    SELECT m.position, m.is_control AS "isControl", m.device_id AS "deviceId", d.facts, m.previous_release_id IS NULL AS "isNew"
    FROM members m JOIN device d ON d.id = m.device_id ORDER BY m.position, m.is_control, m.place`);
}

/** The windows of each device, by period. `w` is a row for each, numbered within its period. */
function spansOf(scope: Scope, members: Prisma.Sql): Prisma.Sql {
  const before = Prisma.sql`${BEFORE_S} * interval '1 second'`;
  return Prisma.sql`
    WITH ${members}, spans AS (
      SELECT position, device_id, slot, 'after' AS period, release_id AS wanted, moved_at AS from_at, 'infinity'::timestamptz AS to_at FROM members
      UNION ALL SELECT position, device_id, slot, 'last', previous_release_id, moved_at - ${before}, moved_at FROM members
      UNION ALL SELECT position, device_id, slot, 'day', previous_release_id, moved_at - interval '1 day' - ${before},
        moved_at - interval '1 day' + 2 * ${before} FROM members
    ), w AS (
      SELECT s.position AS wave, s.period, t.* FROM spans s
        JOIN telemetry_window t ON t.organization_id = ${scope.organizationId}::uuid AND t.device_id = s.device_id AND t.slot = s.slot
          AND t.release_id = s.wanted AND t.start_at >= s.from_at AND t.start_at < s.to_at
    )`;
}

function countsQuery(spans: Prisma.Sql): Prisma.Sql {
  const all = Prisma.sql`(inferences + errors)::float8`;
  const wrong = Prisma.sql`(labelled_n - labelled_correct)::float8`;
  const isLabelled = Prisma.sql`labelled_n > 0 AND labelled_correct IS NOT NULL`;
  return Prisma.sql`${spans}
    SELECT wave AS position, device_id AS "deviceId", period, sum(${all}) AS n, sum(errors)::float8 AS bad,
      count(*) FILTER (WHERE ${all} > 0)::float8 AS windows, coalesce(sum(errors::float8 ^ 2 / nullif(${all}, 0)), 0) AS burst,
      coalesce(sum(labelled_n) FILTER (WHERE ${isLabelled}), 0)::float8 AS labelled,
      coalesce(sum(${wrong}) FILTER (WHERE ${isLabelled}), 0) AS wrong,
      count(*) FILTER (WHERE ${isLabelled})::float8 AS "labelledWindows",
      coalesce(sum(${wrong} ^ 2 / nullif(labelled_n, 0)) FILTER (WHERE ${isLabelled}), 0) AS "labelledBurst"
    FROM w GROUP BY 1, 2, 3`;
}

/** Logarithms but for temperature; a value that is not above zero has none and counts as not measured. */
const values: Record<SeriesMetric, Prisma.Sql> = {
  latency_p50: Prisma.sql`ln(nullif(latency_p50, 0))`,
  latency_p95: Prisma.sql`ln(nullif(latency_p95, 0))`,
  latency_p99: Prisma.sql`ln(nullif(latency_p99, 0))`,
  energy_mj: Prisma.sql`ln(nullif(energy_j * 1000 / nullif(inferences, 0), 0))`,
  power_w: Prisma.sql`ln(nullif(power_w, 0))`,
  rss_mb: Prisma.sql`ln(nullif(coalesce(runner_rss_bytes, rss_bytes) / 1e6, 0))`,
  temperature: Prisma.sql`temp_c`,
};

function seriesQuery(spans: Prisma.Sql, metrics: readonly SeriesMetric[]): Prisma.Sql {
  const rows = metrics.map((metric) => Prisma.sql`(${metric}, ${values[metric]})`);
  return Prisma.sql`${spans}, v AS (
      SELECT w.wave, w.device_id, w.period, m.metric, m.x,
        (row_number() OVER (PARTITION BY w.wave, w.device_id, w.period, m.metric ORDER BY w.start_at) - 1) / ${BLOCK_WINDOWS} AS block
      FROM w CROSS JOIN LATERAL (VALUES ${Prisma.join(rows)}) AS m (metric, x) WHERE m.x IS NOT NULL
    ), b AS (
      SELECT wave, device_id, period, metric, block, count(*)::float8 AS size, sum(x) AS total, sum(x * x) AS squares FROM v GROUP BY 1, 2, 3, 4, 5
    )
    SELECT wave AS position, device_id AS "deviceId", period, metric, sum(size) AS windows, sum(total) AS sum, sum(squares) AS "sumSquares",
      count(*) FILTER (WHERE size = ${BLOCK_WINDOWS})::float8 AS blocks,
      coalesce(sum(total / size) FILTER (WHERE size = ${BLOCK_WINDOWS}), 0) AS "blockSum",
      coalesce(sum((total / size) ^ 2) FILTER (WHERE size = ${BLOCK_WINDOWS}), 0) AS "blockSumSquares"
    FROM b GROUP BY 1, 2, 3, 4`;
}

/** The streams of latencies of a wave that is so small that they are looked at one by one. */
async function loadStreams({ tx }: Scope, spans: Prisma.Sql): Promise<Map<string, Sketch>> {
  const rows = await tx.$queryRaw<{ deviceId: string; period: PeriodName; position: number; sketches: Uint8Array }[]>(
    Prisma.sql`${spans} SELECT w.wave AS position, w.device_id AS "deviceId", w.period, string_agg(w.latency_run, '') AS sketches
      FROM w JOIN members m ON m.device_id = w.device_id AND m.position = w.wave AND NOT m.is_control GROUP BY 1, 2, 3`,
  );
  return new Map(rows.map(({ sketches, ...row }) => [keyOf(row), sketchFromBytes(sketches)]));
}

function keyOf(row: { position: number; deviceId: string; period: string }): string {
  return `${row.position} ${row.deviceId} ${row.period}`;
}

/** What each device did in each period; null where it measured nothing. */
function periodsOf(
  counts: readonly CountRow[],
  series: readonly SeriesRow[],
  streams: ReadonlyMap<string, Sketch>,
  monitoring: ReadonlyMap<string, MonitoringSample>,
) {
  const countsOf = new Map(counts.map((row) => [keyOf(row), row]));
  const seriesOf = Map.groupBy(series, keyOf);
  return (device: DeviceRow, period: PeriodName): PeriodSample | null => {
    const key = keyOf({ ...device, period });
    const row = countsOf.get(key);
    const stream = streams.get(key);
    if (!row) return null;
    const { late, ...monitored } =
      monitoring.get(keyOf({ ...device, period: period === 'after' ? 'after' : 'before' })) ?? {};
    const { inferences, labels } = countsIn(row);
    return {
      inferences,
      labels: late ? addCounts(labels, late) : labels,
      series: seriesIn(seriesOf.get(key) ?? []),
      ...(stream && { latency: stream }),
      ...monitored,
    };
  };
}

/** The same time of the day before, where there is enough of it. */
function beforeOf(day: PeriodSample | null, last: PeriodSample | null): PeriodSample | null {
  return day && day.inferences.windows >= LEAST_DAY_WINDOWS ? day : last;
}

function assemble(devices: readonly DeviceRow[], ...measured: Parameters<typeof periodsOf>): Map<number, GateSamples> {
  const periodOf = periodsOf(...measured);
  const samples = new Map<number, { devices: DeviceSample[]; control: DeviceSample[] }>();
  for (const row of devices) {
    const [after, day, last] = [periodOf(row, 'after'), periodOf(row, 'day'), periodOf(row, 'last')];
    const before = beforeOf(day, last);
    const wave = samples.get(row.position) ?? { devices: [], control: [] };
    samples.set(row.position, wave);
    if (!after) continue;
    wave[row.isControl ? 'control' : 'devices'].push({
      deviceId: row.deviceId,
      hardwareClass: hardwareClassOf(KnownFacts.catch({}).parse(row.facts)),
      isNew: row.isNew,
      before,
      after,
      usual: before === day && day && last ? usualIn(day, last) : {},
    });
  }
  return samples;
}

function countsIn(row: CountRow): { inferences: Counts; labels: Counts } {
  return {
    inferences: { n: row.n, bad: row.bad, windows: row.windows, burst: row.burst },
    labels: { n: row.labelled, bad: row.wrong, windows: row.labelledWindows, burst: row.labelledBurst },
  };
}

function addCounts(a: Counts, b: Counts): Counts {
  return { n: a.n + b.n, bad: a.bad + b.bad, windows: a.windows + b.windows, burst: a.burst + b.burst };
}

function seriesIn(rows: readonly SeriesRow[]): PeriodSample['series'] {
  const entries = rows.map(({ metric, windows, sum, sumSquares, blocks, blockSum, blockSumSquares }) => [
    metric,
    { windows, sum, sumSquares, blocks, blockSum, blockSumSquares },
  ]);
  return Object.fromEntries(entries);
}

function usualIn(day: PeriodSample, last: PeriodSample): DeviceSample['usual'] {
  const metrics = Object.keys(day.series) as SeriesMetric[];
  const changes = metrics.flatMap((metric) => {
    const [a, b] = [last.series[metric], day.series[metric]];
    return a && b ? [[metric, meanOfSeries(a) - meanOfSeries(b)] as const] : [];
  });
  return Object.fromEntries(changes);
}
