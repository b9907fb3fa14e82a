import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAgent } from '../../build.ts';
import { buildCandidate, type Candidate } from '../../src/testing/installed-agent.ts';
import type { BundleMode } from '../bundle/point.ts';
import { evenly, planFor, type Share } from '../bundle/run.ts';
import type { Tally } from '../tally.ts';
import { createInstalled, type InstalledTemplate } from './device.ts';
import { type Role, runUpgradePoint } from './point.ts';

/** Devices at the same time: most of a point is waiting. */
const WORKERS = 4;

/** An upgrade of the shipped bundle by desired state, against every fault at every operation of the program that goes and of the one that comes. */
export async function runUpgrades({ max, part, parts }: Share, tally: Tally): Promise<void> {
  await buildAgent();
  const candidate = await buildCandidate('c0ffee');
  const templates = await Promise.all(Array.from({ length: WORKERS }, createInstalled));
  try {
    const [first] = templates;
    if (!first) return;
    const roles: Role[] = ['old', 'new'];
    const all = [];
    for (const role of roles)
      for (const plan of planFor(await operationsOf(first, candidate, role))) all.push({ ...plan, role });
    const plans = evenly(all, max).filter((_, index) => index % parts === part - 1);
    await Promise.all(
      templates.map(async (template) => {
        for (let plan = plans.pop(); plan; plan = plans.pop()) {
          const { role, at, operation } = plan;
          const mode = plan.mode as BundleMode;
          const problems = await runUpgradePoint(template, candidate, { role, mode, at });
          const where = `upgrade, ${mode} at operation ${at} of the ${role} agent (${operation})`;
          tally.add({ where, kind: mode === 'full' ? 'diskFull' : mode === 'cut' ? 'cut' : 'killed', problems });
        }
      }),
    );
  } finally {
    await Promise.all(templates.map(({ remove }) => remove()));
  }
}

/** What one of the two programs does from its start to its end, by name, in order. */
async function operationsOf(template: InstalledTemplate, candidate: Candidate, role: Role): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-upgrade-log-'));
  const log = join(dir, 'operations');
  const problems = await runUpgradePoint(template, candidate, { role, mode: 'none', at: 0, log });
  if (problems.length > 0) throw new Error(`without any fault: ${problems.join('; ')}`);
  const names = readFileSync(log, 'utf8').trim().split('\n');
  rmSync(dir, { recursive: true });
  return names;
}
