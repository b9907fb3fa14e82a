import * as z from 'zod';
import { judgeGates } from '../../domain/rollout/gates/bake-verdict.ts';
import { Gate } from '../../domain/rollout/gates/gate.ts';
import type { GateSamples } from '../../domain/rollout/gates/samples.ts';
import { type Effect, simulateDevice } from './fleet.ts';
import { isNaivelyBroken } from './naive.ts';
import { type Random, randomOf } from './random.ts';

/** The default gates, but "no worse at all" in each: nothing changed lies on the limit, where a false breach is likeliest. */
export const strictGates = z.array(Gate).parse([
  { metric: 'latency_p95', compare: 'vs_previous', limit: 1 },
  { metric: 'error_rate', compare: 'vs_previous', limit: 1 },
  { metric: 'error_rate', compare: 'absolute', limit: 0.01 },
  { metric: 'accuracy', compare: 'vs_previous', limit: 0 },
  { metric: 'energy_mj', compare: 'vs_previous', limit: 1 },
]);

/** The same against devices that did not move. */
export const controlGates = z
  .array(Gate)
  .parse(strictGates.map((gate) => (gate.compare === 'absolute' ? gate : { ...gate, compare: 'vs_control' })));

/** What is judged beside windows, no worse at all. */
export const monitoringGates = z.array(Gate).parse([
  { metric: 'estimated_accuracy', compare: 'vs_previous', limit: 0 },
  { metric: 'drift', compare: 'vs_previous', limit: 0 },
]);

export type Bake = {
  gates: readonly Gate[];
  devices: number;
  control?: number;
  looks: number;
  effect?: Effect;
  /** Nothing is known of the devices before they moved. */
  isFirst?: boolean;
  /** Also says, of every fifth bake, what tests made for one look would have said. */
  withNaive?: boolean;
};
/** `isNaive`: would tests made for one look have broken it? Null where they were not asked. */
export type BakeResult = { brokenAt: number | null; metric: string | null; isNaive: boolean | null };

/** One bake of simulated devices, looked at after every window until a gate breaks. */
export function bakeOnce(bake: Bake, random: Random): BakeResult {
  const start = Math.floor(random.uniform() * 1_440);
  const seen = { isMonitored: bake.gates.some(({ metric }) => isMonitoring(metric)), isNewcomer: bake.isFirst };
  const many = (count: number, effect: Effect) =>
    Array.from({ length: count }, (_, id) => simulateDevice(id, random, effect, start, seen));
  const moved = many(bake.devices, bake.effect ?? {});
  const control = many(bake.control ?? 0, {});
  const samples: GateSamples = {
    devices: moved.map(({ sample }) => sample),
    control: control.map(({ sample }) => sample),
  };
  const result: BakeResult = { brokenAt: null, metric: null, isNaive: bake.withNaive ? false : null };
  for (let look = 1; look <= bake.looks; look += 1) {
    for (const device of moved) device.next();
    for (const device of control) device.next();
    if (result.isNaive === false) result.isNaive = isNaivelyBroken(samples);
    if (result.brokenAt !== null) continue;
    const broken = judgeGates(bake.gates, samples).find(({ verdict }) => verdict === 'breach');
    if (broken) Object.assign(result, { brokenAt: look, metric: `${broken.metric} ${broken.compare}` });
    if (broken && !bake.withNaive) break;
  }
  return result;
}

function isMonitoring(metric: Gate['metric']): boolean {
  return metric === 'estimated_accuracy' || metric === 'drift';
}

const NAIVE_EVERY = 5;

/** Many bakes. Each scenario has its seed, so that one can be repeated alone. */
export function bakeMany(bake: Bake, times: number, seed: number): BakeResult[] {
  const random = randomOf(seed);
  return Array.from({ length: times }, (_, at) => {
    const withNaive = bake.withNaive === true && at % NAIVE_EVERY === 0;
    return bakeOnce({ ...bake, withNaive }, random);
  });
}
