import { defaultGates } from '../../domain/rollout/gates/default-gates.ts';
import { type Bake, controlGates, monitoringGates, strictGates } from './simulate.ts';

/** A row of the bench: a bake, how often it is simulated, and what it must show. */
export type Scenario = { name: string; title: string; times: number; bake: Bake; must: string };

const quiet = (name: string, title: string, times: number, bake: Partial<Bake>): Scenario => ({
  ...{ name, title, times, must: '≤ 5 % broken' },
  bake: { gates: strictGates, devices: 10, looks: 60, ...bake },
});

/** Nothing changed: what breaks is a false breach. Nothing lies more on the limit than nothing, where the limit is "no worse". */
const nulls: Scenario[] = [
  quiet('null', '10 devices', 10_000, { withNaive: true }),
  quiet('null-1', '1 canary, 9 beside it', 500, { devices: 1, control: 9 }),
  ...[2, 3, 4, 5].map((devices) => quiet(`null-${devices}`, `${devices} devices`, 500, { devices })),
  quiet('null-30', '30 devices', 300, { devices: 30 }),
  quiet('null-long', '10 devices, 4 h of looks', 300, { looks: 240 }),
  quiet('null-control', '5 against 5 that stay', 300, { gates: controlGates, devices: 5, control: 5 }),
  quiet('null-monitoring', '10 devices, drift and estimate', 300, { gates: monitoringGates }),
  quiet('null-monitoring-1', '1 device, drift and estimate', 500, { gates: monitoringGates, devices: 1 }),
  quiet('null-others', '10 beside 10, nothing before', 300, { isFirst: true, control: 10 }),
  quiet('null-others-1', '1 beside 9, nothing before', 500, { isFirst: true, devices: 1, control: 9 }),
  quiet('null-default', '10 devices, default gates', 300, { gates: defaultGates }),
];

const worse = (name: string, title: string, must: string, bake: Partial<Bake>): Scenario => ({
  ...{ name, title, must, times: 500 },
  bake: { gates: strictGates, devices: 10, looks: 10, ...bake },
});

/** Regressions that must be found. */
const regressions: Scenario[] = [
  worse('latency', 'p95 20 % worse', '≥ 90 % by window 10', { effect: { latency: 1.2 } }),
  worse('accuracy', 'accuracy 5 points worse', '≥ 90 % by window 10', { effect: { accuracyLost: 0.05 } }),
  worse('errors', 'errors tenfold', 'by window 3', { effect: { errors: 10 } }),
  worse('estimated', 'estimated accuracy 5 points worse', '≥ 90 % by window 10', {
    ...{ gates: monitoringGates, effect: { accuracyLost: 0.05 } },
  }),
  worse('drift', 'answers drift', '≥ 90 % by window 10', { gates: monitoringGates, effect: { tilt: 1.5 } }),
  worse('others', 'p95 fourfold, nothing before', 'told', {
    ...{ isFirst: true, control: 10, gates: defaultGates, effect: { latency: 4 } },
  }),
  worse('latency-default', 'p95 50 % worse, default gates', 'told', { gates: defaultGates, effect: { latency: 1.5 } }),
  worse('accuracy-default', 'accuracy 8 points worse, default', 'told', {
    gates: defaultGates,
    effect: { accuracyLost: 0.08 },
  }),
  worse('canary-default', '1 canary, p95 doubled, default', 'told', {
    ...{ gates: defaultGates, devices: 1, control: 9 },
    effect: { latency: 2 },
  }),
];

export const scenarios: readonly Scenario[] = [...nulls, ...regressions];
