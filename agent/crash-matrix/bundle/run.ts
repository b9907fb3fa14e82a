import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildAgent } from '../../build.ts';
import type { Finding, Tally } from '../tally.ts';
import { createTemplate, type Outfit, processes, type Template } from './device.ts';
import { runEnrolPoint } from './enrol-point.ts';
import { type BundleMode, runBundlePoint } from './point.ts';

/** Devices at the same time: most of a point is waiting. */
const WORKERS = 4;

/** Operations of an enrolment, with room: what lies beyond the last is a kill after it. */
const ENROL_OPERATIONS = 40;

export type Plan = { mode: BundleMode | 'enrol'; at: number; operation: string };

/** No more than `max` points, spread evenly over all; of those the `part`-th of `parts` equal shares, counted from 1. */
export type Share = { max: number; part: number; parts: number };

/** The shipped bundle, its releases as processes, against every fault at every operation, and its enrolment. */
export async function runBundle(share: Share, tally: Tally): Promise<void> {
  const planAll = (operations: string[]) => [...planFor(operations), ...enrolments()];
  await runPlans('bundle', async () => processes, planAll, share, tally);
}

/** The shipped bundle, its releases in containers: killed and left by the engine around everything that it asks the engine to do. */
export async function runBundleInContainers(outfit: () => Promise<Outfit>, share: Share, tally: Tally): Promise<void> {
  await runPlans('containers', outfit, planForEngine, share, tally);
}

async function runPlans(
  about: string,
  outfit: () => Promise<Outfit>,
  planAll: (operations: string[]) => Plan[],
  { max, part, parts }: Share,
  tally: Tally,
): Promise<void> {
  await buildAgent();
  const templates = await Promise.all(Array.from({ length: WORKERS }, async () => createTemplate(await outfit())));
  try {
    const [first] = templates;
    if (!first) return;
    const all = evenly(planAll(await operationsOf(first)), max);
    const plans = all.filter((_, index) => index % parts === part - 1);
    await Promise.all(
      templates.map(async (template) => {
        for (let plan = plans.pop(); plan; plan = plans.pop()) tally.add(await carryOut(about, template, plan));
      }),
    );
  } finally {
    await Promise.all(templates.map(({ remove }) => remove()));
  }
}

async function carryOut(about: string, template: Template, { mode, at, operation }: Plan): Promise<Finding> {
  const where = `${about}, ${mode} at operation ${at} (${operation})`;
  const problems = mode === 'enrol' ? await runEnrolPoint(template, at) : await runBundlePoint(template, mode, at);
  const isCut = mode === 'cut' || mode === 'away';
  return { where, kind: mode === 'full' ? 'diskFull' : isCut ? 'cut' : 'killed', problems };
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

export function planFor(operations: string[]): Plan[] {
  return operations.flatMap((operation, index) => {
    const modes: BundleMode[] = ['kill', 'cut'];
    if (operation.startsWith('write')) modes.push('torn');
    if (operation.endsWith('+')) modes.push('full');
    return modes.map((mode) => ({ mode, at: index + 1, operation }));
  });
}

/** Only what concerns the engine: the rest of a way is the same as that of a process. */
function planForEngine(operations: string[]): Plan[] {
  const modes: BundleMode[] = ['kill', 'away'];
  return operations.flatMap((operation, index) =>
    operation.startsWith('engine: ') ? modes.map((mode) => ({ mode, at: index + 1, operation })) : [],
  );
}

function enrolments(): Plan[] {
  return Array.from({ length: ENROL_OPERATIONS }, (_, index) => ({ mode: 'enrol', at: index + 1, operation: 'enrol' }));
}

export function evenly<T>(all: T[], count: number): T[] {
  if (all.length <= count) return all;
  return Array.from({ length: count }, (_, index) => all[Math.floor((index * all.length) / count)] as T);
}
