import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentProcess } from '../../src/testing/agent-process.ts';
import { demoRelease } from '../../src/testing/demo-release.ts';
import { startTestServer, TEST_TOKEN, type TestServer } from '../../src/testing/test-server.ts';
import { until } from '../../src/testing/wait.ts';

/** A device in the field with version 1 in service, as a folder to copy, and the server that knows it. */
export type Template = { server: TestServer; deviceId: string; dir: string; remove: () => Promise<void> };

export const release = (server: TestServer, version: 1 | 2) =>
  demoRelease(server.artifacts, version, {
    input: { source: 'http' },
    proof: { runs: 3, tolerance: 0.001 },
    observe: { seconds: 0, maxErrorRate: 0.05, maxCrashes: 0 },
  });

export async function createTemplate(): Promise<Template> {
  const server = await startTestServer();
  const root = mkdtempSync(join(tmpdir(), 'flotilla-matrix-'));
  const dir = join(root, 'template');
  const agent = AgentProcess.up(server, dir);
  const deviceId = await agent.deviceId();
  const deployment = randomUUID();
  await server.desire(deviceId, { default: { deployment, release: release(server, 1) } });
  await until('version 1 is active', () => {
    const slot = server.latest()?.slots.default;
    return slot?.phase === 'active' && slot.deployment === deployment;
  });
  await agent.stop();
  const remove = async () => {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  };
  return { server, deviceId, dir, remove };
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
export function runAgent(dir: string, fault?: Fault): AgentProcess {
  return start(dir, ['run'], fault);
}

/** A device that is new: it enrolls first. */
export function enrollAgent({ server }: Template, dir: string, fault?: Fault): AgentProcess {
  return start(dir, ['up', '--server', server.url, '--token', TEST_TOKEN], fault);
}

function start(dir: string, command: string[], fault?: Fault): AgentProcess {
  const args = [...command, '--dir', dir, '--oip-port', '0'];
  if (!fault) return new AgentProcess(dir, args);
  const hook = new URL('hook.ts', import.meta.url);
  for (const [key, value] of Object.entries(fault)) hook.searchParams.set(key, String(value));
  return new AgentProcess(dir, args, ['--import', hook.href]);
}
