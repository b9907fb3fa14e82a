import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DesiredSlot } from '@flotilla/protocol';
import { freePort } from '../../src/testing/free-port.ts';
import { InstalledAgent } from '../../src/testing/installed-agent.ts';
import { startTestServer, type TestServer } from '../../src/testing/test-server.ts';
import { until } from '../../src/testing/wait.ts';
import { processes, release } from '../bundle/device.ts';

/** Several devices are made at the same time, and other work shares the machine. */
const ACTIVE_WITHIN_MS = 120_000;

/** A device in the field, installed, with a model in service, as a folder to copy, and the server that knows it. */
export type InstalledTemplate = {
  server: TestServer;
  deviceId: string;
  root: string;
  slots: Record<string, DesiredSlot>;
  remove: () => Promise<void>;
};

export async function createInstalled(): Promise<InstalledTemplate> {
  const server = await startTestServer();
  const root = mkdtempSync(join(tmpdir(), 'flotilla-upgrades-'));
  const agent = new InstalledAgent(join(root, 'template'), await freePort()).start(server);
  const deviceId = await agent.deviceId();
  const slots = { default: { deployment: randomUUID(), release: release(server, 1, processes) } };
  await server.desire(deviceId, slots);
  await until('version 1 is active', () => server.latest()?.slots.default?.phase === 'active', ACTIVE_WITHIN_MS);
  await agent.stop('SIGTERM');
  const remove = async () => {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  };
  return { server, deviceId, root, slots, remove };
}

/** A copy of the device with a spool life of its own, so that the server's acknowledgements of others mean nothing to it. */
export async function copyInstalled({ root }: InstalledTemplate): Promise<{ agent: InstalledAgent; boot: string }> {
  const agent = new InstalledAgent(mkdtempSync(join(root, 'point-')), await freePort());
  rmSync(agent.data, { recursive: true });
  cpSync(join(root, 'template/data'), agent.data, { recursive: true });
  const path = join(agent.data, 'spool/life.json');
  const boot = randomUUID();
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), boot }));
  return { agent, boot };
}
