import { useMemo } from 'react';
import type { AlertRow } from '@/server/queries/alerts.ts';
import type { Marker } from '../../charts/types.ts';

/** When an alert fired, and when it was over. */
export function useMarkers({ firedAt, resolvedAt }: Pick<AlertRow, 'firedAt' | 'resolvedAt'>): Marker[] {
  return useMemo(() => {
    const fired: Marker = { t: firedAt.getTime(), label: 'fired', tone: 'critical' };
    return resolvedAt ? [fired, { t: resolvedAt.getTime(), label: 'over', tone: 'quiet' }] : [fired];
  }, [firedAt, resolvedAt]);
}
