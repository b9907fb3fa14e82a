import type * as z from 'zod';
import { type Gate, type GateKind, isAccuracy, kindOf, opOf } from '@/server/domain/rollout/gates/gate.ts';
import { metricUnit } from '../live/words.ts';
import { type Field, toPercent, toShare } from './field.ts';

/** One gate as it is edited; its limit in the unit that the field shows. */
export type GateDraft = Omit<Gate, 'limit' | 'op' | 'minDevices' | 'minInferences'> & {
  id: number;
  op: '<=' | '>=';
  limit: Field;
  minDevices: Field;
  minInferences: Field;
};

/** Right for most when a gate is added. */
const FRESH_LIMITS: Record<GateKind, number> = {
  share: 1,
  'change of share': -2,
  ratio: 1.2,
  change: 5,
  value: 100,
};

/** A distance that matters, as the watch over drift has it. */
const MIN_DRIFT = 0.1;

/** The gate with the limit in the words of its field. */
export function gateDraftOf(gate: Gate, id: number): GateDraft {
  const isShare = isOfShare(gate);
  return { ...gate, id, op: opOf(gate), limit: isShare ? toPercent(gate.limit) : gate.limit };
}

/** A gate of this metric and comparison, with a limit that is right for most. */
export function freshGate(id: number, { metric, compare }: Pick<GateDraft, 'metric' | 'compare'>): GateDraft {
  const limit = freshLimit({ metric, compare });
  const op = opOf({ metric });
  return { id, metric, compare, op, limit, minDevices: 1, minInferences: 200, onBreach: 'roll-back', onNoData: 'wait' };
}

function freshLimit({ metric, compare }: Pick<GateDraft, 'metric' | 'compare'>): number {
  if (metric === 'drift') return MIN_DRIFT;
  if (isAccuracy(metric) && compare === 'absolute') return 90;
  return FRESH_LIMITS[kindOf({ metric, compare })];
}

/** The gate as the server takes it. The draft must be free of problems. */
export function toGate({ id: _, limit, minDevices, minInferences, op, ...gate }: GateDraft): z.input<typeof Gate> {
  return {
    ...gate,
    ...(op === opOf({ metric: gate.metric }) ? {} : { op }),
    limit: isOfShare(gate) ? toShare(limit ?? 0) : (limit ?? 0),
    minDevices: minDevices ?? 1,
    minInferences: minInferences ?? 1,
  };
}

/** The unit inside the limit's field. */
export function limitUnit(gate: Pick<GateDraft, 'metric' | 'compare'>): string {
  switch (kindOf(gate)) {
    case 'share':
      return '%';
    case 'change of share':
      return 'pt';
    case 'ratio':
      return '×';
    case 'change':
      return metricUnit(gate.metric);
    case 'value':
      return metricUnit(gate.metric);
  }
}

/** What a limit may be, in the unit of its field. */
export function limitRange(gate: Pick<GateDraft, 'metric' | 'compare'>): { min: number; max: number } {
  switch (kindOf(gate)) {
    case 'share':
      return { min: 0, max: 100 };
    case 'change of share':
      return { min: -100, max: 100 };
    case 'ratio':
      return { min: 0.1, max: 10 };
    case 'change':
      return gate.metric === 'drift' ? { min: -1, max: 1 } : { min: -200, max: 200 };
    case 'value':
      if (gate.metric === 'drift') return { min: 0.01, max: 1 };
      return gate.metric === 'temperature' ? { min: -100, max: 200 } : { min: 0.001, max: 1_000_000 };
  }
}

function isOfShare(gate: Pick<Gate, 'metric' | 'compare'>): boolean {
  const kind = kindOf(gate);
  return kind === 'share' || kind === 'change of share';
}
