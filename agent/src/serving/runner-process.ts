import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { unlinkSync } from 'node:fs';
import type { KnownReasonCode, PredictionSampling, Release } from '@flotilla/protocol';
import { delay } from '../delay.ts';
import { ReasonError } from '../reason-error.ts';
import type {
  BenchmarkOrder,
  BenchmarkResult,
  CaptureOrder,
  CaptureState,
  LoadOrder,
  RunnerAnswer,
  RunnerCall,
  RunnerTotals,
  RunnerWindow,
} from '../runner/contract.ts';
import { countOomKills } from './oom-kills.ts';
import type { Runner, RunnerExit } from './runner.ts';

/** Loading a model: ONNX Runtime optimises its graph, which takes long for big models on small machines. */
const LOAD_TIMEOUT_MS = 120_000;
const BENCHMARK_TIMEOUT_MS = 180_000;
const CALL_TIMEOUT_MS = 10_000;

/** Between the polite end and SIGKILL: a run under way blocks the runner's thread. */
const STOP_TIMEOUT_MS = 2_000;

/** A small heap: the model lives outside it. */
const EXEC_ARGV = ['--max-semi-space-size=1'];

type Waiting = { resolve(result: unknown): void; reject(error: ReasonError): void };

/** One runner as a child process. `exited` resolves when it has ended, with how. */
export class RunnerProcess implements Runner {
  readonly release: Release;
  readonly address: { socketPath: string };
  readonly exited: Promise<RunnerExit>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  readonly #procfs: string;
  #isRunning = true;
  #oomKills: number | null;

  constructor(entry: string, release: Release, socketPath: string, procfs = '/proc') {
    this.release = release;
    this.#procfs = procfs;
    this.#oomKills = countOomKills(procfs);
    this.address = { socketPath };
    this.#child = fork(entry, [], {
      serialization: 'advanced',
      execArgv: EXEC_ARGV,
      env: { ORT_DISABLE_TELEMETRY: '1', MALLOC_ARENA_MAX: '2', NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.exited = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null) => {
        this.#isRunning = false;
        const reason = signal === 'SIGKILL' && this.#wasOutOfMemory() ? 'runner.oom_killed' : undefined;
        for (const each of this.#waiting.values()) each.reject(crashOf(code, signal, reason));
        this.#waiting.clear();
        removeSocket(socketPath);
        resolve({ code, signal, ...(reason && { reason }) });
      };
      this.#child.once('exit', end);
      this.#child.once('error', () => end(null, null));
    });
    this.#child.on('message', (answer: RunnerAnswer) => this.#settle(answer));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  async load(order: LoadOrder): Promise<void> {
    await this.#call({ op: 'load', order }, LOAD_TIMEOUT_MS);
  }

  /** Starts its own source, if the release has one. */
  async start(): Promise<void> {
    await this.#call({ op: 'start' }, CALL_TIMEOUT_MS);
  }

  async window(predictions: PredictionSampling | null = null): Promise<RunnerWindow> {
    this.#oomKills = countOomKills(this.#procfs);
    return (await this.#call({ op: 'window', predictions }, CALL_TIMEOUT_MS)) as RunnerWindow;
  }

  /** Counts of its whole life. `failures` are its own, not those of callers who ask wrongly. */
  async totals(): Promise<RunnerTotals> {
    return (await this.#call({ op: 'totals' }, CALL_TIMEOUT_MS)) as RunnerTotals;
  }

  async benchmark(order: BenchmarkOrder): Promise<BenchmarkResult> {
    return (await this.#call({ op: 'benchmark', order }, BENCHMARK_TIMEOUT_MS)) as BenchmarkResult;
  }

  async startCapture(order: CaptureOrder): Promise<void> {
    await this.#call({ op: 'capture', order }, CALL_TIMEOUT_MS);
  }

  async captureState(): Promise<CaptureState> {
    return (await this.#call({ op: 'capture-state' }, CALL_TIMEOUT_MS)) as CaptureState;
  }

  async endCapture(): Promise<string> {
    return (await this.#call({ op: 'capture-end' }, CALL_TIMEOUT_MS)) as string;
  }

  async stop(): Promise<void> {
    if (!this.#isRunning) return;
    this.#child.kill('SIGTERM');
    const waited = new AbortController();
    await Promise.race([this.exited, delay(STOP_TIMEOUT_MS, waited.signal)]);
    waited.abort();
    if (this.#isRunning) this.#child.kill('SIGKILL');
    await this.exited;
  }

  async #call(call: RunnerCall, timeoutMs: number): Promise<unknown> {
    if (!this.#isRunning) throw new ReasonError('runner.crashed', 'the runner has ended');
    const id = ++this.#calls;
    const timeout = AbortSignal.timeout(timeoutMs);
    const answered = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    const late = once(timeout, 'abort').then(() => {
      throw new ReasonError('runner.timeout', `no answer to "${call.op}" in ${timeoutMs} ms`);
    });
    this.#child.send({ ...call, id }, (error) => {
      if (error) this.#waiting.get(id)?.reject(new ReasonError('runner.crashed', error.message));
    });
    try {
      return await Promise.race([answered, late]);
    } finally {
      this.#waiting.delete(id);
    }
  }

  /** The kernel counts such kills of any process: one since the last window, and ours gone by SIGKILL, is taken for ours. */
  #wasOutOfMemory(): boolean {
    const count = countOomKills(this.#procfs);
    return count !== null && this.#oomKills !== null && count > this.#oomKills;
  }

  #settle(answer: RunnerAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (answer.isOk) waiting?.resolve(answer.result);
    else waiting?.reject(new ReasonError(answer.code, answer.detail));
  }
}

function crashOf(code: number | null, signal: string | null, reason: KnownReasonCode = 'runner.crashed'): ReasonError {
  if (code === null && signal === null) return new ReasonError('runner.start', 'the process could not be started');
  return new ReasonError(reason, signal ? `ended by ${signal}` : `ended with code ${code}`);
}

function removeSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It never listened, or has tidied up itself.
  }
}
