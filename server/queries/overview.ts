import { reasonSentence } from '@flotilla/protocol';
import { listLatestDecisions } from '../db/decisions.ts';
import { countDevices, type DeviceRow, listDeviceRows } from '../db/device-list.ts';
import { findListening } from '../db/listening.ts';
import { userNames } from '../db/rollout-counts.ts';
import { forTenant } from '../db/scope.ts';
import { sumTelemetry } from '../db/telemetry.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { countBy } from '../domain/count-by.ts';
import type { Health } from '../domain/device/axes.ts';
import { type DeviceStatus, deviceStatus } from '../domain/device/status.ts';
import { type Metric, metricOf } from '../domain/telemetry/metrics.ts';
import { alignDown, stepFor } from '../domain/telemetry/range.ts';
import type { Deps } from '../services/deps.ts';
import { healthInput, recentByDevice } from './device-table.ts';
import { type RolloutListRow, rolloutList } from './rollout-pages.ts';

/** One line per cause, not per device. `devices` are the first few names. */
export type Trouble = {
  kind: 'rejected' | 'failed' | 'reverted' | 'errors' | 'throttled' | 'offline' | 'stale';
  tone: 'critical' | 'attention' | 'unknown';
  code: string | null;
  sentence: string;
  version: string | null;
  count: number;
  devices: { id: string; name: string }[];
  since: Date | null;
};

export type MapCell = {
  id: string;
  name: string;
  site: string | null;
  status: DeviceStatus;
  p95Ms: number | null;
  usualP95Ms: number | null;
};

export type Signal = {
  metric: Metric;
  value: number | null;
  before: number | null;
  points: { t: number; value: number | null }[];
  powerSources: string[];
};

export type Overview = {
  total: number;
  counts: { [axis in 'connectivity' | 'health' | 'update']: Record<string, number> };
  trouble: Trouble[];
  moving: RolloutListRow[];
  map: MapCell[];
  decisions: {
    id: string;
    at: Date;
    rolloutId: string;
    rolloutName: string;
    actorKind: string;
    actorName: string | null;
    kind: string;
    message: string;
  }[];
  signals: Signal[];
};

const SIGNALS: Metric[] = ['throughput_per_s', 'latency_p95_ms', 'error_rate', 'energy_mj', 'accuracy'];
const SIGNAL_MS = 3_600_000;
const SIGNAL_POINTS = 60;
const MAX_DEVICES = 10_000;
const NAMES_SHOWN = 3;

/** Above this many devices an hour by the minute is too much to read for each look at the page. */
const LARGE_FLEET = 300;

/** The first page: what is in trouble, what is moving, where it is slow, what was decided, and how the fleet does. */
export async function overview(deps: Pick<Deps, 'db' | 'now' | 'telemetryWindowS'>, actor: Actor): Promise<Overview> {
  requirePermission(actor, 'devices:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const now = deps.now();
  const fleetDevices = await countDevices(scope);
  const [devices, recent, usual, moving, decisions, signals, listening] = await Promise.all([
    listDeviceRows(scope, { limit: MAX_DEVICES }),
    recentByDevice(scope, now),
    usualP95(scope, now, fleetDevices),
    rolloutList(deps, actor, { states: ['running', 'paused', 'aborting', 'rolling-back'], limit: 10 }),
    listLatestDecisions(scope, 8),
    signalsOf(scope, deps, now, fleetDevices),
    findListening(scope.tx),
  ]);
  const people = await userNames(
    scope,
    decisions.map(({ actorKind, actorId }) => (actorKind === 'user' ? actorId : null)),
  );
  const withStatus = devices.map((device) => ({
    device,
    status: deviceStatus(device, healthInput(recent.get(device.id)), now, listening),
  }));
  return {
    total: devices.length,
    counts: {
      connectivity: countBy(withStatus.map(({ status }) => status.connectivity.value)),
      health: countBy(withStatus.map(({ status }) => status.health.value)),
      update: countBy(withStatus.map(({ status }) => status.update.value)),
    },
    trouble: troubleOf(withStatus, new Set([...recent].filter(([, { isThrottled }]) => isThrottled).map(([id]) => id))),
    moving: moving.items,
    map: withStatus.map(({ device: { id, name, labels }, status }) => {
      const bucket = recent.get(id);
      return {
        id,
        name,
        site: labels.site ?? null,
        status,
        p95Ms: bucket ? metricOf('latency_p95_ms', bucket) : null,
        usualP95Ms: usual.get(id) ?? null,
      };
    }),
    decisions: decisions.map((decision) => ({ ...decision, actorName: people.get(decision.actorId ?? '') ?? null })),
    signals,
  };
}

/**
 * The p95 of the hour before the last ten minutes, by device: what "than usual" means. For a large fleet it is the last whole hour, which
 * is one stored row a device instead of sixty.
 */
async function usualP95(
  scope: Parameters<typeof sumTelemetry>[0],
  now: Date,
  fleetDevices: number,
): Promise<Map<string, number>> {
  const to = alignDown(new Date(now.getTime() - 600_000), fleetDevices > LARGE_FLEET ? SIGNAL_MS : 60_000);
  const buckets = await sumTelemetry(scope, { from: new Date(to.getTime() - SIGNAL_MS), to }, 'device', 2 * SIGNAL_MS);
  return new Map(
    buckets.flatMap((bucket) => {
      const p95 = metricOf('latency_p95_ms', bucket);
      return bucket.key !== null && p95 !== null ? [[bucket.key, p95]] : [];
    }),
  );
}

async function signalsOf(
  scope: Parameters<typeof sumTelemetry>[0],
  { telemetryWindowS }: Pick<Deps, 'telemetryWindowS'>,
  now: Date,
  fleetDevices: number,
): Promise<Signal[]> {
  const start = new Date(now.getTime() - SIGNAL_MS);
  const need = { from: start, to: now, points: SIGNAL_POINTS, windowS: telemetryWindowS };
  const stepMs = stepFor({ ...need, devices: 1, fleetDevices });
  const from = alignDown(start, stepMs);
  const [buckets, [whole], [before]] = await Promise.all([
    sumTelemetry(scope, { from, to: now }, 'none', stepMs),
    sumTelemetry(scope, { from, to: now }, 'none', 2 * SIGNAL_MS),
    sumTelemetry(scope, { from: new Date(from.getTime() - SIGNAL_MS), to: from }, 'none', 2 * SIGNAL_MS),
  ]);
  return SIGNALS.map((metric) => ({
    metric,
    value: whole ? fleetValue(metric, whole, now.getTime() - (buckets[0]?.startAt ?? from).getTime()) : null,
    before: before ? fleetValue(metric, before, SIGNAL_MS) : null,
    points: buckets.map((bucket) => ({ t: bucket.startAt.getTime(), value: fleetValue(metric, bucket, stepMs) })),
    powerSources: whole?.powerSources ?? [],
  }));
}

/** Throughput of a fleet is over the clock, not over the devices' added-up windows. */
function fleetValue(metric: Metric, bucket: Parameters<typeof metricOf>[1], clockMs: number): number | null {
  return metricOf(metric, metric === 'throughput_per_s' ? { ...bucket, durationMs: clockMs } : bucket);
}

type Judged = { device: DeviceRow; status: DeviceStatus };

function troubleOf(devices: readonly Judged[], throttled: ReadonlySet<string>): Trouble[] {
  const causes = new Map<string, Trouble>();
  for (const each of devices) {
    for (const cause of causesOf(each, throttled.has(each.device.id))) {
      const key = `${cause.kind}/${cause.code}/${cause.version}`;
      const known = causes.get(key) ?? { ...cause, count: 0, devices: [] };
      known.count += 1;
      if (known.devices.length < NAMES_SHOWN) known.devices.push({ id: each.device.id, name: each.device.name });
      if (cause.since && (!known.since || cause.since < known.since)) known.since = cause.since;
      causes.set(key, known);
    }
  }
  const order = { critical: 0, attention: 1, unknown: 2 };
  return [...causes.values()].sort((a, b) => order[a.tone] - order[b.tone] || b.count - a.count);
}

type Cause = Omit<Trouble, 'count' | 'devices'>;

function causesOf({ device, status }: Judged, isThrottled: boolean): Cause[] {
  const causes: Cause[] = [];
  const { update, connectivity } = status;
  if (update.value === 'rejected' || update.value === 'failed' || update.value === 'reverted') {
    const code = device.deployment?.reasonCode ?? null;
    causes.push({
      kind: update.value,
      tone: 'critical',
      code,
      sentence: code ? reasonSentence(code) : 'The device gave no reason.',
      version: device.deployment?.version ?? null,
      since: update.since,
    });
  }
  const health = healthCause(status.health.value, isThrottled);
  if (health) causes.push(health);
  if (connectivity.value === 'offline')
    causes.push({
      kind: 'offline',
      tone: 'unknown',
      code: null,
      sentence: 'Its connection ended; what it serves goes on without the server.',
      version: null,
      since: connectivity.since,
    });
  if (connectivity.value === 'stale')
    causes.push({
      kind: 'stale',
      tone: 'unknown',
      code: null,
      sentence: 'It is connected, but has not been heard for more than a minute.',
      version: null,
      since: connectivity.since,
    });
  return causes;
}

function healthCause(health: Health, isThrottled: boolean): Cause | null {
  if (isThrottled)
    return {
      kind: 'throttled',
      tone: 'attention',
      code: null,
      sentence: 'The board slows itself down because it is hot or short of power.',
      version: null,
      since: null,
    };
  if (health !== 'critical' && health !== 'attention') return null;
  return {
    kind: 'errors',
    tone: health,
    code: null,
    sentence: 'Inferences fail more often than they should.',
    version: null,
    since: null,
  };
}
