import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runHistories } from '../src/slot/testing/run-histories.ts';
import { runBundle, runBundleInContainers } from './bundle/run.ts';
import { containerOutfit, withContainers } from './containers.ts';
import { type Finding, Tally } from './tally.ts';
import { runUpgrades } from './upgrade/run.ts';

const HISTORIES = 1_000;

/** Points of the bundle are real processes and take seconds; those of the simulated disk take milliseconds. */
const whole = { bundlePoints: 400, upgradePoints: 400, containerPoints: 400, diskStep: 1 };
const quick = { bundlePoints: 24, upgradePoints: 12, containerPoints: 0, diskStep: 12 };

const USAGE = `npm run crash-matrix -- [--quick] [--json] [--shard N/M] [--bundle-points N] [--upgrade-points N] [--container-points N] [--disk-step N]

  --shard N/M            the N-th of M equal parts of all points, so that several runs or machines make one matrix
  --container-points N   0 leaves containers out; else it needs root and: apt-get install docker.io iptables docker-registry
`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    shard: { type: 'string', default: '1/1' },
    'bundle-points': { type: 'string' },
    'upgrade-points': { type: 'string' },
    'container-points': { type: 'string' },
    'disk-step': { type: 'string' },
  },
});
const [, part = 0, parts = 0] = (/^(\d+)\/(\d+)$/.exec(values.shard) ?? []).map(Number);
if (values.help || part < 1 || part > parts) {
  process.stdout.write(USAGE);
  process.exit(values.help ? 0 : 2);
}
const size = values.quick ? quick : whole;
const bundlePoints = Number(values['bundle-points'] ?? size.bundlePoints);
const upgradePoints = Number(values['upgrade-points'] ?? size.upgradePoints);
const containerPoints = Number(values['container-points'] ?? size.containerPoints);
const diskStep = Number(values['disk-step'] ?? size.diskStep);

async function runDiskProcess(tally: Tally): Promise<void> {
  const child = fork(join(import.meta.dirname, 'disk/program.ts'), [diskStep, part, parts].map(String));
  child.on('message', (finding: Finding) => tally.add(finding));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the simulated disk ended with code ${code}`);
}

const disk = new Tally();
const bundle = new Tally();
const upgrades = new Tally();
const containers = new Tally();
const startedMs = performance.now();

async function runBundles(): Promise<void> {
  if (bundlePoints > 0) await runBundle({ max: bundlePoints, part, parts }, bundle);
  if (upgradePoints > 0) await runUpgrades({ max: upgradePoints, part, parts }, upgrades);
  if (containerPoints === 0) return;
  const share = { max: containerPoints, part, parts };
  await withContainers((world) => runBundleInContainers(() => containerOutfit(world), share, containers));
}

const histories = runHistories(HISTORIES);
await Promise.all([diskStep > 0 && runDiskProcess(disk), runBundles()]);

const rows = [
  ['simulated disk', disk],
  ['shipped bundle', bundle],
  ['upgrades of the agent itself', upgrades],
  ['shipped bundle with containers', containers],
] as const;
for (const [name, { points, counts, inconsistent }] of rows) {
  const { killed, diskFull, cut } = counts;
  process.stdout.write(
    `${name}: ${points} points (${killed} killed, ${diskFull} disk full or broken, ${cut} cut), ${inconsistent} inconsistent\n`,
  );
}
const seconds = Math.round((performance.now() - startedMs) / 1000);
process.stdout.write(`${histories} random histories of the slot machine agreed with its model; ${seconds} s in all\n`);
const all = [disk, bundle, upgrades, containers];
const sum = (kind: keyof Tally['counts']) => all.reduce((total, { counts }) => total + counts[kind], 0);
const figures = {
  points: all.reduce((total, { points }) => total + points, 0),
  killed: sum('killed'),
  diskFull: sum('diskFull'),
  cut: sum('cut'),
  inconsistent: all.reduce((total, { inconsistent }) => total + inconsistent, 0),
  histories,
};
if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit(figures.inconsistent > 0 ? 1 : 0);
