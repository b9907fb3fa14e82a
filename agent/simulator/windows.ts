import { addToSketch, emptySketch, type Release, sketchToWire, type Window } from '@flotilla/protocol';
import type { Hardware } from './hardware.ts';
import { binomial, gaussian, type Random } from './random.ts';
import type { Scenario } from './scenarios.ts';
import type { Traits } from './traits.ts';

/** Correlation of one window with the next: heat, load and light do not change from one quarter of a minute to the next. */
const AUTOCORRELATION = 0.6;
const WINDOW_LATENCY_SPREAD = 0.08;
const WINDOW_ACCURACY_SPREAD = 0.01;

/** Of single inferences on one device within one window. */
const INFERENCE_SPREAD = 0.25;
const QUEUE_SHARE = 0.05;

/** The afternoon is this much slower than the mean of the day, the night this much faster. */
const DAILY_SWING = 0.05;
const DAY_MS = 86_400_000;

/** Latencies drawn for one window; beyond it the sketch gains nothing. */
const MAX_DRAWS = 300;

/** Requests per second of an application that asks by itself. */
const HTTP_RATE_PER_S = 5;
const BASE_ACCURACY = 0.95;
const BASE_ERROR_RATE = 0.0005;
const AMBIENT_C = 24;

/** What drifts from window to window on one device. */
export type Drift = { latency: number; accuracy: number };

export type WindowOrder = {
  slot: string;
  release: Release;
  /** Behaves as the scenario says of a new version. */
  isNew: boolean;
  startMs: number;
  durationMs: number;
  uptimeMs: number;
};

/** One window of telemetry as this device would have measured it. Changes `drift`. */
export function makeWindow(
  { scenario, traits, hardware, random }: { scenario: Scenario; traits: Traits; hardware: Hardware; random: Random },
  drift: Drift,
  { slot, release, isNew, startMs, durationMs, uptimeMs }: WindowOrder,
): Window {
  const worse = isNew ? scenario : sound;
  drift.latency = next(drift.latency, random);
  drift.accuracy = next(drift.accuracy, random);
  const seconds = durationMs / 1000;
  const asked = Math.round(rateOf(release) * seconds * (1 + 0.05 * gaussian(random)));
  const attempts = Math.max(0, asked);
  const errors = binomial(random, attempts, Math.min(1, BASE_ERROR_RATE + worse.errorRate));
  const inferences = attempts - errors;
  const rhythm = 1 + DAILY_SWING * Math.sin((2 * Math.PI * (startMs % DAY_MS)) / DAY_MS);
  const meanMs = hardware.latencyMs * traits.latencyFactor * worse.latencyFactor * rhythm;
  const idleEnergyJ = hardware.idleW * seconds;
  const soundJ = (inferences * hardware.energyMj * traits.powerFactor) / 1000;
  // Of all that the device uses, as gates and charts count it: of its active part alone, what idles would hide most of it.
  const energyJ = soundJ + (worse.energyFactor - 1) * (soundJ + idleEnergyJ);
  return {
    slot,
    releaseId: release.id,
    startMs,
    durationMs,
    uptimeMs,
    inferences,
    errors,
    ...(errors > 0 && { errorCodes: { 'inference.failed': errors } }),
    latencyMs: latenciesOf(meanMs * Math.exp(WINDOW_LATENCY_SPREAD * drift.latency), inferences, random),
    energyJ: energyJ + idleEnergyJ,
    idleEnergyJ,
    powerW: (energyJ + idleEnergyJ) / seconds,
    powerSource: hardware.powerSource,
    cpuPct: Math.min(100, (100 * inferences * meanMs) / durationMs / hardware.cpuCores),
    rssBytes: 82 * 2 ** 20,
    runnerRssBytes: 90 * 2 ** 20,
    memoryUsedBytes: hardware.memoryBytes * 0.3,
    tempC: AMBIENT_C + 6 * ((energyJ + idleEnergyJ) / seconds) * traits.powerFactor,
    throttled: false,
    diskFreeBytes: 20 * 2 ** 30,
    ...(release.input.source === 'synthetic' && {
      labelled: { n: inferences, correct: binomial(random, inferences, accuracyOf(traits, worse, drift)) },
    }),
  };
}

const sound = { latencyFactor: 1, energyFactor: 1, accuracyDrop: 0, errorRate: 0 };

function next(value: number, random: Random): number {
  return AUTOCORRELATION * value + Math.sqrt(1 - AUTOCORRELATION ** 2) * gaussian(random);
}

function rateOf({ input }: Release): number {
  return input.source === 'http' ? HTTP_RATE_PER_S : input.ratePerS;
}

function accuracyOf({ accuracyShift }: Traits, { accuracyDrop }: { accuracyDrop: number }, drift: Drift): number {
  const share = BASE_ACCURACY + accuracyShift - accuracyDrop + WINDOW_ACCURACY_SPREAD * drift.accuracy;
  return Math.min(1, Math.max(0, share));
}

function latenciesOf(meanMs: number, inferences: number, random: Random): Window['latencyMs'] {
  const [run, total] = [emptySketch(), emptySketch()];
  for (let drawn = 0; drawn < Math.min(inferences, MAX_DRAWS); drawn += 1) {
    const value = meanMs * Math.exp(INFERENCE_SPREAD * gaussian(random));
    addToSketch(run, value);
    addToSketch(total, value * (1 + QUEUE_SHARE));
  }
  return { run: sketchToWire(run), total: sketchToWire(total) };
}
