import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { LoadOrder } from '../src/runner/contract.ts';
import { Inference } from '../src/runner/inference.ts';
import { loadModel } from '../src/runner/model.ts';
import { Monitor } from '../src/runner/monitor/monitor.ts';
import { RunnerStatistics } from '../src/runner/statistics.ts';
import { largeModel, tinyModel } from './models.ts';

/**
 * Prints, as one line of JSON, what the runner adds to an inference: the same model, settings and inputs, called by a bare loop over
 * onnxruntime-node and by the runner's own path (queue, clocks, sketches, classification), turn by turn in one process. And once more
 * with a round trip over the runner's unix socket in binary tensors, as the shipped `runner.mjs` does it.
 */

const settings = { threads: 1, executionProvider: 'cpu', arena: false, spinning: false };
const dir = mkdtempSync(join(tmpdir(), 'flotilla-overhead-'));

const tiny = await compare('tiny', tinyModel(), [1, 4], { blocks: 100, runs: 200 });
const large = await compare('large', largeModel(), [1, 64, 56, 56], { blocks: 12, runs: 10 });
const socketMs = await overSocket(join(dir, 'tiny.onnx'));
rmSync(dir, { recursive: true });
console.log(
  JSON.stringify({
    tinyBareUs: round(tiny.bareMs * 1000),
    tinyOverheadUs: round((tiny.oursMs - tiny.bareMs) * 1000),
    tinySocketUs: round((socketMs - tiny.bareMs) * 1000),
    largeBareMs: round(large.bareMs),
    largeOverheadPercent: round((large.oursMs / large.bareMs - 1) * 100),
  }),
);
process.exit(0);

async function compare(name: string, bytes: Uint8Array, shape: number[], size: { blocks: number; runs: number }) {
  const path = join(dir, `${name}.onnx`);
  writeFileSync(path, bytes);
  const bare = await InferenceSession.create(path, {
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    enableCpuMemArena: settings.arena,
    enableMemPattern: settings.arena,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const usage = { rssBytes: 0, cpuMs: 0, nowMs: 0 };
  const loaded = await loadModel({ name, version: '1', path, settings, labels: null });
  const clockMs = () => performance.now();
  const monitor = new Monitor({ profile: null, inputs: loaded.inputs, labels: null, random: Math.random, clockMs });
  const inference = new Inference(loaded, monitor, new RunnerStatistics(usage));
  const data = Float32Array.from({ length: shape.reduce((product, each) => product * each, 1) }, (_, at) => at % 7);
  const inputs = { input: new Tensor('float32', data, shape) };
  const bareMs: number[] = [];
  const oursMs: number[] = [];
  for (let block = 0; block <= size.blocks; block++) {
    const first = await timed(size.runs, () => bare.run(inputs));
    const second = await timed(size.runs, () => inference.infer(inputs));
    if (block === 0) continue; // Warm-up.
    bareMs.push(...first);
    oursMs.push(...second);
  }
  return { bareMs: median(bareMs), oursMs: median(oursMs) };
}

async function overSocket(modelPath: string): Promise<number> {
  const runner = fork(join(import.meta.dirname, '../dist/runner.mjs'), [], {
    serialization: 'advanced',
    execArgv: ['--max-semi-space-size=1'],
    env: { ORT_DISABLE_TELEMETRY: '1' },
  });
  const socketPath = join(dir, 'runner.sock');
  const names = { modelName: 'tiny', modelVersion: '1' };
  const order: LoadOrder = { ...names, modelPath, settings, input: { source: 'http' }, seed: 1, socketPath };
  runner.send({ op: 'load', order, id: 1 });
  await once(runner, 'message');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const head = {
    inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], parameters: { binary_data_size: 16 } }],
    parameters: { binary_data_output: true },
  };
  const json = Buffer.from(JSON.stringify(head));
  const body = Buffer.concat([json, Buffer.from(Float32Array.of(1, 2, 3, 4).buffer)]);
  const headers = { 'inference-header-content-length': json.length, 'content-length': body.length };
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      const asked = request({ socketPath, agent, method: 'POST', path: '/v2/models/tiny/infer', headers }, (answer) => {
        answer.resume();
        answer.once('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error('not answered'))));
      });
      asked.once('error', reject);
      asked.end(body);
    });
  await timed(500, ask);
  const roundTripMs = median(await timed(3_000, ask));
  runner.kill('SIGKILL');
  return roundTripMs;
}

async function timed(runs: number, run: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < runs; index++) {
    const startedMs = performance.now();
    await run();
    times.push(performance.now() - startedMs);
  }
  return times;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
