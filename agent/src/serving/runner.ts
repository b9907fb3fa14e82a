import type { KnownReasonCode, PredictionSampling, Release } from '@flotilla/protocol';
import type {
  BenchmarkOrder,
  BenchmarkResult,
  CaptureOrder,
  CaptureState,
  RunnerTotals,
  RunnerWindow,
} from '../runner/contract.ts';
import type { LabelAnswer } from '../runner/label-request.ts';
import type { Exchange } from './exchange-tap.ts';

/** Where a runner answers: a unix socket, or a port of loopback. */
export type RunnerAddress = { socketPath: string } | { host: string; port: number };

/**
 * How a runner ended. `reason` when more is known than that it did. `isInDoubt`: it may have been stopped with what it runs in, which
 * the next start shows.
 */
export type RunnerExit = {
  code: number | null;
  signal: string | null;
  reason?: KnownReasonCode;
  isInDoubt?: boolean;
};

/** What serves one release, whatever it runs in. Made ready by whoever starts it; `exited` resolves when it has ended. */
export interface Runner {
  readonly release: Release;
  readonly address: RunnerAddress;
  readonly exited: Promise<RunnerExit>;
  readonly pid: number | undefined;
  readonly isRunning: boolean;
  /** It serves from now on: its own source begins, its companions start. */
  start(): Promise<void>;
  /** Counts since the last call. `predictions`: which answers are kept one by one from now on; absent: none. */
  window(predictions?: PredictionSampling): Promise<RunnerWindow>;
  totals(): Promise<RunnerTotals>;
  benchmark(order: BenchmarkOrder): Promise<BenchmarkResult>;
  /** Keeps whole inferences from now on, in place of an earlier capture. */
  startCapture(order: CaptureOrder): Promise<void>;
  captureState(): Promise<CaptureState>;
  /** Ends it and hands over what was kept, one JSON object a line. */
  endCapture(): Promise<string>;
  stop(): Promise<void>;
  /** Told of every inference that the endpoint passed on; a runner that counts for itself has no use for it. */
  answered?(status: number, ms: number): void;
  /** Asked at every inference: what reads its request and answer; null for one that is not to be read. */
  watch?(): ((exchange: Exchange) => void) | null;
  /** Takes labels for earlier inferences where the runner itself cannot. Throws a `RequestError` for a body that is none. */
  labels?(body: Buffer): LabelAnswer;
}
