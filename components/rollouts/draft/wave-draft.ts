import type * as z from 'zod';
import type { WavePlan } from '@/server/domain/rollout/plan.ts';
import { type Field, toMinutes, toSeconds } from './field.ts';
import { type GateDraft, gateDraftOf, toGate } from './gate-draft.ts';

/** One wave as it is edited; shares are in percent, times in minutes. */
export type WaveDraft = {
  id: number;
  name: string;
  unit: 'count' | 'percent' | 'selector';
  amount: Field;
  /** The devices of the wave, where `unit` says so. */
  selector: string;
  approval: boolean;
  minSuccess: Field;
  successSample: Field;
  maxErrors: Field;
  /** Empty for none. */
  maxErrorCount: Field;
  errorSample: Field;
  bakeMinutes: Field;
  /** Empty: it never ends early; it goes on as long as the engine's own bound. */
  minBakeMinutes: Field;
  maxBakeMinutes: Field;
  gates: GateDraft[];
};

export function waveDraftOf({ name, size, approval, success, errors, bake }: WavePlan, id: number): WaveDraft {
  return {
    id,
    name,
    ...sizeOf(size),
    approval,
    minSuccess: success.minPercent,
    successSample: success.minSample,
    maxErrors: errors.maxPercent,
    maxErrorCount: errors.maxCount,
    errorSample: errors.minSample,
    bakeMinutes: toMinutes(bake.seconds),
    minBakeMinutes: bake.minSeconds === undefined ? null : toMinutes(bake.minSeconds),
    maxBakeMinutes: bake.maxSeconds === undefined ? null : toMinutes(bake.maxSeconds),
    gates: bake.gates.map(gateDraftOf),
  };
}

function sizeOf(size: WavePlan['size']): Pick<WaveDraft, 'unit' | 'amount' | 'selector'> {
  if ('count' in size) return { unit: 'count', amount: size.count, selector: '' };
  if ('percent' in size) return { unit: 'percent', amount: size.percent, selector: '' };
  return { unit: 'selector', amount: null, selector: size.selector };
}

/** The wave as the server takes it. */
export function toWave(wave: WaveDraft): z.input<typeof WavePlan> {
  const { unit, amount, selector } = wave;
  return {
    name: wave.name.trim(),
    size:
      unit === 'selector'
        ? { selector: selector.trim() }
        : unit === 'count'
          ? { count: amount ?? 0 }
          : { percent: amount ?? 0 },
    approval: wave.approval,
    success: { minPercent: wave.minSuccess ?? 0, minSample: wave.successSample ?? 1 },
    errors: { maxPercent: wave.maxErrors ?? 0, maxCount: wave.maxErrorCount, minSample: wave.errorSample ?? 1 },
    bake: {
      seconds: toSeconds(wave.bakeMinutes),
      ...(wave.minBakeMinutes !== null && { minSeconds: toSeconds(wave.minBakeMinutes) }),
      ...(wave.maxBakeMinutes !== null && { maxSeconds: toSeconds(wave.maxBakeMinutes) }),
      gates: wave.gates.map(toGate),
    },
  };
}

/** A further wave before the last one: half way between its neighbours. */
export function addWave(waves: readonly WaveDraft[]): WaveDraft[] {
  const last = waves.at(-1);
  if (!last) return [];
  const before = waves.at(-2);
  const from = before?.unit === 'percent' ? (before.amount ?? 0) : 0;
  const fresh: WaveDraft = {
    ...last,
    id: Math.max(...waves.map(({ id }) => id)) + 1,
    name: `Wave ${waves.length}`,
    unit: 'percent',
    amount: Math.round((from + 100) / 2),
  };
  return [...waves.slice(0, -1), fresh, last];
}
