import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runHistories } from '../src/slot/testing/run-histories.ts';
import { runBundle } from './bundle/run.ts';
import { type Finding, Tally } from './tally.ts';

const HISTORIES = 1_000;

/** Points of the bundle are real processes and take seconds; those of the simulated disk take milliseconds. */
const whole = { bundlePoints: 400, diskStep: 1 };
const quick = { bundlePoints: 24, diskStep: 12 };

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    'bundle-points': { type: 'string' },
    'disk-step': { type: 'string' },
  },
});
const size = values.quick ? quick : whole;
const bundlePoints = Number(values['bundle-points'] ?? size.bundlePoints);
const diskStep = Number(values['disk-step'] ?? size.diskStep);

async function runDiskProcess(tally: Tally): Promise<void> {
  const child = fork(join(import.meta.dirname, 'disk/program.ts'), [String(diskStep)]);
  child.on('message', (finding: Finding) => tally.add(finding));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the simulated disk ended with code ${code}`);
}

const disk = new Tally();
const bundle = new Tally();
const startedMs = performance.now();
const histories = runHistories(HISTORIES);
await Promise.all([runDiskProcess(disk), bundlePoints > 0 ? runBundle(bundlePoints, bundle) : undefined]);

const rows = [
  ['simulated disk', disk],
  ['shipped bundle', bundle],
] as const;
for (const [name, { points, counts, inconsistent }] of rows) {
  const { killed, diskFull, cut } = counts;
  process.stdout.write(
    `${name}: ${points} points (${killed} killed, ${diskFull} disk full or broken, ${cut} cut), ${inconsistent} inconsistent\n`,
  );
}
const seconds = Math.round((performance.now() - startedMs) / 1000);
process.stdout.write(`${histories} random histories of the slot machine agreed with its model; ${seconds} s in all\n`);
const sum = (kind: keyof Tally['counts']) => disk.counts[kind] + bundle.counts[kind];
const figures = {
  points: disk.points + bundle.points,
  killed: sum('killed'),
  diskFull: sum('diskFull'),
  cut: sum('cut'),
  inconsistent: disk.inconsistent + bundle.inconsistent,
  histories,
};
if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit(figures.inconsistent > 0 ? 1 : 0);
