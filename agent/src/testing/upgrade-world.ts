import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentReport, DesiredAgent } from '@flotilla/protocol';
import type { TestContext } from 'vitest';
import { delay } from '../delay.ts';
import { demoRelease } from './demo-release.ts';
import type { faults } from './faults.ts';
import { freePort } from './free-port.ts';
import { buildCandidate, type Candidate, InstalledAgent } from './installed-agent.ts';
import { startTestServer } from './test-server.ts';
import { until } from './wait.ts';

const MODEL = '/v2/models/vibration-fault';

const candidates = new Map<string, Promise<Candidate>>();

/** A bundle with this fault: the same one for all tests of a file. */
export function candidateWith(fault: keyof typeof faults): Promise<Candidate> {
  const known = candidates.get(fault) ?? buildCandidate(`c0de${candidates.size}`, fault);
  candidates.set(fault, known);
  return known;
}

/** The version that `buildAgent` made last. */
export function installedVersion(): string {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../dist/package/manifest.json'), 'utf8')).version;
}

export type UpgradeWorld = Awaited<ReturnType<typeof openUpgradeWorld>>;

/** A server and a device that was installed for it, of one test alone: such tests wait most of their time, so they run side by side. */
export async function openUpgradeWorld({ onTestFinished, task }: Pick<TestContext, 'onTestFinished' | 'task'>) {
  const server = await startTestServer();
  const home = mkdtempSync(join(tmpdir(), 'flotilla-upgrade-'));
  const agent = new InstalledAgent(home, await freePort());
  onTestFinished(async () => {
    await agent.stop();
    if (task.result?.state === 'fail') process.stderr.write(`\nThe agent's last words:\n${agent.log.slice(-6_000)}\n`);
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  });
  const report = (): AgentReport | undefined => server.latest()?.agent;
  return {
    server,
    home,
    agent,
    report,
    told: ({ order }: DesiredAgent) =>
      [...server.state.events.values()].filter(({ upgrade }) => upgrade?.order === order).map(({ to }) => to),
    programs: () => readdirSync(join(agent.data, 'agent')).sort(),
    reaches: (phase: string, { order }: DesiredAgent, timeoutMs = 60_000) =>
      until(
        () => `${phase} is reported, but ${JSON.stringify(report())}`,
        () => report()?.phase === phase && report()?.order === order && report(),
        timeoutMs,
      ),
    /** Status of an answer of the model's; null without one. */
    ask: async () => (await fetch(`${agent.endpoint}${MODEL}`).catch(() => null))?.status ?? null,
    /** Puts a model in service, and gives what tells the device to become another agent beside that. */
    async serving() {
      const deviceId = await agent.start(server).deviceId();
      const slots = {
        default: { deployment: randomUUID(), release: demoRelease(server.artifacts, 1, { input: { source: 'http' } }) },
      };
      await server.desire(deviceId, slots);
      await until('version 1 is active', () => server.latest()?.slots.default?.phase === 'active', 60_000);
      return { deviceId, slots, upgrade: (order: DesiredAgent) => server.desire(deviceId, slots, undefined, order) };
    },
  };
}

/** What a client on the device sees that asks the model again and again: answers, failures, and the longest time between two answers. */
export function keepAsking({ ask }: Pick<UpgradeWorld, 'ask'>) {
  let isStopped = false;
  const seen = { answered: 0, failed: 0, longestGapMs: 0 };
  const asking = (async () => {
    for (let answeredMs = performance.now(); !isStopped; ) {
      const status = await ask();
      seen[status === 200 ? 'answered' : 'failed'] += 1;
      seen.longestGapMs = Math.max(seen.longestGapMs, performance.now() - answeredMs);
      if (status === 200) answeredMs = performance.now();
      await delay(5);
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await asking;
      return seen;
    },
  };
}
