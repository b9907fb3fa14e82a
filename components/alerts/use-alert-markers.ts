'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ChartTone, Marker } from '../charts/types.ts';
import type { Severity } from '../status/types.ts';
import { useTRPC } from '../trpc/client.ts';
import { useOrg } from '../ui/use-org.ts';

/** More alerts of one range are not marked in its charts; the newest are. */
const MAX_MARKED = 20;

/** A range that has passed is of no more use: each step of the moving end is a query of its own. */
const KEEP_MS = 60_000;

const TONES: Record<Severity, ChartTone> = { critical: 'critical', attention: 'attention', notice: 'quiet' };

type Range = { from: number; to: number };

/** When alerts fired in this time that this device, version or rollout was in, or any at all: markers for charts. */
export function useAlertMarkers({ from, to }: Range, subjectId?: string): Marker[] {
  const { org } = useOrg();
  const trpc = useTRPC();
  const range = { firedFrom: new Date(from), firedTo: new Date(to) };
  const { data } = useQuery(
    trpc.alerts.list.queryOptions(
      { org, limit: MAX_MARKED, ...range, ...(subjectId !== undefined && { subjectId }) },
      { placeholderData: keepPreviousData, gcTime: KEEP_MS },
    ),
  );
  return useMemo(
    () =>
      (data?.items ?? []).map(({ ruleName, severity, firedAt }) => ({
        t: firedAt.getTime(),
        label: ruleName,
        tone: TONES[severity],
      })),
    [data],
  );
}
