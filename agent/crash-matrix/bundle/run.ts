import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildAgent } from '../../build.ts';
import type { Finding, Tally } from '../tally.ts';
import { createTemplate, type Template } from './device.ts';
import { runEnrolPoint } from './enrol-point.ts';
import { type BundleMode, runBundlePoint } from './point.ts';

/** Devices at the same time: most of a point is waiting. */
const WORKERS = 4;

/** Operations of an enrolment, with room: what lies beyond the last is a kill after it. */
const ENROL_OPERATIONS = 40;

type Plan = { mode: BundleMode | 'enrol'; at: number; operation: string };

/** The shipped bundle against every fault at every operation; no more than `maxPoints`, spread evenly. */
export async function runBundle(maxPoints: number, tally: Tally): Promise<void> {
  await buildAgent();
  const templates = await Promise.all(Array.from({ length: WORKERS }, createTemplate));
  try {
    const [first] = templates;
    if (!first) return;
    const plans = evenly([...planFor(await operationsOf(first)), ...enrolments()], maxPoints);
    await Promise.all(
      templates.map(async (template) => {
        for (let plan = plans.pop(); plan; plan = plans.pop()) tally.add(await carryOut(template, plan));
      }),
    );
  } finally {
    await Promise.all(templates.map(({ remove }) => remove()));
  }
}

async function carryOut(template: Template, { mode, at, operation }: Plan): Promise<Finding> {
  const where = `bundle, ${mode} at operation ${at} (${operation})`;
  const problems = mode === 'enrol' ? await runEnrolPoint(template, at) : await runBundlePoint(template, mode, at);
  const kind = mode === 'full' ? 'diskFull' : mode === 'cut' ? 'cut' : 'killed';
  return { where, kind, problems };
}

/** What the agent does from its start to the new version, by name, in order. */
async function operationsOf(template: Template): Promise<string[]> {
  const dir = mkdtempSync(join(template.dir, '../log-'));
  const log = join(dir, 'operations');
  const problems = await runBundlePoint(template, 'none', 0, log);
  if (problems.length > 0) throw new Error(`without any fault: ${problems.join('; ')}`);
  const names = readFileSync(log, 'utf8').trim().split('\n');
  rmSync(dir, { recursive: true });
  return names;
}

function planFor(operations: string[]): Plan[] {
  return operations.flatMap((operation, index) => {
    const modes: BundleMode[] = ['kill', 'cut'];
    if (operation.startsWith('write')) modes.push('torn');
    if (operation.endsWith('+')) modes.push('full');
    return modes.map((mode) => ({ mode, at: index + 1, operation }));
  });
}

function enrolments(): Plan[] {
  return Array.from({ length: ENROL_OPERATIONS }, (_, index) => ({ mode: 'enrol', at: index + 1, operation: 'enrol' }));
}

function evenly<T>(all: T[], count: number): T[] {
  if (all.length <= count) return all;
  return Array.from({ length: count }, (_, index) => all[Math.floor((index * all.length) / count)] as T);
}
