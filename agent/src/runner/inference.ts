import type { Tensor } from 'onnxruntime-node';
import { type Reading, readAnswers } from './answers.ts';
import type { Inputs, Model } from './model.ts';
import { newInferenceId } from './monitor/inference-id.ts';
import type { Label, Monitor } from './monitor/monitor.ts';
import { RequestError } from './runner-error.ts';
import type { RunnerStatistics } from './statistics.ts';
import type { TensorData } from './tensor-data.ts';

/** Requests that wait for the model at most; more are refused at once, which is kinder than a time-out. */
const MAX_WAITING = 128;

/**
 * One model, one run at a time, everything counted. Live requests, the runner's own source and a benchmark share it, so
 * that a benchmark of the version in service never stops service.
 */
export class Inference {
  readonly model: Model;
  readonly monitor: Monitor;
  readonly #statistics: RunnerStatistics;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(model: Model, monitor: Monitor, statistics: RunnerStatistics) {
    this.model = model;
    this.monitor = monitor;
    this.#statistics = statistics;
  }

  /** Runs and counts. Without an id of the caller's the inference gets one. `label`: the true class by name or index, or the true value. */
  async infer(
    inputs: Inputs,
    { id, label }: { id?: string | undefined; label?: Label | undefined } = {},
  ): Promise<{ id: string; outputs: Record<string, Tensor> }> {
    const arrivedMs = performance.now();
    try {
      const { outputs, startedMs, runMs } = await this.timed(inputs);
      this.#statistics.addRun({ queueMs: startedMs - arrivedMs, runMs, totalMs: performance.now() - arrivedMs });
      const at = Date.now();
      const answered = { id: id ?? newInferenceId(at), outputs };
      const seen = { inputs: inputs as Record<string, TensorData>, outputs: outputs as Record<string, TensorData> };
      this.monitor.add({ ...answered, at, ...seen, reading: this.read(seen.outputs), label });
      return answered;
    } catch (error) {
      this.refuse(error);
      throw error;
    }
  }

  read(outputs: Record<string, TensorData>): Reading | null {
    return readAnswers(outputs, this.model.outputs);
  }

  /** Counts a request that got no answer. */
  refuse(error: unknown): void {
    if (error instanceof RequestError) this.#statistics.addError(error.code, error.status >= 500);
    else this.#statistics.addError('internal', true);
  }

  /** Runs without counting. */
  async timed(inputs: Inputs): Promise<{ outputs: Record<string, Tensor>; startedMs: number; runMs: number }> {
    if (this.#waiting >= MAX_WAITING) throw new RequestError(503, 'queue_full', `${MAX_WAITING} requests wait already`);
    this.#waiting += 1;
    const run = this.#last.then(async () => {
      const startedMs = performance.now();
      const outputs = await this.model.run(inputs);
      return { outputs, startedMs, runMs: performance.now() - startedMs };
    });
    this.#last = run.catch(() => {});
    return await run.finally(() => {
      this.#waiting -= 1;
    });
  }
}
