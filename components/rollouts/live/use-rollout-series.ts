'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import type { TelemetrySeriesResult } from '@/server/queries/telemetry-series.ts';
import type { Series } from '../../charts/types.ts';
import { useTRPC } from '../../trpc/client.ts';
import { useClockText } from '../../ui/use-now.ts';
import { useOrg } from '../../ui/use-org.ts';

/** A version in the charts, with the colour it has everywhere. */
export type ChartedVersion = { versionId: string; colorId: string; version: string; isNew: boolean };

const MINUTE_MS = 60_000;

/** Shown before the start, so that the usual stands beside the new, and after the end: as long as it took, within these. */
const LEAST_AROUND_MS = 1.5 * MINUTE_MS;
const MOST_AROUND_MS = 10 * MINUTE_MS;

/** The right edge moves on in such steps, so that the axis does not creep. */
const EDGE_MS = 10_000;

const METRICS = ['latency_p95_ms', 'accuracy', 'energy_mj', 'error_rate'] as const;

/** Telemetry of the new version and of those that devices come from, on the devices that the plan selects, since shortly before the start. */
export function useRolloutSeries(page: RolloutPage) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const { rollout, release, from: sources } = page;
  const { selector } = rollout.plan;
  const nowMs = Number(useClockText((now) => String(Math.floor(now / EDGE_MS) * EDGE_MS)));
  const versions = useMemo(() => chartedVersions(release, sources), [release, sources]);
  const startedMs = (rollout.startedAt ?? rollout.createdAt).getTime();
  const tookMs = (rollout.finishedAt?.getTime() ?? nowMs) - startedMs;
  const aroundMs = Math.min(MOST_AROUND_MS, Math.max(LEAST_AROUND_MS, tookMs));
  const startMs = startedMs - aroundMs;
  const endMs = rollout.finishedAt ? Math.min(nowMs, rollout.finishedAt.getTime() + aroundMs) : nowMs;
  const query = useQuery(
    trpc.fleet.telemetry.queryOptions(
      {
        org,
        metrics: [...METRICS],
        groupBy: 'version',
        versionIds: versions.map(({ versionId }) => versionId),
        // Other rollouts may move other devices to the same version.
        ...(selector !== '' && { selector }),
        from: new Date(Math.max(startMs, endMs - MAX_SHOWN_MS)),
        to: new Date(endMs),
        points: 160,
      },
      { enabled: rollout.startedAt !== null && versions.length > 0, placeholderData: keepPreviousData },
    ),
  );
  return { data: query.data, error: query.error, versions };
}

/** The longest stretch drawn: a rollout that waits for weeks shows its last days. */
const MAX_SHOWN_MS = 7 * 86_400_000;

/** More versions than this are not told apart; the ones most devices come from are kept. */
const MAX_SOURCES = 3;

function chartedVersions(release: RolloutPage['release'], sources: RolloutPage['from']): ChartedVersion[] {
  const byVersion = new Map<string, ChartedVersion>();
  const add = (name: NonNullable<RolloutPage['release']>, isNew: boolean) => {
    if (byVersion.has(name.versionId)) return;
    const colorId = `${name.modelName}@${name.version}`;
    byVersion.set(name.versionId, { versionId: name.versionId, colorId, version: name.version, isNew });
  };
  if (release) add(release, true);
  const known = sources.filter((each) => each.release !== null).sort((a, b) => b.devices - a.devices);
  for (const each of known.slice(0, MAX_SOURCES)) if (each.release) add(each.release, false);
  return [...byVersion.values()];
}

/** The lines of one metric, one per version; the new one in front. */
export function linesOf(
  data: TelemetrySeriesResult | undefined,
  versions: readonly ChartedVersion[],
  metric: (typeof METRICS)[number],
): Series[] {
  return versions.flatMap(({ versionId, colorId, version }) => {
    const found = data?.series.find((each) => each.key === versionId && each.metric === metric);
    return found ? [{ id: colorId, label: version, points: found.points }] : [];
  });
}

/** One metric of one version over all that the charts show, weighted by what each point stands for; null without any. */
export function meanOf(
  data: TelemetrySeriesResult | undefined,
  versionId: string,
  metric: (typeof METRICS)[number],
): number | null {
  const points = data?.series.find((each) => each.key === versionId && each.metric === metric)?.points ?? [];
  let sum = 0;
  let weight = 0;
  for (const { value, n } of points) {
    if (value === null) continue;
    sum += value * n;
    weight += n;
  }
  return weight === 0 ? null : sum / weight;
}
