import { meanOf, quantileOfWire } from '@flotilla/protocol';
import { type Metric, metricOfNumbers, sampleOf } from '../telemetry/metrics.ts';
import { addNumbers, emptySums, meansOf, type RollupNumbers } from '../telemetry/rollup.ts';
import { sketchFromBytes, wireFromBytes } from '../telemetry/sketch-bytes.ts';
import { type BoardMetric, isBoardMetric, type MetricCondition, wholeOf } from './condition.ts';
import type { Reading } from './evaluate.ts';
import { summedOver } from './schedule.ts';
import {
  type AlertDevice,
  type AlertWorld,
  type DeviceSums,
  type Stretch,
  type SummedStretch,
  selectedOf,
} from './world.ts';

/** The subject of a rule that looks at all its devices together. */
const TOGETHER = 'together';

/** A reading but for its numbers. */
export type OfDevice = (device: AlertDevice) => Pick<Reading, 'subjectId' | 'subjectKind' | 'name' | 'group'>;

/** What a metric is now: of each device, of each version on them, or of all of them together. */
export function metricReadings(condition: MetricCondition, world: AlertWorld, deviceReading: OfDevice): Reading[] {
  const devices = selectedOf(world, condition.selector);
  const { metric, windowS } = condition;
  if (isBoardMetric(metric)) return devices.map((device) => boardReading(metric, device, world, deviceReading(device)));
  const now = world.windows.get(windowS);
  const before = world.daysBefore.get(windowS);
  const { from, to } = now ?? { from: world.now, to: world.now };
  const reading = (subject: ReturnType<OfDevice>, rows: Rows, rowsBefore: Rows): Reading =>
    Object.assign(subject, readMetric(condition, metric, rows, rowsBefore, { from, to }), { from, to });
  if (condition.per === 'device') {
    const rowsOf = (stretch: SummedStretch | undefined, { id }: AlertDevice) =>
      ofVersion(condition, stretch?.devices.get(id) ?? NO_ROWS);
    return devices.map((device) => reading(deviceReading(device), rowsOf(now, device), rowsOf(before, device)));
  }
  const groupsOf = (stretch: SummedStretch | undefined) => groupsIn(condition, stretch, devices);
  const [groups, groupsBefore] = [groupsOf(now), groupsOf(before)];
  const subjects: ReturnType<OfDevice>[] =
    condition.per === 'together'
      ? [{ subjectId: TOGETHER, subjectKind: 'fleet', name: condition.selector || 'All devices', group: '' }]
      : [...groups.keys()].map((id) => ({
          subjectId: id,
          subjectKind: 'version',
          name: world.versionNames.get(id) ?? id,
          group: id,
        }));
  return subjects.map((subject) =>
    reading(subject, groups.get(subject.subjectId) ?? NO_ROWS, groupsBefore.get(subject.subjectId) ?? NO_ROWS),
  );
}

type Rows = readonly DeviceSums[];
const NO_ROWS: Rows = [];

function ofVersion({ versionId }: MetricCondition, rows: Rows): Rows {
  return versionId ? rows.filter((row) => row.versionId === versionId) : rows;
}

/** Rows by subject; what no known version did is left out where versions are the subjects. */
function groupsIn(
  condition: MetricCondition,
  stretch: SummedStretch | undefined,
  devices: readonly AlertDevice[],
): Map<string, Rows> {
  const isFleet = summedOver(condition) === 'fleet';
  const rows = isFleet ? stretch?.fleet : devices.flatMap(({ id }) => stretch?.devices.get(id) ?? NO_ROWS);
  const keyOf = ({ versionId }: DeviceSums) => (condition.per === 'together' ? TOGETHER : (versionId ?? ''));
  const groups = Map.groupBy(ofVersion(condition, rows ?? NO_ROWS), keyOf);
  groups.delete('');
  return groups;
}

type Summed = { sums: RollupNumbers; latency: Uint8Array };

/** Nearly always a device has one row, which is its own sum. */
function sumOf(rows: Rows): Summed | null {
  const [first] = rows;
  if (!first || rows.length === 1) return first ?? null;
  const sums: RollupNumbers = emptySums();
  for (const row of rows) addNumbers(sums, row.sums);
  return { sums, latency: Buffer.concat(rows.map(({ latency }) => latency)) };
}

function readMetric(
  { compare, per, minSamples }: MetricCondition,
  metric: Metric,
  rows: Rows,
  rowsBefore: Rows,
  stretch: Stretch,
): Pick<Reading, 'value' | 'samples' | 'baseline' | 'versionIds'> {
  const now = sumOf(rows);
  if (!now) return { value: null, samples: 0, baseline: null };
  const versionIds = [...new Set(rows.flatMap(({ versionId }) => versionId ?? []))];
  const samples = sampleOf(metric, now.sums);
  // Throughput of several devices is over the clock, not over their added-up windows.
  const isOverClock = metric === 'throughput_per_s' && per !== 'device' && compare === 'value';
  const value = valueFrom(metric, now, isOverClock ? stretch.to.getTime() - stretch.from.getTime() : null);
  if (compare === 'value') return { value, samples, versionIds };
  const before = sumOf(rowsBefore);
  const hasBefore = before !== null && sampleOf(metric, before.sums) >= Math.max(1, minSamples);
  const baseline = hasBefore ? valueFrom(metric, before, null) : null;
  const ratio = value !== null && baseline !== null && baseline > 0 ? value / baseline : null;
  return { value: ratio, samples, baseline, versionIds };
}

/** Latencies are read from their bytes: of ten thousand devices, to make sketches of them first takes most of a look. */
function valueFrom(metric: Metric, { sums, latency }: Summed, clockMs: number | null): number | null {
  switch (metric) {
    case 'latency_p50_ms':
      return quantileOfWire(wireFromBytes(latency), 0.5);
    case 'latency_p95_ms':
      return quantileOfWire(wireFromBytes(latency), 0.95);
    case 'latency_p99_ms':
      return quantileOfWire(wireFromBytes(latency), 0.99);
    case 'latency_mean_ms':
      return meanOf(sketchFromBytes(latency));
    default:
      return metricOfNumbers(metric, { ...sums, ...meansOf(sums), durationMs: clockMs ?? sums.durationMs });
  }
}

function boardReading(
  metric: BoardMetric,
  device: AlertDevice,
  world: AlertWorld,
  subject: ReturnType<OfDevice>,
): Reading {
  const board = world.boards.get(device.id);
  const part = metric === 'disk_free_share' ? board?.diskFreeBytes : board?.memoryUsedBytes;
  const whole = device.facts[wholeOf[metric]];
  const value = part !== undefined && part !== null && whole ? part / whole : null;
  return { ...subject, value, samples: value === null ? 0 : 1, from: board?.at ?? world.now, to: world.now };
}
