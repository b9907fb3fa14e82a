'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { VersionPage } from '@/server/queries/model-pages.ts';
import type { TelemetrySeriesResult } from '@/server/queries/telemetry-series.ts';
import type { ChartRange } from '../../charts/use-chart-range.ts';
import { useTRPC } from '../../trpc/client.ts';
import { useOrg } from '../../ui/use-org.ts';

const METRICS = [
  'latency_p50_ms',
  'latency_p95_ms',
  'latency_p99_ms',
  'accuracy',
  'energy_mj',
  'throughput_per_s',
] as const;

/** Versions whose telemetry is asked for to find one to compare with. */
const MAX_VERSIONS = 50;

/** A version of the same model, for comparison. */
export type Against = { id: string; version: string };

/** The telemetry of a version over the whole fleet, and of the other version of its model that was measured most in the range. */
export function useVersionSeries({ version }: VersionPage, range: ChartRange) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const siblings = useQuery(trpc.models.page.queryOptions({ org, model: version.modelName }));
  const others = (siblings.data?.versions ?? []).filter(({ id }) => id !== version.id).slice(0, MAX_VERSIONS - 1);
  const query = useQuery(
    trpc.fleet.telemetry.queryOptions(
      {
        org,
        metrics: [...METRICS],
        groupBy: 'version',
        versionIds: [version.id, ...others.map(({ id }) => id)],
        from: new Date(range.from),
        to: new Date(range.to),
        points: 200,
      },
      { enabled: siblings.data !== undefined || siblings.isError, placeholderData: keepPreviousData },
    ),
  );
  return { ...query, against: mostMeasured(query.data, others) };
}

function mostMeasured(data: TelemetrySeriesResult | undefined, others: readonly Against[]): Against | null {
  let best: { against: Against; samples: number } | null = null;
  for (const { id, version } of others) {
    const series = data?.series.find(({ key, metric }) => key === id && metric === 'latency_p95_ms');
    const samples = (series?.points ?? []).reduce((sum, { n }) => sum + n, 0);
    if (samples > 0 && samples > (best?.samples ?? 0)) best = { against: { id, version }, samples };
  }
  return best?.against ?? null;
}
