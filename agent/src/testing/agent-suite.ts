import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SlotReport } from '@flotilla/protocol';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import { buildAgent } from '../../build.ts';
import { AgentProcess } from './agent-process.ts';
import { uuid } from './release.ts';
import { startTestServer, type TestServer } from './test-server.ts';
import { until } from './wait.ts';

/** Characters of an agent's log that are shown when its test fails. */
const MAX_LAST_WORDS = 6_000;

export const deployment = (n: number) => uuid(5000 + n);

/** For each test of a file a server of its own, a folder of its own, and bundled agents that never outlive it. */
export function useAgents() {
  const suite = {
    server: undefined as unknown as TestServer,
    dir: '',
    start(extra: string[] = []): AgentProcess {
      return suite.keep(AgentProcess.up(suite.server, suite.dir, extra));
    },
    keep(agent: AgentProcess): AgentProcess {
      agents.push(agent);
      return agent;
    },
    slot: (): SlotReport | undefined => suite.server.latest()?.slots.default,
    reaches: (id: string, phase: string, timeoutMs?: number) =>
      until(
        () => `${phase} is reported, but ${JSON.stringify(suite.slot())}`,
        () => suite.slot()?.deployment === id && suite.slot()?.phase === phase,
        timeoutMs,
      ),
  };
  let agents: AgentProcess[] = [];
  beforeAll(buildAgent, 60_000);
  beforeEach(async () => {
    suite.server = await startTestServer();
    suite.dir = mkdtempSync(join(tmpdir(), 'flotilla-agent-'));
  });
  afterEach(async ({ task }) => {
    for (const agent of agents) await agent.kill();
    if (task.result?.state === 'fail') sayLastWords(agents);
    agents = [];
    await suite.server.stop();
    rmSync(suite.dir, { recursive: true, force: true });
  });
  return suite;
}

/** Whoever reads of a failed test wants to know what the agents said. */
function sayLastWords(agents: AgentProcess[]): void {
  for (const { log, dir } of agents) {
    process.stderr.write(`\nThe last words of the agent in ${dir}:\n${log.slice(-MAX_LAST_WORDS)}\n`);
  }
}

/** The newest child process of an agent: its runner. */
export function runnerPid(agent: AgentProcess): number {
  return Math.max(...childrenOf(agent.child.pid ?? 0));
}

export function childrenOf(pid: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  return pids.map(Number);
}

function parentOf(pid: string): number | null {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
  } catch {
    return null;
  }
}
