import type { KnownReasonCode, PredictionSampling, Release, ReleaseInput, SketchWire } from '@flotilla/protocol';
import type { MonitorWindow } from './monitor/monitor.ts';

/** What the agent asks of a runner over IPC. Every call is answered once, by its number. */
export type RunnerCall =
  | { op: 'load'; order: LoadOrder }
  | { op: 'start' }
  | { op: 'window'; predictions: PredictionSampling | null }
  | { op: 'totals' }
  | { op: 'capture'; order: CaptureOrder }
  | { op: 'capture-state' }
  | { op: 'capture-end' }
  | { op: 'benchmark'; order: BenchmarkOrder };
export type RunnerRequest = RunnerCall & { id: number };

export type RunnerAnswer =
  | { id: number; isOk: true; result: unknown }
  | { id: number; isOk: false; code: KnownReasonCode; detail: string };

/** `seed` makes the device's synthetic inputs its own and the same for ever. */
export type LoadOrder = {
  modelName: string;
  modelVersion: string;
  modelPath: string;
  labelsPath?: string;
  referencePath?: string;
  settings: Release['settings'];
  input: ReleaseInput;
  seed: number;
  socketPath: string;
  /** Listens here instead, on every address: inside a container, whose network is its own. */
  port?: number;
};

export type BenchmarkOrder = {
  goldenPath?: string;
  runs: number;
  /** Goes on beyond `runs` until this much time has passed, so that a power sensor has something to see. */
  minDurationMs: number;
  /** Labelled synthetic inputs to measure accuracy on; 0 for none. */
  accuracySamples: number;
};

/** A capture ends by itself with the first of its bounds. */
export type CaptureOrder = { samples: number; maxBytes: number };
export type CaptureState = { samples: number; isFull: boolean };

/** `mismatch` says why the outputs could not be compared at all. */
export type BenchmarkResult = {
  runs: number;
  latencyP50Ms: number;
  latencyP95Ms: number;
  rssBytes: number;
  cpuMs: number;
  durationMs: number;
  golden?: { cases: number; maxDifference: number; mismatch?: string };
  accuracy?: number;
};

/** Of a runner's whole life. `latencyP95Ms` is of whole requests; absent before the first one. */
export type RunnerTotals = { inferences: number; failures: number; latencyP95Ms?: number };

/** What one runner counted since it was asked last. `outputs` is there for models that classify. */
export type RunnerWindow = MonitorWindow & {
  durationMs: number;
  inferences: number;
  errors: number;
  errorCodes: Record<string, number>;
  run: SketchWire;
  total: SketchWire;
  queue: SketchWire;
  rssBytes: number;
  cpuMs: number;
};
