import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentReport, DesiredAgent } from '@flotilla/protocol';
import { type Candidate, type InstalledAgent, offer } from '../../src/testing/installed-agent.ts';
import { until } from '../../src/testing/wait.ts';
import type { BundleMode } from '../bundle/point.ts';
import { copyInstalled, type InstalledTemplate } from './device.ts';

/** Generous: other work shares the machine, and a full disk is waited for. */
const END_WITHIN_MS = 120_000;

/** Characters of the agents' log that are printed with what was found wrong. */
const MAX_LAST_WORDS = 4_000;

/** Which of the two programs that make an upgrade something happens to. */
export type Role = 'old' | 'new';

export type UpgradeFault = { role: Role; mode: BundleMode; at: number; log?: string };

/** One fault in an upgrade of the shipped bundle by its launcher. Resolves with what was found wrong. */
export async function runUpgradePoint(
  template: InstalledTemplate,
  candidate: Candidate,
  { role, mode, at, log }: UpgradeFault,
): Promise<string[]> {
  const { server, deviceId, slots } = template;
  const { agent, boot } = await copyInstalled(template);
  const order = offer(server, candidate);
  const folder = role === 'old' ? join(agent.home, 'agent') : join(agent.data, 'agent', candidate.package.sha256);
  const once = join(agent.home, 'happened');
  const hook = new URL('../bundle/hook.ts', import.meta.url);
  const fault = { mode, at: String(at), program: join(folder, 'agent.mjs'), once, ...(log && { log }) };
  for (const [key, value] of Object.entries(fault)) hook.searchParams.set(key, value);
  const requests = server.state.artifactRequests.length;
  let refetched = 0;
  agent.onExit = () => {
    if (isHeld(agent, candidate)) refetched = server.state.artifactRequests.length;
  };
  await server.desire(deviceId, slots, undefined, order);
  agent.start(server, { NODE_OPTIONS: `--import=${hook.href}` });
  const problems: string[] = [];
  const expect = (isTrue: boolean, problem: string) => isTrue || problems.push(problem);
  try {
    await until('the upgrade ends', () => ended(template, boot, order), END_WITHIN_MS);
    // Lies behind the last operation of this run: it is killed at its end instead.
    if (!existsSync(once) && mode !== 'none') {
      const before = server.state.reported.length;
      await until('it has a process', () => agent.pid !== undefined && process.kill(agent.pid, 'SIGKILL'));
      await until('it says something again', () => server.state.reported.length > before, END_WITHIN_MS);
    }
    const said = await until('it says where it ended', () => ended(template, boot, order), END_WITHIN_MS);
    expect(said.version === candidate.version && said.phase === 'active', `${said.version} runs, ${said.phase}`);
    await until('it serves', async () => (await modelOf(agent)) === '1.0.0', END_WITHIN_MS);
    expect(agent.status?.agentVersion === said.version, 'it reports another version than runs');
    const journal = () => JSON.parse(readFileSync(join(agent.data, 'state/upgrade.json'), 'utf8')).phase;
    expect(journal() === said.phase, `the journal says ${journal()}, the report ${said.phase}`);
    await until('the last step is told', () => steps(template, boot).at(-1)?.to === said.phase, END_WITHIN_MS);
    for (const [index, { from }] of steps(template, boot).entries()) {
      const before = steps(template, boot)[index - 1]?.to;
      expect(before === undefined || before === from, `${from} was left after ${before} had been reached`);
    }
    expect(steps(template, boot).filter(({ to }) => to === 'active').length === 1, 'its end was told twice');
    const births = server.state.sessions.filter((each) => each.online && each.boot === boot);
    expect(new Set(births.map(({ session }) => session)).size === births.length, 'a session number was used twice');
    const again = refetched > 0 ? server.state.artifactRequests.slice(Math.max(refetched, requests)) : [];
    const isAgain = again.some(({ sha256 }) => sha256 === candidate.package.sha256);
    expect(!isAgain, 'a package that was there was fetched again');
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  } finally {
    await agent.stop();
    if (problems.length > 0) problems.push(`the last words: ${agent.log.slice(-MAX_LAST_WORDS)}`);
    rmSync(agent.home, { recursive: true, force: true });
  }
  return problems;
}

function steps({ server }: InstalledTemplate, boot: string) {
  const told = [...server.state.events.values()].filter((each) => each.boot === boot && each.kind === 'upgrade');
  return told.sort((a, b) => a.seq - b.seq);
}

/** What the newest life of this device says when it says that the upgrade is over. */
function ended({ server }: InstalledTemplate, boot: string, { order }: DesiredAgent): AgentReport | false {
  const births = server.state.sessions
    .filter((each) => each.online && each.boot === boot)
    .map(({ session }) => session);
  const report = server.state.reported.findLast(({ session }) => births.includes(session))?.agent;
  const isOver = report?.phase === 'active' || report?.reason?.retry === 'never';
  return report?.order === order && isOver && report;
}

/** Is the package here, whole, packed or unpacked? */
function isHeld({ data }: InstalledAgent, { package: { sha256 } }: Candidate): boolean {
  const names = [
    ...readdirSync(join(data, 'artifacts')),
    ...(existsSync(join(data, 'agent')) ? readdirSync(join(data, 'agent')) : []),
  ];
  return names.includes(sha256);
}

async function modelOf(agent: InstalledAgent): Promise<string | null> {
  const response = await fetch(`${agent.endpoint}/v2/models/vibration-fault`).catch(() => null);
  if (response?.status !== 200) return null;
  return ((await response.json()) as { versions: string[] }).versions[0] ?? null;
}
