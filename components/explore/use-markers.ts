import { useMemo } from 'react';
import type { Explored } from '@/server/queries/explore.ts';
import { useAlertMarkers } from '../alerts/use-alert-markers.ts';
import type { Marker } from '../charts/types.ts';
import { markersOf } from './series.ts';

/** What rollouts did and which alerts fired in the range that is shown. */
export function useMarkers(result: Pick<Explored, 'marks' | 'from' | 'to'>): Marker[] {
  const alerts = useAlertMarkers(result);
  return useMemo(() => [...markersOf(result.marks), ...alerts], [result.marks, alerts]);
}
