import type { Counts, DeviceSample, PeriodSample, SeriesMetric } from '../../domain/rollout/gates/samples.ts';
import { addWindow, BLOCK_WINDOWS, emptySeries, meanOfSeries } from '../../domain/rollout/gates/series.ts';
import { monitoringOf, type Tilt, tiltOf } from './monitoring.ts';
import type { Random } from './random.ts';

/** What a release does to devices: factors on latency, energy and errors, points of accuracy lost, answers unlike the reference. */
export type Effect = {
  latency?: number;
  energy?: number;
  errors?: number;
  accuracyLost?: number;
  /** How far answers move from the version's reference: of the logarithm of a bin's share. */
  tilt?: number;
};

/** Windows of a minute: an hour of bake, an hour before it, and the same hour the day before. */
export const PERIOD_WINDOWS = 60;
const DAY_WINDOWS = 1_440;

/** What devices are like. Logarithms, but accuracy. */
const LEVEL_SD = 0.5;
const PERIOD_SD = 0.05;
const RHYTHM = 0.1;
const WINDOW_SD = 0.08;
const NOISE_SD = 0.03;
/** From one window to the next: neighbours are alike. */
const AUTOCORRELATION = 0.6;
const INFERENCES = 60;
const ERROR_RATE = 0.002;
const ERROR_LEVEL_SD = 0.7;
const MOST_ERRORS = 0.006;
const ERROR_PERIOD_SD = 0.2;
const ERROR_WINDOW_SD = 0.3;
const LABELS = 20;
const ACCURACY = 0.9;
const ACCURACY_LEVEL_SD = 0.03;
const ACCURACY_PERIOD_SD = 0.01;

const METRICS = ['latency_p95', 'energy_mj'] as const;

/** One simulated device: what the gates see of it, and one window more whenever `next` is called. */
export type SimulatedDevice = { sample: DeviceSample; next: () => void };

/** What of a device is simulated beside its windows: estimated accuracy and drift; and whether it was measured before it moved. */
export type Seen = { isMonitored?: boolean | undefined; isNewcomer?: boolean | undefined };

/** A device with a day behind it, which serves a release of this effect from now on. `startWindow` is the minute of the day. */
export function simulateDevice(
  id: number,
  random: Random,
  effect: Effect,
  startWindow: number,
  { isMonitored = false, isNewcomer = false }: Seen = {},
): SimulatedDevice {
  const device: Device = {
    phase: random.normal() * 60,
    level: random.normal() * LEVEL_SD,
    errors: Math.min(Math.log(MOST_ERRORS), Math.log(ERROR_RATE) + random.normal() * ERROR_LEVEL_SD),
    accuracy: Math.min(0.98, ACCURACY + random.normal() * ACCURACY_LEVEL_SD),
    tilt: isMonitored ? tiltOf(random) : null,
  };
  const run = (from: number, windows: number, more: Effect = {}) => {
    const period = emptyPeriod();
    const next = periodOf(period, device, random, from, more);
    for (let window = 0; window < windows; window += 1) next();
    return { period, next };
  };
  if (isNewcomer) {
    const { period: after, next } = run(startWindow, 0, effect);
    return {
      sample: { deviceId: String(id), hardwareClass: 'all', isNew: false, before: null, after, usual: {} },
      next,
    };
  }
  const before = run(startWindow - DAY_WINDOWS, PERIOD_WINDOWS).period;
  const last = run(startWindow - PERIOD_WINDOWS, PERIOD_WINDOWS).period;
  const { period: after, next } = run(startWindow, 0, effect);
  const usual: DeviceSample['usual'] = {};
  for (const metric of METRICS) usual[metric] = levelOf(last, metric) - levelOf(before, metric);
  return { sample: { deviceId: String(id), hardwareClass: 'all', isNew: false, before, after, usual }, next };
}

function levelOf({ series }: PeriodSample, metric: SeriesMetric): number {
  const found = series[metric];
  return found ? meanOfSeries(found) : 0;
}

function emptyPeriod(): PeriodSample {
  const counts = (): Counts => ({ n: 0, bad: 0, windows: 0, burst: 0 });
  return {
    inferences: counts(),
    labels: counts(),
    series: { latency_p95: emptySeries(), energy_mj: emptySeries() },
  };
}

type Device = { phase: number; level: number; errors: number; accuracy: number; tilt: Tilt | null };

/** Windows one after the other, from a minute on. Each period has a level of its own beside the device's. */
function periodOf(period: PeriodSample, device: Device, random: Random, from: number, effect: Effect): () => void {
  const { normal } = random;
  const factors = { latency_p95: effect.latency ?? 1, energy_mj: effect.energy ?? 1 };
  const lines = METRICS.map((metric) => ({
    series: period.series[metric] ?? emptySeries(),
    level: device.level + normal() * PERIOD_SD + Math.log(factors[metric]),
    near: normal() * WINDOW_SD,
    block: 0,
  }));
  const errorLevel = device.errors + normal() * ERROR_PERIOD_SD + Math.log(effect.errors ?? 1);
  const right = Math.min(0.995, device.accuracy + normal() * ACCURACY_PERIOD_SD - (effect.accuracyLost ?? 0));
  const wrongOf = binomialOf(LABELS, 1 - right);
  const monitor = device.tilt === null ? null : monitoringOf(period, random, right, device.tilt + (effect.tilt ?? 0));
  let errorNear = normal();
  const fresh = Math.sqrt(1 - AUTOCORRELATION ** 2);
  let window = from;
  return () => {
    const rhythm = RHYTHM * Math.sin((2 * Math.PI * (window + device.phase)) / DAY_WINDOWS);
    for (const line of lines) {
      line.near = AUTOCORRELATION * line.near + fresh * WINDOW_SD * normal();
      const value = line.level + rhythm + line.near + NOISE_SD * normal();
      line.block = (line.series.windows % BLOCK_WINDOWS === 0 ? 0 : line.block) + value;
      addWindow(line.series, value, line.block);
    }
    errorNear = AUTOCORRELATION * errorNear + fresh * normal();
    const rate = Math.min(1, Math.exp(errorLevel + errorNear * ERROR_WINDOW_SD));
    addCounts(period.inferences, INFERENCES, Math.min(INFERENCES, random.poisson(INFERENCES * rate)));
    addCounts(period.labels, LABELS, wrongOf(random.uniform()));
    monitor?.();
    window += 1;
  };
}

/** How many of n it is, by a uniform number. */
function binomialOf(n: number, share: number): (uniform: number) => number {
  const below: number[] = [];
  let probability = (1 - share) ** n;
  let sum = 0;
  for (let k = 0; k <= n; k += 1) {
    sum += probability;
    below.push(sum);
    probability *= ((n - k) * share) / ((k + 1) * (1 - share));
  }
  return (uniform) => {
    let k = 0;
    while (k < n && uniform > (below[k] ?? 1)) k += 1;
    return k;
  };
}

function addCounts(counts: Counts, n: number, bad: number): void {
  counts.n += n;
  counts.bad += bad;
  counts.windows += 1;
  counts.burst += (bad * bad) / n;
}
