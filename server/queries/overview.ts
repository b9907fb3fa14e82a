import { reasonSentence } from '@flotilla/protocol';
import { listLatestDecisions } from '../db/decisions.ts';
import { countDevices } from '../db/device-list.ts';
import { userNames } from '../db/rollout-counts.ts';
import { forTenant, type Scope } from '../db/scope.ts';
import { sumTelemetry } from '../db/telemetry.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import type { Health } from '../domain/device/axes.ts';
import { drawEvenly } from '../domain/draw-evenly.ts';
import { type Metric, metricOf } from '../domain/telemetry/metrics.ts';
import { alignDown, stepFor } from '../domain/telemetry/range.ts';
import type { Deps } from '../services/deps.ts';
import { recentByDevice } from './device-table.ts';
import { type AxisCounts, countAxes, fleetStanding, RECENT_MS, type Standing } from './fleet-standing.ts';
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
  /** Devices that have a cause of trouble. */
  troubled: number;
  counts: AxisCounts;
  trouble: Trouble[];
  moving: RolloutListRow[];
  /** Of a large fleet some of the devices, evenly from each site. */
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

/** Devices that the map draws: of more, as many of each site as it has of the fleet. */
const MAX_DRAWN = 600;

/** For more devices the usual p95 is that of the last whole hour, which is one stored row a device instead of sixty. */
const FEW_DEVICES = 300;

/** The first page: what is in trouble, what is moving, where it is slow, what was decided, and how the fleet does. */
export async function overview(deps: Pick<Deps, 'db' | 'now' | 'telemetryWindowS'>, actor: Actor): Promise<Overview> {
  requirePermission(actor, 'devices:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const now = deps.now();
  const [devices, fleetDevices] = await Promise.all([
    fleetStanding(scope, now, { limit: MAX_DEVICES }),
    countDevices(scope),
  ]);
  const drawn = drawEvenly(devices, MAX_DRAWN, ({ device }) => device.site);
  const ids = drawn.map(({ device }) => device.id);
  const [recent, usual, moving, decisions, signals] = await Promise.all([
    recentByDevice(scope, now, ids),
    usualP95(scope, now, ids),
    rolloutList(deps, actor, { states: ['running', 'paused', 'aborting', 'rolling-back'], limit: 10 }),
    listLatestDecisions(scope, 8),
    signalsOf(scope, deps, now, fleetDevices),
  ]);
  const people = await userNames(
    scope,
    decisions.map(({ actorKind, actorId }) => (actorKind === 'user' ? actorId : null)),
  );
  return {
    total: devices.length,
    troubled: devices.filter((each) => causesOf(each).length > 0).length,
    counts: countAxes(devices),
    trouble: troubleOf(devices),
    moving: moving.items,
    map: drawn.map(({ device: { id, name, site } }) => {
      const bucket = recent.get(id);
      return {
        ...{ id, name, site },
        p95Ms: bucket ? metricOf('latency_p95_ms', bucket) : null,
        usualP95Ms: usual.get(id) ?? null,
      };
    }),
    decisions: decisions.map((decision) => ({ ...decision, actorName: people.get(decision.actorId ?? '') ?? null })),
    signals,
  };
}

/** The p95 of the hour before the last ten minutes, by device: what "than usual" means. */
async function usualP95(scope: Scope, now: Date, deviceIds: readonly string[]): Promise<Map<string, number>> {
  const to = alignDown(new Date(now.getTime() - RECENT_MS), deviceIds.length > FEW_DEVICES ? SIGNAL_MS : 60_000);
  const range = { from: new Date(to.getTime() - SIGNAL_MS), to, deviceIds };
  const buckets = await sumTelemetry(scope, range, 'device', 2 * SIGNAL_MS);
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

function troubleOf(devices: readonly Standing[]): Trouble[] {
  const causes = new Map<string, Trouble>();
  for (const each of devices) {
    for (const cause of causesOf(each)) {
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

function causesOf({ device, status, isThrottled }: Standing): Cause[] {
  const causes: Cause[] = [];
  const { update, connectivity } = status;
  if (update.value === 'rejected' || update.value === 'failed' || update.value === 'reverted') {
    const code = device.reasonCode;
    causes.push({
      kind: update.value,
      tone: 'critical',
      code,
      sentence: code ? reasonSentence(code) : 'The device gave no reason.',
      version: device.targetVersion,
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
      sentence: 'The connection ended; what was served goes on without the server.',
      version: null,
      since: connectivity.since,
    });
  if (connectivity.value === 'stale')
    causes.push({
      kind: 'stale',
      tone: 'unknown',
      code: null,
      sentence: 'Connected, but not heard for more than a minute.',
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
