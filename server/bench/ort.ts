import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import * as z from 'zod';

const Flags = z.object({ rounds: z.coerce.number().int().min(1).max(100).default(8) });

const Figures = z.object({
  p50Ms: z.number(),
  p95Ms: z.number(),
  pacedP50Ms: z.number(),
  pacedCpuMs: z.number(),
  batchedRssMiB: z.number(),
});
const Comparison = z.object({
  machine: z.string(),
  model: z.string(),
  threads: z.number(),
  ours: Figures,
  default: Figures,
});

/**
 * What the settings that a device chooses for ONNX Runtime do against ONNX Runtime's own, on this machine and on smaller ones that are made
 * of it by affinity and quota. Each pair runs in turn, so that the ratios hold where the figures do not.
 */
export async function run(argv: string[]): Promise<object> {
  const { values } = parseArgs({ args: argv, options: { rounds: { type: 'string' } } });
  const { rounds } = Flags.parse(values);
  const program = resolve(import.meta.dirname, '../../agent/bench/ort/main.ts');
  const child = spawn(process.execPath, [program, String(rounds)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const row = (cells: string[]) => console.log(`  | ${cells.join(' | ')} |`);
  row([
    'machine',
    'model',
    'threads',
    'p50 ms',
    'p95 ms',
    'p50 ms, 20 a second',
    'CPU ms each, 20 a second',
    'MiB after a batch of 32',
  ]);
  row(Array(8).fill('---'));
  const ratios: Record<string, number> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const { machine, model, threads, ...sides } = Comparison.parse(JSON.parse(line));
    const cell = (key: keyof z.infer<typeof Figures>, digits: number) => {
      const ratio = sides.ours[key] / sides.default[key];
      ratios[`${machine}, ${model}: ${key}Ratio`] = Math.round(ratio * 100) / 100;
      return `${sides.ours[key].toFixed(digits)} of ${sides.default[key].toFixed(digits)} (${ratio.toFixed(2)})`;
    };
    const digits = model === 'tiny' ? 3 : 1;
    const times = (['p50Ms', 'p95Ms', 'pacedP50Ms'] as const).map((key) => cell(key, digits));
    row([machine, model, String(threads), ...times, cell('pacedCpuMs', 2), cell('batchedRssMiB', 0)]);
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`the measurement ended with code ${code}`);
  return ratios;
}
