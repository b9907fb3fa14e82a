import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Tensor } from 'onnxruntime-node';
import { loadModel } from '../src/runner/model.ts';
import { largeModel, tinyModel } from './models.ts';

/**
 * `node agent/bench/onnx-settings.ts`: what the settings of a release do on this machine. Each in a process of its own: the median of
 * back-to-back runs, the memory afterwards, the memory after batches of other sizes, and the processor time of an inference when one comes every 50 ms, where threads that wait
 * busily have something to wait for.
 */

type Settings = { threads: number; arena: boolean; spinning: boolean };
type Order = Settings & { model: 'tiny' | 'large'; path: string };
type Result = { p50Ms: number; rssMiB: number; batchedRssMiB: number; pacedCpuMs: number };

const RUNS = { tiny: 5_000, large: 60 };
const SHAPES = { tiny: [1, 4], large: [1, 64, 56, 56] };
const PACED_RUNS = 40;
const PACE_MS = 50;

if (process.send) {
  process.once('message', (order: Order) => void measure(order).then((result) => process.send?.(result)));
} else {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-settings-'));
  writeFileSync(join(dir, 'tiny'), tinyModel());
  writeFileSync(join(dir, 'large'), largeModel());
  console.log('model  threads  arena  spinning   p50 ms   RSS MiB  after batches   CPU ms an inference, 20 a second');
  for (const model of ['tiny', 'large'] as const) {
    for (const threads of [1, 2]) {
      for (const arena of [false, true]) {
        for (const spinning of threads > 1 ? [false, true] : [false]) {
          const result = await inChild({ model, threads, arena, spinning, path: join(dir, model) });
          const shown = [threads, arena ? 'on' : 'off', spinning ? 'on' : 'off'].map((each) =>
            String(each).padStart(7),
          );
          const figures = [
            result.p50Ms.toFixed(3),
            result.rssMiB.toFixed(1),
            result.batchedRssMiB.toFixed(1),
            result.pacedCpuMs.toFixed(2),
          ];
          console.log(`${model.padEnd(6)}${shown.join(' ')}   ${figures.map((each) => each.padStart(8)).join('  ')}`);
        }
      }
    }
  }
  rmSync(dir, { recursive: true });
}

async function inChild(order: Order): Promise<Result> {
  const env = { NODE_ENV: 'production' as const, ORT_DISABLE_TELEMETRY: '1', MALLOC_ARENA_MAX: '2' };
  const child = fork(import.meta.filename, { env, execArgv: ['--max-semi-space-size=1'] });
  child.send(order);
  const [result] = await once(child, 'message');
  child.kill('SIGKILL');
  return result as Result;
}

async function measure({ model, path, ...settings }: Order): Promise<Result> {
  const about = { name: model, version: '1', path, labels: null };
  const loaded = await loadModel({ ...about, settings: { ...settings, executionProvider: 'cpu' } });
  const shape = SHAPES[model];
  const data = new Float32Array(shape.reduce((product, each) => product * each, 1)).fill(0.5);
  const run = () => loaded.run({ input: new Tensor('float32', data, shape) });
  const times: number[] = [];
  for (let index = 0; index < RUNS[model]; index++) {
    const startedMs = performance.now();
    await run();
    times.push(performance.now() - startedMs);
  }
  const rssMiB = rss();
  for (const batch of [8, 1, 4, 1]) {
    const batched = new Tensor('float32', new Float32Array(data.length * batch).fill(0.5), [batch, ...shape.slice(1)]);
    await loaded.run({ input: batched });
  }
  await delay(500);
  const batchedRssMiB = rss();
  const before = process.cpuUsage();
  for (let index = 0; index < PACED_RUNS; index++) {
    await run();
    await delay(PACE_MS);
  }
  const cpu = process.cpuUsage(before);
  const p50Ms = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
  return { p50Ms, rssMiB, batchedRssMiB, pacedCpuMs: (cpu.user + cpu.system) / 1000 / PACED_RUNS };
}

function rss(): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}
