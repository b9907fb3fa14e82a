'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ChartTone, Marker } from '../charts/types.ts';
import type { Severity } from '../status/types.ts';
import { useTRPC } from '../trpc/client.ts';
import { useOrg } from '../ui/use-org.ts';

/** More alerts of one thing are not marked in a chart. */
const MAX_MARKED = 20;

const TONES: Record<Severity, ChartTone> = { critical: 'critical', attention: 'attention', notice: 'quiet' };

/** When alerts fired that this device, version or rollout was in, or any at all: markers for charts. */
export function useAlertMarkers(subjectId?: string): Marker[] {
  const { org } = useOrg();
  const trpc = useTRPC();
  const { data } = useQuery(
    trpc.alerts.list.queryOptions(
      { org, limit: MAX_MARKED, ...(subjectId !== undefined && { subjectId }) },
      { placeholderData: keepPreviousData },
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
