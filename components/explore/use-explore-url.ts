'use client';

import { parseAsArrayOf, parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import type { Metric } from '@/server/domain/telemetry/metrics.ts';
import { METRIC_KEYS } from './metrics.ts';

/** What one line of the charts stands for. */
export const SPLITS = ['version', 'none', 'device', 'label'] as const;
export type Split = (typeof SPLITS)[number];

/** Charts under each other that still fit a look. */
export const MAX_METRICS = 6;

const DEFAULT_METRICS: Metric[] = ['latency_p95_ms', 'error_rate', 'accuracy', 'energy_mj'];

const PARSERS = {
  m: parseAsArrayOf(parseAsStringLiteral(METRIC_KEYS)).withDefault(DEFAULT_METRICS),
  by: parseAsStringLiteral(SPLITS).withDefault('version'),
  label: parseAsString.withDefault(''),
  model: parseAsString.withDefault(''),
  v: parseAsArrayOf(parseAsString).withDefault([]),
  devices: parseAsString.withDefault(''),
  same: parseAsBoolean.withDefault(false),
};

/** What the page shows, without its time range. `versions` are ids. */
export type ExploreView = {
  metrics: Metric[];
  split: Split;
  label: string;
  model: string;
  versions: string[];
  selector: string;
  sameDevices: boolean;
};

/** The page's questions, kept in the address: sharing the link shares the view. */
export function useExploreUrl(): {
  view: ExploreView;
  change: (next: Partial<ExploreView>) => void;
  reset: () => void;
} {
  const [{ m, by, label, model, v, devices, same }, set] = useQueryStates(PARSERS, { history: 'replace' });
  const metrics = [...new Set(m)].slice(0, MAX_METRICS);
  return {
    view: { metrics, split: by, label, model, versions: v, selector: devices, sameDevices: same },
    change: (next) =>
      void set({
        ...(next.metrics && { m: next.metrics }),
        ...(next.split && { by: next.split }),
        ...(next.label !== undefined && { label: next.label }),
        ...(next.model !== undefined && { model: next.model }),
        ...(next.versions && { v: next.versions }),
        ...(next.selector !== undefined && { devices: next.selector }),
        ...(next.sameDevices !== undefined && { same: next.sameDevices }),
      }),
    reset: () => void set(null),
  };
}
