import { heardUntil, type Listening } from '../device/axes.ts';
import type { KnownFacts } from '../device/facts.ts';
import { matchesSelector } from '../device/matches-selector.ts';
import { parseSelector } from '../device/selector.ts';
import type { RolloutState } from '../rollout/states.ts';
import { metricOf, sampleOf } from '../telemetry/metrics.ts';
import { addSums, emptySums, meansOf, type RollupSums } from '../telemetry/rollup.ts';
import type { AlertCondition, BoardMetric, DriftCondition, MetricCondition, RolloutEvent } from './condition.ts';
import { isBoardMetric } from './condition.ts';
import type { Reading } from './evaluate.ts';

export type AlertDevice = {
  id: string;
  name: string;
  labels: Record<string, string>;
  facts: KnownFacts;
  online: boolean;
  onlineChangedAt: Date | null;
  lastHeardAt: Date | null;
  /** End of its newest certificate that is not revoked. */
  certificateEndsAt: Date | null;
};

export type DeviceSums = { deviceId: string; versionId: string | null; sums: RollupSums };
export type BoardReading = { deviceId: string; at: Date; diskFreeBytes: number | null; memoryUsedBytes: number | null };
export type RolloutStanding = {
  id: string;
  name: string;
  state: RolloutState;
  stateSince: Date;
  reason: { code: string; detail: string } | null;
};
/** What drifts on one device, or on the fleet as a whole, as the judgement of drift found it over a stretch of time. Who has none does not drift. */
export type DriftFinding = {
  /** Null: the fleet, whose samples show together what no device has enough of. */
  deviceId: string | null;
  versionId: string;
  /** Features that drift, the one that drifts most first; empty when none does. */
  features: readonly string[];
  /** Inputs that were looked at. */
  samples: number;
  from: Date;
  to: Date;
};

export type Stretch = { from: Date; to: Date };
export type SummedStretch = Stretch & { rows: readonly DeviceSums[] };

/** All that the rules of one organization look at, loaded once for all of them. */
export type AlertWorld = {
  now: Date;
  /** When devices could be heard last without a gap; null where that is not known. */
  listening: Listening | null;
  devices: readonly AlertDevice[];
  versionNames: ReadonlyMap<string, string>;
  /** By length of the window, in seconds. */
  windows: ReadonlyMap<number, SummedStretch>;
  /** The day before each window. */
  daysBefore: ReadonlyMap<number, SummedStretch>;
  boards: ReadonlyMap<string, BoardReading>;
  rollouts: readonly RolloutStanding[];
  drift: readonly DriftFinding[];
};

/** The subject of a rule that looks at all its devices together. */
export const TOGETHER = 'together';

const DAY_MS = 86_400_000;

/** What every subject of a rule reads now; a device without telemetry reads null. */
export function readingsOf(
  { condition, groupLabel }: { condition: AlertCondition; groupLabel: string | null },
  world: AlertWorld,
): Reading[] {
  const groupOf = (device: AlertDevice) => (groupLabel === null ? '' : (device.labels[groupLabel] ?? ''));
  const deviceReading = (device: AlertDevice) => ({
    subjectId: device.id,
    subjectKind: 'device' as const,
    name: device.name,
    group: groupOf(device),
  });
  const { now } = world;
  switch (condition.kind) {
    case 'metric':
      return metricReadings(condition, world, deviceReading);
    case 'offline':
      return selected(world, condition.selector)
        .filter(({ lastHeardAt }) => lastHeardAt !== null)
        .map((device) => {
          const since = silentSince(device, now) ?? now;
          return {
            ...deviceReading(device),
            ...silenceOf(since, condition.afterS, world),
            samples: 1,
            from: since,
            to: now,
          };
        });
    case 'certificate':
      return selected(world, condition.selector)
        .filter(({ certificateEndsAt }) => certificateEndsAt !== null)
        .map((device) => {
          const endsAt = device.certificateEndsAt ?? now;
          const value = Math.round(((endsAt.getTime() - now.getTime()) / DAY_MS) * 10) / 10;
          return { ...deviceReading(device), value, samples: 1, from: now, to: endsAt };
        });
    case 'rollout':
      return world.rollouts.map((rollout) => rolloutReading(condition.events, rollout, now));
    case 'drift':
      return driftReadings(condition, world, deviceReading);
  }
}

/** Each device, and where a rule means them all, each version on the fleet: under the same rule they are members of the same alert. */
function driftReadings(condition: DriftCondition, world: AlertWorld, deviceReading: OfDevice): Reading[] {
  const found = world.drift.filter(({ versionId }) => !condition.versionId || versionId === condition.versionId);
  const byDevice = new Map(found.map((finding) => [finding.deviceId, finding]));
  const devices = selected(world, condition.selector).map((device) => ({
    ...deviceReading(device),
    ...driftReading(byDevice.get(device.id), world.now),
  }));
  if (condition.selector.trim() !== '') return devices;
  const fleet = found.filter(({ deviceId }) => deviceId === null);
  return [
    ...devices,
    ...fleet.map((finding) => ({
      subjectId: finding.versionId,
      subjectKind: 'version' as const,
      name: world.versionNames.get(finding.versionId) ?? finding.versionId,
      group: '',
      ...driftReading(finding, world.now),
    })),
  ];
}

function driftReading(
  finding: DriftFinding | undefined,
  now: Date,
): Pick<Reading, 'value' | 'samples' | 'from' | 'to' | 'versionIds' | 'detail'> {
  const { features = [], samples = 0, from = now, to = now } = finding ?? {};
  const [first] = features;
  return {
    value: features.length,
    samples,
    from,
    to,
    versionIds: finding ? [finding.versionId] : [],
    ...(first !== undefined && { detail: first }),
  };
}

/** Since when a device is not heard; null while it is. A device may be connected and yet hang. */
function silentSince({ online, onlineChangedAt, lastHeardAt }: AlertDevice, now: Date): Date | null {
  if (lastHeardAt === null) return null;
  if (!online) return onlineChangedAt && onlineChangedAt > lastHeardAt ? onlineChangedAt : lastHeardAt;
  return lastHeardAt < now ? lastHeardAt : null;
}

/**
 * How long a device has been silent. Where the server itself could not hear for a part of that, only the rest counts; while the rest is too
 * short to tell, nobody can know.
 */
function silenceOf(
  since: Date,
  afterS: number,
  { now, listening }: AlertWorld,
): { value: number; isUnknowable: boolean } {
  const value = (now.getTime() - since.getTime()) / 1000;
  if (!listening || value <= afterS) return { value, isUnknowable: false };
  const heardFrom = Math.max(since.getTime(), listening.since.getTime());
  const heardTo = Math.min(now.getTime(), heardUntil(listening));
  return { value, isUnknowable: (heardTo - heardFrom) / 1000 <= afterS };
}

type OfDevice = (device: AlertDevice) => Pick<Reading, 'subjectId' | 'subjectKind' | 'name' | 'group'>;

function metricReadings(condition: MetricCondition, world: AlertWorld, deviceReading: OfDevice): Reading[] {
  const devices = selected(world, condition.selector);
  const { metric } = condition;
  if (isBoardMetric(metric)) return devices.map((device) => boardReading(metric, device, world, deviceReading(device)));
  const ids = new Set(devices.map(({ id }) => id));
  const keyOf = { together: () => TOGETHER, version: versionKey, device: deviceKey }[condition.per];
  const now = sumsBy(condition, world.windows.get(condition.windowS), ids, keyOf);
  const before = sumsBy(condition, world.daysBefore.get(condition.windowS), ids, keyOf);
  const stretch = world.windows.get(condition.windowS) ?? { from: world.now, to: world.now };
  const subjects: ReturnType<OfDevice>[] =
    condition.per === 'device'
      ? devices.map(deviceReading)
      : condition.per === 'together'
        ? [{ subjectId: TOGETHER, subjectKind: 'fleet', name: condition.selector || 'All devices', group: '' }]
        : [...now.keys()].map((id) => ({
            subjectId: id,
            subjectKind: 'version',
            name: world.versionNames.get(id) ?? id,
            group: id,
          }));
  return subjects.map((subject) => ({
    ...subject,
    ...readMetric(condition, now.get(subject.subjectId), before.get(subject.subjectId), stretch),
    from: stretch.from,
    to: stretch.to,
  }));
}

type Summed = { sums: RollupSums; versionIds: Set<string> };

const deviceKey = ({ deviceId }: DeviceSums) => deviceId;
const versionKey = ({ versionId }: DeviceSums) => versionId;

function sumsBy(
  { versionId }: MetricCondition,
  stretch: SummedStretch | undefined,
  deviceIds: ReadonlySet<string>,
  keyOf: (row: DeviceSums) => string | null,
): Map<string, Summed> {
  const result = new Map<string, Summed>();
  for (const row of stretch?.rows ?? []) {
    const key = keyOf(row);
    if (key === null || !deviceIds.has(row.deviceId) || (versionId && row.versionId !== versionId)) continue;
    const known = result.get(key) ?? { sums: emptySums(), versionIds: new Set() };
    result.set(key, known);
    addSums(known.sums, row.sums);
    if (row.versionId) known.versionIds.add(row.versionId);
  }
  return result;
}

function readMetric(
  { metric, compare, per, minSamples }: MetricCondition,
  now: Summed | undefined,
  before: Summed | undefined,
  stretch: Stretch,
): Pick<Reading, 'value' | 'samples' | 'baseline' | 'versionIds'> {
  if (!now || isBoardMetric(metric)) return { value: null, samples: 0, baseline: null };
  const versionIds = [...now.versionIds];
  const samples = sampleOf(metric, now.sums);
  // Throughput of several devices is over the clock, not over their added-up windows.
  const clockMs = stretch.to.getTime() - stretch.from.getTime();
  const isOverClock = metric === 'throughput_per_s' && per !== 'device' && compare === 'value';
  const value = metricOf(metric, { ...now.sums, ...meansOf(now.sums), ...(isOverClock && { durationMs: clockMs }) });
  if (compare === 'value') return { value, samples, versionIds };
  const hasBefore = before !== undefined && sampleOf(metric, before.sums) >= Math.max(1, minSamples);
  const baseline = hasBefore ? metricOf(metric, { ...before.sums, ...meansOf(before.sums) }) : null;
  const ratio = value !== null && baseline !== null && baseline > 0 ? value / baseline : null;
  return { value: ratio, samples, baseline, versionIds };
}

function boardReading(
  metric: BoardMetric,
  device: AlertDevice,
  world: AlertWorld,
  subject: ReturnType<OfDevice>,
): Reading {
  const board = world.boards.get(device.id);
  const [part, whole] =
    metric === 'disk_free_share'
      ? [board?.diskFreeBytes, device.facts.diskBytes]
      : [board?.memoryUsedBytes, device.facts.memoryBytes];
  const value = part !== undefined && part !== null && whole ? part / whole : null;
  return { ...subject, value, samples: value === null ? 0 : 1, from: board?.at ?? world.now, to: world.now };
}

const EVENT_STATES: Record<RolloutEvent, readonly RolloutState[]> = {
  paused: ['paused'],
  'waiting-approval': ['pending-approval'],
  'rolled-back': ['rolling-back', 'rolled-back', 'rollback-incomplete'],
  aborted: ['aborting', 'aborted'],
};

/** An end stays news for a day. */
export const ROLLOUT_NEWS_MS = DAY_MS;

function rolloutReading(events: readonly RolloutEvent[], rollout: RolloutStanding, now: Date): Reading {
  const { id, name, state, stateSince, reason } = rollout;
  const isAsking = state === 'paused' && reason?.code === 'approval';
  const holds = events.some((event) => {
    if (event === 'waiting-approval' && isAsking) return true;
    if (event === 'paused' && isAsking) return false;
    return EVENT_STATES[event].includes(state);
  });
  const isNews =
    now.getTime() - stateSince.getTime() < ROLLOUT_NEWS_MS || state === 'paused' || state === 'pending-approval';
  return {
    subjectId: id,
    subjectKind: 'rollout',
    name,
    group: id,
    value: holds && isNews ? 1 : 0,
    samples: 1,
    from: stateSince,
    to: now,
    ...(reason && { detail: reason.detail }),
  };
}

function selected({ devices }: AlertWorld, selector: string): readonly AlertDevice[] {
  const requirements = parseSelector(selector);
  return requirements.length === 0
    ? devices
    : devices.filter(({ labels, facts }) => matchesSelector(requirements, labels, facts));
}
