import type { Server } from 'node:http';
import { benchmark } from './benchmark.ts';
import type { LoadOrder, RunnerCall } from './contract.ts';
import { readGolden, readLabels, readReference } from './golden-file.ts';
import { Inference } from './inference.ts';
import { loadModel } from './model.ts';
import { Capture, NO_CAPTURE } from './monitor/capture.ts';
import { Monitor } from './monitor/monitor.ts';
import { createOipServer } from './oip-server.ts';
import { RunnerError } from './runner-error.ts';
import { sessionSettings } from './session-settings.ts';
import { startFeed } from './sources/feed.ts';
import { createFolder } from './sources/folder.ts';
import { createSynthetic, type LabelledInput } from './sources/synthetic.ts';
import { RunnerStatistics } from './statistics.ts';
import { KERNEL, readUsableMachine } from './usable-machine.ts';

/** Seed of the inputs on which accuracy is proved: the same for every version, other than those it will serve. */
const PROOF_SEED_OFFSET = 1_000_003;

type Loaded = {
  order: LoadOrder;
  inference: Inference;
  server: Server;
  next: (() => LabelledInput | Promise<LabelledInput>) | null;
};

/** One runner: loads one model, then serves, feeds, counts and measures it on the agent's word. */
export class RunnerProgram {
  readonly #statistics = new RunnerStatistics(usage());
  readonly #version: string;
  #loaded: Loaded | null = null;

  constructor(version: string) {
    this.#version = version;
  }

  async answer(call: RunnerCall): Promise<unknown> {
    if (call.op === 'load') return await this.#load(call.order);
    const loaded = this.#loaded;
    if (!loaded) throw new RunnerError('runner.load', 'nothing is loaded');
    switch (call.op) {
      case 'start': {
        const { input } = loaded.order;
        if (loaded.next && input.source !== 'http') startFeed(loaded.inference, loaded.next, input.ratePerS);
        return null;
      }
      case 'totals':
        return this.#statistics.totals;
      case 'window': {
        const { monitor } = loaded.inference;
        const window = { ...this.#statistics.take(usage()), ...monitor.take() };
        monitor.sampling = call.predictions;
        return window;
      }
      case 'capture':
        loaded.inference.monitor.capture = new Capture(call.order);
        return null;
      case 'capture-state':
        return loaded.inference.monitor.capture?.state ?? NO_CAPTURE;
      case 'capture-end': {
        const { monitor } = loaded.inference;
        const lines = monitor.capture?.lines() ?? '';
        monitor.capture = null;
        return lines;
      }
      case 'benchmark': {
        const { input, seed } = loaded.order;
        const golden = call.order.goldenPath ? await readGolden(call.order.goldenPath) : null;
        const isSynthetic = input.source === 'synthetic';
        const labelled = isSynthetic ? createSynthetic(loaded.inference.model, input, seed + PROOF_SEED_OFFSET) : null;
        return await benchmark(loaded.inference, call.order, golden, labelled);
      }
    }
  }

  async #load(order: LoadOrder): Promise<null> {
    const { modelName: name, modelVersion: version, modelPath: path } = order;
    const settings = sessionSettings(await readUsableMachine(KERNEL), order.settings);
    const labels = order.labelsPath ? await readLabels(order.labelsPath) : null;
    const profile = order.referencePath ? await readReference(order.referencePath) : null;
    const model = await loadModel({ name, version, path, settings, labels });
    const clockMs = () => performance.now();
    const watched = { profile, inputs: model.inputs, labels: model.labels, random: Math.random, clockMs };
    const inference = new Inference(model, new Monitor(watched), this.#statistics);
    const next = await createSource(order, inference);
    const server = createOipServer(inference, this.#version);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(order.port ?? order.socketPath, resolve);
    });
    this.#loaded = { order, inference, server, next };
    return null;
  }
}

async function createSource({ input, seed }: LoadOrder, { model }: Inference): Promise<Loaded['next']> {
  if (input.source === 'synthetic') return createSynthetic(model, input, seed);
  return input.source === 'folder' ? await createFolder(input.path) : null;
}

function usage() {
  const { user, system } = process.cpuUsage();
  return { rssBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1000, nowMs: performance.now() };
}
