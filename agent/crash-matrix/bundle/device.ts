import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Release } from '@flotilla/protocol';
import { AgentProcess } from '../../src/testing/agent-process.ts';
import { demoRelease } from '../../src/testing/demo-release.ts';
import { startTestServer, TEST_TOKEN, type TestServer } from '../../src/testing/test-server.ts';
import { until } from '../../src/testing/wait.ts';

/** Several devices are made at the same time, and other work shares the machine. */
const ACTIVE_WITHIN_MS = 120_000;

/** What a device runs its releases in. */
export type Outfit = {
  runtime: (version: 1 | 2) => Release['runtime'];
  /** The container engine's socket, when it has one. */
  engineSocket?: string;
  /** Looks at what is outside the agent's folder when all is over; resolves with what is wrong there. */
  inspect: (deviceId: string, release: Release) => Promise<string[]>;
  /** Puts back what the last point changed there; called before the first one too. */
  reset: (deviceId: string) => Promise<void>;
  remove: () => void;
};

/** Runs its releases as processes: there is nothing outside the agent's folder. */
export const processes: Outfit = {
  runtime: () => ({ kind: 'process' }),
  inspect: async () => [],
  reset: async () => {},
  remove: () => {},
};

/** A device in the field with version 1 in service, as a folder to copy, and the server that knows it. */
export type Template = {
  server: TestServer;
  deviceId: string;
  dir: string;
  outfit: Outfit;
  remove: () => Promise<void>;
};

export const release = (server: TestServer, version: 1 | 2, { runtime }: Outfit) =>
  demoRelease(server.artifacts, version, {
    runtime: runtime(version),
    input: { source: 'http' },
    proof: { runs: 3, tolerance: 0.001 },
    observe: { seconds: 0, maxErrorRate: 0.05, maxCrashes: 0 },
  });

export async function createTemplate(outfit: Outfit): Promise<Template> {
  const server = await startTestServer();
  const root = mkdtempSync(join(tmpdir(), 'flotilla-matrix-'));
  const dir = join(root, 'template');
  const agent = AgentProcess.up(server, dir, engineArgs(outfit));
  const deviceId = await agent.deviceId();
  const deployment = randomUUID();
  await server.desire(deviceId, { default: { deployment, release: release(server, 1, outfit) } });
  await until(
    'version 1 is active',
    () => {
      const slot = server.latest()?.slots.default;
      return slot?.phase === 'active' && slot.deployment === deployment;
    },
    ACTIVE_WITHIN_MS,
  );
  await agent.stop();
  await outfit.reset(deviceId);
  const remove = async () => {
    await server.stop();
    outfit.remove();
    rmSync(root, { recursive: true, force: true });
  };
  return { server, deviceId, dir, outfit, remove };
}

/** A copy of the device, with a spool life of its own, so that the server's acknowledgements of others mean nothing to it. */
export function copyDevice({ dir }: Template): { dir: string; boot: string } {
  const copy = mkdtempSync(join(dir, '../point-'));
  cpSync(dir, copy, { recursive: true });
  const path = join(copy, 'spool/life.json');
  const boot = randomUUID();
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), boot }));
  return { dir: copy, boot };
}

export type Fault = { mode: string; at: number; log?: string };

/** The agent on a folder; with `fault`, something happens to it at one of its operations. */
export function runAgent({ outfit }: Template, dir: string, fault?: Fault): AgentProcess {
  return start(dir, ['run', ...engineArgs(outfit)], fault && { ...fault, engine: outfit.engineSocket });
}

/** A device that is new: it enrolls first. */
export function enrollAgent({ server }: Template, dir: string, fault?: Fault): AgentProcess {
  return start(dir, ['up', '--server', server.url, '--token', TEST_TOKEN], fault);
}

function engineArgs({ engineSocket }: Outfit): string[] {
  return engineSocket === undefined ? [] : ['--engine-socket', engineSocket];
}

function start(dir: string, command: string[], fault?: Fault & { engine?: string | undefined }): AgentProcess {
  const args = [...command, '--dir', dir, '--oip-port', '0'];
  if (!fault) return new AgentProcess(dir, args);
  const hook = new URL('hook.ts', import.meta.url);
  for (const [key, value] of Object.entries(fault)) {
    if (value !== undefined) hook.searchParams.set(key, String(value));
  }
  return new AgentProcess(dir, args, ['--import', hook.href]);
}
