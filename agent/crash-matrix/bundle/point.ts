import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DesiredSlot, SlotReport } from '@flotilla/protocol';
import type { AgentProcess } from '../../src/testing/agent-process.ts';
import { until } from '../../src/testing/wait.ts';
import { copyDevice, release, runAgent, type Template } from './device.ts';

/** `torn`: killed when half of a write was done. `away`: the container engine does not answer for a while. `none`: nothing goes wrong. */
export type BundleMode = 'kill' | 'torn' | 'full' | 'cut' | 'away' | 'none';

/** Generous: other work shares the machine, and a full disk is waited for. */
const END_WITHIN_MS = 120_000;
const SERVE_WITHIN_MS = 60_000;

/** Between two requests of the client that must not notice anything. */
const ASK_EVERY_MS = 40;

/** Characters of the agent's log that are printed with what was found wrong. */
const MAX_LAST_WORDS = 4_000;

const MODEL = '/v2/models/vibration-fault';

class Point {
  readonly problems: string[] = [];
  readonly template: Template;
  readonly dir: string;
  readonly boot: string;
  readonly slot: DesiredSlot;

  constructor(template: Template) {
    this.template = template;
    this.slot = { deployment: randomUUID(), release: release(template.server, 2, template.outfit) };
    ({ dir: this.dir, boot: this.boot } = copyDevice(template));
  }

  expect(isTrue: boolean, problem: string): void {
    if (!isTrue) this.problems.push(problem);
  }

  /** The newest report of this device's spool life; `minSession` leaves out what an earlier life said. */
  report(minSession: number): SlotReport | undefined {
    const { reported } = this.template.server.state;
    const slot = reported.findLast(({ session }) => session >= minSession)?.slots.default;
    return slot?.deployment === this.slot.deployment ? slot : undefined;
  }

  get births(): number[] {
    const { sessions } = this.template.server.state;
    return sessions.filter(({ boot, online }) => online && boot === this.boot).map(({ session }) => session);
  }

  /** Everything told of this deployment's slot, in order of its numbers. */
  get changes() {
    const events = [...this.template.server.state.events.values()].filter(({ boot }) => boot === this.boot);
    return events.filter(({ kind }) => kind === 'phase').sort((a, b) => a.seq - b.seq);
  }
}

/** One point against the shipped bundle. Resolves with what was found wrong. */
export async function runBundlePoint(
  template: Template,
  mode: BundleMode,
  at: number,
  log?: string,
): Promise<string[]> {
  const point = new Point(template);
  const { server, deviceId, outfit } = template;
  await server.desire(deviceId, { default: point.slot });
  let agent = runAgent(template, point.dir, { mode, at, ...(log && { log }) });
  try {
    if (mode === 'kill' || mode === 'torn') {
      const isDead = await Promise.race([agent.exited.then(() => true), hasEnded(point, agent, 0).then(() => false)]);
      if (!isDead) await agent.kill();
      const sessions = point.births.length;
      const held = heldArtifacts(point);
      const requests = server.state.artifactRequests.length;
      agent = runAgent(template, point.dir);
      await expectSound(point, agent, (point.births.at(-1) ?? 0) + 1);
      point.expect(point.births.length > sessions, 'it never connected again');
      const again = server.state.artifactRequests.slice(requests).filter(({ sha256 }) => held.has(sha256));
      point.expect(again.length === 0, 'a file that was there was fetched again');
    } else {
      const client = keepAsking(point, agent);
      await expectSound(point, agent, 0);
      await client.stop();
    }
    point.problems.push(...(await outfit.inspect(deviceId, point.slot.release)));
  } catch (error) {
    point.problems.push(error instanceof Error ? error.message : String(error));
  } finally {
    await agent.kill();
    if (point.problems.length > 0) point.problems.push(`the agent's last words: ${agent.log.slice(-MAX_LAST_WORDS)}`);
    await outfit.reset(deviceId);
    rmSync(point.dir, { recursive: true, force: true });
  }
  return point.problems;
}

/** Serves soon, comes to an end, and endpoint, report, journal and events say the same. */
async function expectSound(point: Point, agent: AgentProcess, minSession: number): Promise<void> {
  await until('something serves', async () => (await versionOf(agent)) !== null, SERVE_WITHIN_MS);
  const slot = await hasEnded(point, agent, minSession);
  const version = await until('something serves', () => versionOf(agent));
  point.expect(slot.serving?.modelVersion === version, `${version} serves, reported is ${slot.serving?.modelVersion}`);
  const isReached = slot.phase === 'active' && version === '2.0.0';
  point.expect(isReached, `${version} serves in the phase ${slot.phase} (${slot.reason?.code})`);
  await until('the last change is told', () => point.changes.at(-1)?.to === slot.phase, END_WITHIN_MS);
  const journal = JSON.parse(readFileSync(join(point.dir, 'state/slots/default.json'), 'utf8'));
  point.expect(journal.phase === slot.phase, `the journal says ${journal.phase}, the report ${slot.phase}`);
  expectOnce(point);
}

function expectOnce(point: Point): void {
  const { births, changes } = point;
  point.expect(new Set(births).size === births.length, 'a session number was used twice');
  for (const [index, { from }] of changes.entries()) {
    const before = changes[index - 1];
    point.expect(!before || before.to === from, `${from} was left after ${before?.to} had been reached`);
  }
}

/** A rest of which the device says when it will try again is no end. */
function hasEnded(point: Point, agent: AgentProcess, minSession: number): Promise<SlotReport> {
  return until(
    'the way ends',
    () => {
      const slot = point.report(minSession);
      const isEnd = slot?.phase === 'active' || slot?.reason?.retry === 'never';
      return isEnd && agent.child.exitCode === null && slot;
    },
    END_WITHIN_MS,
  );
}

async function versionOf(agent: AgentProcess): Promise<string | null> {
  const endpoint = agent.status?.endpoint;
  if (!endpoint) return null;
  const response = await fetch(`${endpoint}${MODEL}`).catch(() => null);
  if (response?.status !== 200) return null;
  const { versions } = (await response.json()) as { versions: string[] };
  return versions[0] ?? null;
}

function heldArtifacts({ dir }: Point): Set<string> {
  return new Set(readdirSync(join(dir, 'artifacts')).filter((name) => !name.endsWith('.part')));
}

/** A client on the device: from its first answer on it must always get one. */
function keepAsking(point: Point, agent: AgentProcess) {
  let isStopped = false;
  let answers = 0;
  const asking = (async () => {
    while (!isStopped) {
      const version = await versionOf(agent);
      if (version !== null) answers += 1;
      else if (answers > 0 && !isStopped) point.expect(false, `no answer after ${answers} answers`);
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await asking;
      point.expect(answers > 0, 'nothing ever answered');
    },
  };
}
