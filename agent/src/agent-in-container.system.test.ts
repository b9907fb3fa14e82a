import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { gatherAgentRootfs } from '../container/rootfs.ts';
import { readText } from './connection/http.ts';
import { deployment } from './testing/agent-suite.ts';
import { demoRelease } from './testing/demo-release.ts';
import { freePort } from './testing/free-port.ts';
import { type Docker, startDocker } from './testing/system/docker.ts';
import { startTestServer, TEST_TOKEN, type TestServer } from './testing/test-server.ts';
import { until } from './testing/wait.ts';
import { packCandidate } from './testing/whole-candidate.ts';

const Created = z.looseObject({ Id: z.string() });

let dir: string;
let docker: Docker;
let server: TestServer;
let newest = '';

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-container-'));
  server = await startTestServer();
  docker = await startDocker(join(dir, 'docker'));
  const context = join(dir, 'context');
  await gatherAgentRootfs(context);
  cpSync(join(import.meta.dirname, '../container/Dockerfile'), join(context, 'Dockerfile'));
  await docker.build(context, 'agent:1', { target: 'closed' });
}, 300_000);
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail' || !newest) return;
  const query = { stdout: '1', stderr: '1', tail: '60' };
  const words = await readText(await docker.engine.open({ method: 'GET', path: `/containers/${newest}/logs`, query }));
  process.stderr.write(`\nThe last words of the container:\n${words}\n`);
});
afterAll(async () => {
  await docker?.stop();
  await server?.stop();
  if (dir) rmSync(dir, { recursive: true, force: true });
}, 60_000);

/** As `docs/agent-container.md` says, on a volume that outlives it. */
async function run(port: number): Promise<string> {
  const url = server.url.replace('127.0.0.1', 'localhost');
  const where = ['--dir', '/flotilla/data', '--oip-port', String(port)];
  const body = {
    Image: 'agent:1',
    Cmd: ['up', '--server', url, '--token', TEST_TOKEN, ...where],
    HostConfig: {
      Init: true,
      NetworkMode: 'host',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Mounts: [{ Type: 'volume', Source: 'flotilla-agent', Target: '/flotilla/data' }],
    },
  };
  const { Id } = await docker.engine.json({ method: 'POST', path: '/containers/create', body }, Created);
  newest = Id;
  await docker.engine.run({ method: 'POST', path: `/containers/${Id}/start` });
  return Id;
}

test('in a container it enrolls, serves, upgrades itself, and stays the same device when the container is made anew', async () => {
  const port = await freePort();
  const container = await run(port);
  await until('connected', () => server.state.sessions.at(-1)?.online, 60_000);
  const [deviceId = ''] = server.devices.values();
  const slots = {
    default: { deployment: deployment(1), release: demoRelease(server.artifacts, 1, { input: { source: 'http' } }) },
  };
  await server.desire(deviceId, slots);
  await until('version 1 is active', () => server.latest()?.slots.default?.phase === 'active', 60_000);
  const served = async () =>
    (await fetch(`http://127.0.0.1:${port}/v2/models/vibration-fault`).catch(() => null))?.status;
  expect(await served()).toBe(200);

  const { version, package: about, platform, file } = await packCandidate(join(dir, 'candidate'), 'c0ffee01');
  server.artifacts.set(about.sha256, readFileSync(file));
  await server.desire(deviceId, slots, undefined, {
    order: randomUUID(),
    version,
    packages: { [platform]: about },
    stableS: 1,
  });
  await until(
    () => `it is upgraded, but ${JSON.stringify(server.latest()?.agent)}`,
    () => server.latest()?.agent?.phase === 'active' && server.latest()?.agent?.version === version,
    90_000,
  );
  expect(await served()).toBe(200);

  await docker.engine.run({ method: 'POST', path: `/containers/${container}/stop` });
  await until('it said goodbye', () => server.state.sessions.at(-1)?.online === false);
  await docker.engine.remove(`/containers/${container}`);
  await run(port);
  await until('it is back', () => server.state.sessions.at(-1)?.online, 60_000);
  expect(server.state.sessions.at(-1)).toMatchObject({ agentVersion: version });
  expect(server.devices.size).toBe(1);
  await until('it serves', async () => (await served()) === 200, 60_000);
}, 300_000);
