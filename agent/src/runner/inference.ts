import type { Tensor } from 'onnxruntime-node';
import { readClassification } from './classification.ts';
import type { Inputs, Model } from './model.ts';
import { RequestError } from './runner-error.ts';
import type { RunnerStatistics } from './statistics.ts';

/** Requests that wait for the model at most; more are refused at once, which is kinder than a time-out. */
const MAX_WAITING = 128;

/**
 * One model, one run at a time, everything counted. Live requests, the runner's own source and a benchmark share it, so
 * that a benchmark of the version in service never stops service.
 */
export class Inference {
  readonly model: Model;
  readonly #statistics: RunnerStatistics;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(model: Model, statistics: RunnerStatistics) {
    this.model = model;
    this.#statistics = statistics;
  }

  /** Runs and counts. `label`: the true class, a name of the labels file or its index. */
  async infer(inputs: Inputs, label?: string | number): Promise<Record<string, Tensor>> {
    const arrivedMs = performance.now();
    try {
      const { outputs, startedMs, runMs } = await this.timed(inputs);
      const totalMs = performance.now() - arrivedMs;
      const classification = readClassification(outputs);
      this.#statistics.addRun({ queueMs: startedMs - arrivedMs, runMs, totalMs }, classification, this.#classOf(label));
      return outputs;
    } catch (error) {
      this.refuse(error);
      throw error;
    }
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

  #classOf(label: string | number | undefined): number | undefined {
    if (label === undefined) return undefined;
    const named = this.model.labels?.indexOf(String(label)) ?? -1;
    if (named >= 0) return named;
    const index = Number(label);
    return Number.isInteger(index) ? index : undefined;
  }
}
