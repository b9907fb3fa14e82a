import { countOpenRollouts, countTroubles, versionNames } from '../db/fleet-counts.ts';
import { forTenant } from '../db/scope.ts';
import { sumTelemetry, type TelemetryBucket } from '../db/telemetry.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { type Metric, metricOf } from '../domain/telemetry/metrics.ts';
import { alignDown } from '../domain/telemetry/range.ts';
import type { Deps } from '../services/deps.ts';
import { type AxisCounts, countAxes, fleetStanding } from './fleet-standing.ts';

export type VersionMetrics = {
  model: string;
  version: string;
  inferencesPerS: number;
  /** By quantile: `0.5`, `0.95`, `0.99`. */
  latencyS: Record<string, number | null>;
  errorRatio: number | null;
  accuracyRatio: number | null;
  energyJ: number | null;
  /** Where the energy comes from: `estimate`, a sensor's name, or `mixed`. */
  energySource: string;
};

export type FleetMetrics = {
  devices: AxisCounts;
  openRollouts: Record<string, number>;
  versions: VersionMetrics[];
  unpublished: number;
  refusedMessages: number;
  droppedWindows: number;
};

const SPAN_MS = 300_000;
const MAX_DEVICES = 10_000;

/** Versions that get lines of their own, those with most inferences first: a scraper pays for each line for ever. */
const MAX_VERSIONS = 50;

const quantiles: Record<string, Metric> = {
  '0.5': 'latency_p50_ms',
  '0.95': 'latency_p95_ms',
  '0.99': 'latency_p99_ms',
};

/** The fleet in numbers, of the last five whole minutes where they are of a time. */
export async function fleetMetrics(deps: Pick<Deps, 'db' | 'now'>, actor: Actor): Promise<FleetMetrics> {
  requirePermission(actor, 'telemetry:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const now = deps.now();
  const to = alignDown(now, 60_000);
  const from = new Date(to.getTime() - SPAN_MS);
  const [devices, buckets, openRollouts, troubles] = await Promise.all([
    fleetStanding(scope, now, { limit: MAX_DEVICES }),
    sumTelemetry(scope, { from, to }, 'version', 2 * SPAN_MS),
    countOpenRollouts(scope),
    countTroubles(scope),
  ]);
  const busiest = buckets.sort((a, b) => b.inferences - a.inferences).slice(0, MAX_VERSIONS);
  const names = await versionNames(
    scope,
    busiest.flatMap(({ key }) => (key ? [key] : [])),
  );
  return {
    devices: countAxes(devices),
    openRollouts,
    versions: busiest.flatMap((bucket) => {
      const name = names.get(bucket.key ?? '');
      return name ? [{ ...name, ...valuesOf(bucket) }] : [];
    }),
    ...troubles,
  };
}

function valuesOf(bucket: TelemetryBucket): Omit<VersionMetrics, 'model' | 'version'> {
  const seconds = (metric: Metric) => scaled(metricOf(metric, bucket));
  const [source = 'none', ...others] = bucket.powerSources;
  return {
    inferencesPerS: (bucket.inferences * 1000) / SPAN_MS,
    latencyS: Object.fromEntries(Object.entries(quantiles).map(([quantile, metric]) => [quantile, seconds(metric)])),
    errorRatio: metricOf('error_rate', bucket),
    accuracyRatio: metricOf('accuracy', bucket),
    energyJ: scaled(metricOf('energy_mj', bucket)),
    energySource: others.length > 0 ? 'mixed' : source,
  };
}

/** Thousandths to wholes. */
function scaled(value: number | null): number | null {
  return value === null ? null : value / 1000;
}
