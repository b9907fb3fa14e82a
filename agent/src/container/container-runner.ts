import { randomBytes } from 'node:crypto';
import type { ContainerRuntime, PredictionSampling, Reason, Release } from '@flotilla/protocol';
import { delay } from '../delay.ts';
import type { Logger } from '../logger.ts';
import { ReasonError } from '../reason-error.ts';
import type {
  BenchmarkOrder,
  BenchmarkResult,
  CaptureOrder,
  CaptureState,
  RunnerTotals,
  RunnerWindow,
} from '../runner/contract.ts';
import type { LabelAnswer } from '../runner/label-request.ts';
import { Capture, NO_CAPTURE } from '../runner/monitor/capture.ts';
import { RunnerStatistics } from '../runner/statistics.ts';
import type { Exchange } from '../serving/exchange-tap.ts';
import type { Runner, RunnerExit } from '../serving/runner.ts';
import { keepCompanion } from './companion.ts';
import { type ContainerExit, type RunningContainer, removeContainer, stopContainer } from './container.ts';
import { ContainerMonitor } from './container-monitor.ts';
import type { Engine } from './engine/engine.ts';
import { benchmarkOip, type Usage } from './oip-benchmark.ts';
import { OipClient, type TcpAddress } from './oip-client.ts';
import { readUsage } from './usage.ts';

/** Loading a model, and for some servers compiling it. */
const READY_TIMEOUT_MS = 120_000;
const READY_POLL_MS = 50;

/** An engine that is away does not keep the agent from its other work; the container is still stopped when it is back. */
const STOP_TIMEOUT_MS = 15_000;

/** The body of a companion's container. A backend runs from the beginning, the others when the release serves. */
export type CompanionPart = { name: string; spec: object; isBackend: boolean };

export type ContainerRunnerParts = {
  engine: Engine;
  release: Release;
  runtime: ContainerRuntime;
  slot: string;
  stagedDir: string;
  container: RunningContainer & { hostPort: number };
  companions: CompanionPart[];
  onTrouble: (reason: Reason) => void;
  procfs: string;
  sysfs: string;
  logger: Logger;
  random: () => number;
};

/** A container that serves one release over OIP v2. The endpoint's answers are its statistics: it is asked for nothing else. */
export class ContainerRunner implements Runner {
  readonly release: Release;
  readonly address: TcpAddress;
  readonly exited: Promise<RunnerExit>;
  readonly #parts: ContainerRunnerParts;
  readonly #client: OipClient;
  readonly #companions = new AbortController();
  #keeping: Promise<unknown> = Promise.resolve();
  #removed: Promise<unknown> = Promise.resolve();
  #usage: Usage = { rssBytes: 0, cpuMs: 0 };
  #statistics = new RunnerStatistics({ ...this.#usage, nowMs: performance.now() });
  #monitor: ContainerMonitor | null = null;
  #isRunning = true;
  #isStopping = false;

  constructor(parts: ContainerRunnerParts) {
    this.#parts = parts;
    this.release = parts.release;
    this.address = { host: '127.0.0.1', port: parts.container.hostPort };
    this.#client = new OipClient(this.address, parts.release.model.name);
    this.exited = parts.container.exited.then((exit) => this.#ended(exit));
  }

  get pid(): number {
    return this.#parts.container.pid;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Resolves when the server and its model say that they are ready. */
  async whenReady(): Promise<void> {
    this.#keep(({ isBackend }) => isBackend);
    const deadlineMs = performance.now() + READY_TIMEOUT_MS;
    while (!(await this.#client.isReady())) {
      if (!this.#isRunning) {
        const { code, reason = 'runner.start' } = await this.exited;
        throw new ReasonError(reason, `the container ended with code ${code} before it was ready`);
      }
      if (performance.now() > deadlineMs)
        throw new ReasonError('runner.timeout', `not ready in ${READY_TIMEOUT_MS} ms`);
      await delay(READY_POLL_MS);
    }
    const { release, stagedDir, random } = this.#parts;
    const shapes = await this.#client.metadata().catch(() => ({ inputs: [], outputs: [] }));
    this.#monitor = await ContainerMonitor.open(release, stagedDir, shapes, random);
    this.#usage = await this.#readUsage();
    this.#statistics = new RunnerStatistics({ ...this.#usage, nowMs: performance.now() });
  }

  async start(): Promise<void> {
    this.#keep(({ isBackend }) => !isBackend);
  }

  #keep(isMeant: (companion: CompanionPart) => boolean): void {
    const { engine, slot, companions, onTrouble, logger, random } = this.#parts;
    const keeping = companions.filter(isMeant).map(({ name, spec }) => {
      const trouble = (detail: string, lastLines: string[]) => {
        logLines(logger, `companion ${name}`, lastLines);
        onTrouble({ code: 'runner.crashed', detail: `companion "${name}": ${detail}`.slice(0, 1000), retry: 'later' });
      };
      const newName = () => containerName(slot, name);
      return keepCompanion({ engine, newName, spec, onTrouble: trouble, random }, this.#companions.signal);
    });
    this.#keeping = Promise.all([this.#keeping, ...keeping]);
  }

  /** A 4xx is the caller's fault and no failure of the model. */
  answered(status: number, ms: number): void {
    if (status < 400) this.#statistics.addRun({ runMs: ms, totalMs: ms });
    else this.#statistics.addError(`http_${status}`, status >= 500);
  }

  watch(): ((exchange: Exchange) => void) | null {
    return this.#monitor?.watch() ?? null;
  }

  labels(body: Buffer): LabelAnswer {
    return this.#monitor?.labels(body) ?? { counted: 0, refused: [] };
  }

  async window(predictions: PredictionSampling | null = null): Promise<RunnerWindow> {
    this.#usage = await this.#readUsage().catch(() => this.#usage);
    const counted = this.#statistics.take({ ...this.#usage, nowMs: performance.now() });
    return { ...counted, ...this.#monitor?.take(predictions) };
  }

  async totals(): Promise<RunnerTotals> {
    return this.#statistics.totals;
  }

  async benchmark(order: BenchmarkOrder): Promise<BenchmarkResult> {
    return await benchmarkOip(this.#client, order, () => this.#readUsage());
  }

  async startCapture(order: CaptureOrder): Promise<void> {
    if (this.#monitor) this.#monitor.capture = new Capture(order);
  }

  async captureState(): Promise<CaptureState> {
    return this.#monitor?.capture?.state ?? NO_CAPTURE;
  }

  async endCapture(): Promise<string> {
    const lines = this.#monitor?.capture?.lines() ?? '';
    if (this.#monitor) this.#monitor.capture = null;
    return lines;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#companions.abort();
    const waited = new AbortController();
    await Promise.race([this.#stopped(), delay(STOP_TIMEOUT_MS, waited.signal)]);
    waited.abort();
  }

  async #stopped(): Promise<void> {
    if (this.#isRunning) await stopContainer(this.#parts.engine, this.#parts.container.id).catch(() => {});
    await this.exited;
    await this.#removed;
  }

  /** Nothing stays behind but two lines of log, whether it was stopped or fell. */
  async #ended({ code, isOutOfMemory, isEngineGone, lastLines }: ContainerExit): Promise<RunnerExit> {
    this.#isRunning = false;
    const { engine, container, logger, slot } = this.#parts;
    this.#client.close();
    this.#companions.abort();
    if (!this.#isStopping) logLines(logger, `slot ${slot}`, lastLines);
    this.#removed = Promise.all([this.#keeping, removeContainer(engine, container.id).catch(() => {})]);
    if (isOutOfMemory) return { code, signal: null, reason: 'runner.oom_killed' };
    if (isEngineGone) return { code, signal: null, reason: 'container.engine_away' };
    // An engine that is told to end stops its containers first, as politely as if somebody had asked for it.
    return { code, signal: null, isInDoubt: true };
  }

  #readUsage(): Promise<Usage> {
    return readUsage(this.#parts, this.#parts.container);
  }
}

/** Names are for people; labels are what counts. */
export function containerName(slot: string, role: string): string {
  return `flotilla-${slot}-${role}-${randomBytes(6).toString('hex')}`;
}

function logLines(logger: Logger, of: string, lines: string[]): void {
  for (const line of lines) logger.log('warn', `${of}: ${line}`);
}
