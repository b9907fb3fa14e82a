import * as z from 'zod';
import { listDecisionsBetween } from '../db/decisions.ts';
import { listDeviceIds, listDeviceNames, listLabelKeys } from '../db/device-list.ts';
import { listVersionNames, type VersionName } from '../db/models.ts';
import { forTenant, type Scope } from '../db/scope.ts';
import { sumTelemetry } from '../db/telemetry.ts';
import { busiestDevices, devicesOfAllVersions } from '../db/telemetry-rollups.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { type Metric, metricOf, sampleOf } from '../domain/telemetry/metrics.ts';
import type { Deps } from '../services/deps.ts';
import {
  groupOf,
  type TelemetrySeries,
  TelemetrySeriesInput,
  type TelemetrySeriesResult,
  telemetrySeries,
} from './telemetry-series.ts';

/** Lines that one chart can show and still be read. */
const MAX_LINES = 8;
const MAX_MARKS = 200;

/** Kinds of decisions that can explain a change in a chart. */
const MARKS = ['start', 'pause', 'roll-back', 'abort', 'finish'];

export const ExploreInput = TelemetrySeriesInput.omit({ deviceIds: true, slot: true }).extend({
  metrics: TelemetrySeriesInput.shape.metrics.max(6),
  /** With two versions or more: only devices that ran every one of them in the range. */
  sameDevices: z.boolean().default(false),
});
export type ExploreInput = z.infer<typeof ExploreInput>;

/** One line: `id` has the line's colour on every page. `samples` are inferences in the range. */
export type ExploreLine = { key: string | null; id: string; label: string; deviceId: string | null; samples: number };
/** One metric of one line over the whole range; `n` is how many observations stand behind it. */
export type ExploreWhole = { key: string | null; metric: Metric; value: number | null; n: number };
export type ExploreMark = { at: Date; rolloutId: string; rolloutName: string; kind: string };

/** `lines` are those with most samples, `total` all that were measured. `devices` is null where no filter chose them. */
export type Explored = Omit<TelemetrySeriesResult, 'series'> & {
  series: TelemetrySeries[];
  lines: ExploreLine[];
  whole: ExploreWhole[];
  total: number;
  devices: number | null;
  marks: ExploreMark[];
};

/** Any metrics over one range, as one line a version, device or label value, with what was decided meanwhile. */
export async function explore(
  deps: Pick<Deps, 'db' | 'telemetryWindowS'>,
  actor: Actor,
  input: ExploreInput,
): Promise<Explored> {
  requirePermission(actor, 'telemetry:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const chosen = await chosenDevices(scope, input);
  const busiest =
    input.groupBy === 'device' ? await busiestDevices(scope, { ...input, deviceIds: chosen }, MAX_LINES) : null;
  const deviceIds = busiest?.deviceIds ?? chosen;
  const { series, ...result } = await telemetrySeries(deps, actor, { ...input, selector: undefined, deviceIds });
  const range = { from: new Date(result.from), to: new Date(result.to) };
  const samples = samplesByKey(series);
  const kept = [...samples].sort(([, a], [, b]) => b - a).slice(0, MAX_LINES);
  const lines = await linesOf(scope, input, kept);
  const keys = new Set(lines.map(({ key }) => key));
  const wholeMs = Math.ceil((result.to - result.from) / result.stepMs) * result.stepMs;
  const filter = { ...range, deviceIds, versionIds: input.versionIds };
  const sums = await sumTelemetry(scope, filter, groupOf(input), wholeMs);
  return {
    ...result,
    series: series.filter(({ key }) => keys.has(key)),
    lines,
    whole: sums
      .filter(({ key }) => keys.has(key))
      .flatMap((bucket) =>
        input.metrics.map((metric) => ({
          key: bucket.key,
          metric,
          value: metricOf(metric, bucket),
          n: sampleOf(metric, bucket),
        })),
      ),
    total: busiest?.total ?? samples.size,
    devices: chosen?.length ?? null,
    marks: await listDecisionsBetween(scope, { ...range, kinds: MARKS, limit: MAX_MARKS }),
  };
}

export type ExploreChoices = {
  models: { name: string; versions: { id: string; version: string }[] }[];
  labelKeys: string[];
};

/** What there is to choose from: models with their versions, newest first, and the keys of labels. */
export async function exploreChoices(deps: Pick<Deps, 'db'>, actor: Actor): Promise<ExploreChoices> {
  requirePermission(actor, 'telemetry:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const [versions, labelKeys] = await Promise.all([listVersionNames(scope), listLabelKeys(scope)]);
  const byModel = Map.groupBy(versions, ({ modelName }) => modelName);
  return {
    models: [...byModel].map(([name, rows]) => ({ name, versions: rows.map(({ id, version }) => ({ id, version })) })),
    labelKeys,
  };
}

/** Undefined: every device, with the fleet's own sums. */
async function chosenDevices(scope: Scope, input: ExploreInput): Promise<string[] | undefined> {
  const held = input.selector?.trim() ? await listDeviceIds(scope, input.selector) : undefined;
  const versionIds = input.versionIds ?? [];
  if (!input.sameDevices || versionIds.length < 2) return held;
  const same = await devicesOfAllVersions(scope, { from: input.from, to: input.to, versionIds });
  return held ? same.filter((id) => held.includes(id)) : same;
}

/** Inferences behind each group. Every metric of a group stands on the same ones, but for those that count something else. */
function samplesByKey(series: readonly TelemetrySeries[]): Map<string | null, number> {
  const samples = new Map<string | null, number>();
  for (const { key, points } of series) {
    const sum = points.reduce((total, { n }) => total + n, 0);
    samples.set(key, Math.max(samples.get(key) ?? 0, sum));
  }
  return samples;
}

async function linesOf(
  scope: Scope,
  { groupBy, labelKey }: ExploreInput,
  kept: readonly (readonly [string | null, number])[],
): Promise<ExploreLine[]> {
  const ids = kept.flatMap(([key]) => (key === null ? [] : [key]));
  const versions = groupBy === 'version' ? await namesById(listVersionNames(scope, ids)) : null;
  const devices = groupBy === 'device' ? await listDeviceNames(scope, ids) : null;
  const many = new Set([...(versions?.values() ?? [])].map(({ modelName }) => modelName)).size > 1;
  return kept.map(([key, samples]) => {
    const version = versions?.get(key ?? '');
    const line = { key, samples, deviceId: devices ? key : null };
    if (groupBy === 'none') return { ...line, id: 'fleet', label: 'All devices' };
    if (groupBy === 'label') return { ...line, id: `${labelKey}=${key}`, label: key ?? `without ${labelKey}` };
    if (groupBy === 'device') return { ...line, id: key ?? '', label: devices?.get(key ?? '') ?? 'an unknown device' };
    if (!version) return { ...line, id: 'unknown', label: 'an unknown version' };
    const { modelName, version: name } = version;
    return { ...line, id: `${modelName}@${name}`, label: many ? `${modelName} ${name}` : name };
  });
}

async function namesById(versions: Promise<VersionName[]>): Promise<Map<string, VersionName>> {
  return new Map((await versions).map((version) => [version.id, version]));
}
