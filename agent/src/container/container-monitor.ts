import type { PredictionSampling, Release } from '@flotilla/protocol';
import { ReasonError } from '../reason-error.ts';
import { readAnswers } from '../runner/answers.ts';
import { readLabels, readReference } from '../runner/golden-file.ts';
import { type LabelAnswer, takeLabels } from '../runner/label-request.ts';
import type { Capture } from '../runner/monitor/capture.ts';
import { newInferenceId } from '../runner/monitor/inference-id.ts';
import { Monitor, type MonitorWindow } from '../runner/monitor/monitor.ts';
import { parseInferRequest, parseInferResponse } from '../runner/oip-request.ts';
import { RunnerError } from '../runner/runner-error.ts';
import type { Exchange } from '../serving/exchange-tap.ts';
import { pathOfRole } from '../serving/load-order.ts';

/** Exchanges read a second at most: what an image counts for nobody, the agent must on its own thread. */
const MAX_READ_PER_S = 20;

type Shape = { name: string; shape: readonly (number | string)[] };

/**
 * Counts what a container is asked and answers, as far as the agent sees it pass: some exchanges a second, the small ones. A label and a
 * prediction need the id that the caller gave its request.
 */
export class ContainerMonitor {
  readonly #monitor: Monitor;
  readonly #outputs: { name: string; shape: number[] }[];
  #readAtMs: number[] = [];

  constructor(monitor: Monitor, outputs: readonly Shape[]) {
    this.#monitor = monitor;
    this.#outputs = outputs.map(closed);
  }

  static async open(
    release: Release,
    stagedDir: string,
    shapes: { inputs: readonly Shape[]; outputs: readonly Shape[] },
    random: () => number,
  ): Promise<ContainerMonitor> {
    const labelsPath = pathOfRole(release, 'labels', stagedDir);
    const referencePath = pathOfRole(release, 'reference', stagedDir);
    const profile = referencePath ? await readReference(referencePath).catch(asReason) : null;
    const labels = labelsPath ? await readLabels(labelsPath).catch(asReason) : null;
    const monitor = new Monitor({
      profile,
      inputs: shapes.inputs.map(closed),
      labels: labels?.classes ?? null,
      random,
      clockMs: () => performance.now(),
    });
    return new ContainerMonitor(monitor, shapes.outputs);
  }

  /** What reads the next exchange; null when enough were read within this second. */
  watch(): ((exchange: Exchange) => void) | null {
    const nowMs = performance.now();
    this.#readAtMs = this.#readAtMs.filter((atMs) => nowMs - atMs < 1_000);
    if (this.#readAtMs.length >= MAX_READ_PER_S) return null;
    this.#readAtMs.push(nowMs);
    return (exchange) => this.#read(exchange);
  }

  labels(body: Buffer): LabelAnswer {
    return takeLabels(this.#monitor, body);
  }

  take(sampling: PredictionSampling | null): MonitorWindow {
    const window = this.#monitor.take();
    this.#monitor.sampling = sampling;
    return window;
  }

  get capture(): Capture | null {
    return this.#monitor.capture;
  }

  set capture(capture: Capture | null) {
    this.#monitor.capture = capture;
  }

  /** What cannot be read is left uncounted: it was the image's to judge, and it has answered. */
  #read({ request, response, label }: Exchange): void {
    const at = Date.now();
    try {
      const asked = parseInferRequest(request.bytes, request.headerBytes);
      const outputs = parseInferResponse(response.bytes, response.headerBytes);
      const id = asked.id ?? newInferenceId(at);
      const reading = readAnswers(outputs, this.#outputs);
      this.#monitor.add({ id, at, inputs: asked.inputs, outputs, reading, label: asked.label ?? label });
    } catch {
      return;
    }
  }
}

function asReason(error: unknown): never {
  throw error instanceof RunnerError ? new ReasonError(error.code, error.message, { cause: error }) : error;
}

/** Some servers name an open dimension. */
function closed({ name, shape }: Shape): { name: string; shape: number[] } {
  return { name, shape: shape.map((each) => (typeof each === 'number' ? each : -1)) };
}
