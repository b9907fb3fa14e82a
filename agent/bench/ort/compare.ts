import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { largeModel, tinyModel } from '../models.ts';
import type { Answer, Order } from './contract.ts';
import type { SmallMachine } from './small-machine.ts';

/** `paced` is with 20 inferences a second at most; `batchedRss` after one batch of 32. */
export type Figures = { p50Ms: number; p95Ms: number; pacedP50Ms: number; pacedCpuMs: number; batchedRssMiB: number };
export type Comparison = { machine: string; model: string; threads: number; ours: Figures; default: Figures };

const models = {
  tiny: { bytes: tinyModel, shape: [4] },
  large: { bytes: largeModel, shape: [64, 56, 56] },
};
const BLOCK = { back: { durationMs: 500, paceMs: 0 }, paced: { durationMs: 1_000, paceMs: 50 } };
const BATCH = 32;

/** Both in turn, block by block, so that what else runs on the machine troubles both alike. */
export async function compare(machine: SmallMachine, name: keyof typeof models, rounds: number): Promise<Comparison> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-ort-'));
  const path = join(dir, 'model.onnx');
  writeFileSync(path, models[name].bytes());
  const sides = { default: start(machine), ours: start(machine) };
  const entries = Object.entries(sides) as [keyof typeof sides, ChildProcess][];
  try {
    let threads = 0;
    for (const [settings, child] of entries) {
      const answer = await ask(child, { op: 'load', path, shape: models[name].shape, settings });
      if ('threads' in answer) threads = answer.threads;
    }
    const seen = { default: emptyTimes(), ours: emptyTimes() };
    for (let round = 0; round < rounds; round++) {
      for (const [side, child] of entries) {
        for (const kind of ['back', 'paced'] as const) {
          const answer = await ask(child, { op: 'block', ...BLOCK[kind] });
          if (!('timesMs' in answer)) continue;
          seen[side][kind].push(...answer.timesMs);
          if (kind === 'paced') seen[side].cpuMs.push(answer.cpuMs);
        }
      }
    }
    const figures = async (side: keyof typeof sides): Promise<Figures> => {
      const batched = await ask(sides[side], { op: 'batch', size: BATCH });
      const { back, paced, cpuMs } = seen[side];
      return {
        p50Ms: quantile(back, 0.5),
        p95Ms: quantile(back, 0.95),
        pacedP50Ms: quantile(paced, 0.5),
        pacedCpuMs: quantile(cpuMs, 0.5),
        batchedRssMiB: 'rssMiB' in batched ? batched.rssMiB : Number.NaN,
      };
    };
    return {
      machine: machine.name,
      model: name,
      threads,
      ours: await figures('ours'),
      default: await figures('default'),
    };
  } finally {
    for (const [, child] of entries) child.kill('SIGKILL');
    rmSync(dir, { recursive: true });
  }
}

function start(machine: SmallMachine): ChildProcess {
  const env = { NODE_ENV: 'production' as const, ORT_DISABLE_TELEMETRY: '1', MALLOC_ARENA_MAX: '2' };
  const child = fork(join(import.meta.dirname, 'measure.ts'), { env, execArgv: ['--max-semi-space-size=1'] });
  machine.enter(child.pid ?? 0);
  return child;
}

async function ask(child: ChildProcess, order: Order): Promise<Answer> {
  child.send(order);
  const [answer] = await once(child, 'message');
  return answer as Answer;
}

function emptyTimes() {
  return { back: [] as number[], paced: [] as number[], cpuMs: [] as number[] };
}

function quantile(values: number[], share: number): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}
