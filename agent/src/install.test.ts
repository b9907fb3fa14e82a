import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildAgent } from '../build.ts';
import { startTestServer, TEST_TOKEN, type TestServer } from './testing/test-server.ts';
import { until } from './testing/wait.ts';

const agentDir = join(import.meta.dirname, '..');
let server: TestServer;
let files: Server;
let dir: string;
let isSpoiled = false;
let child: ChildProcess | null = null;

beforeAll(buildAgent, 60_000);
beforeEach(async () => {
  isSpoiled = false;
  dir = mkdtempSync(join(tmpdir(), 'flotilla-install-'));
  server = await startTestServer();
  files = createServer((request, response) => {
    const name = request.url?.replace('/install/', '') ?? '';
    const bytes = readFileSync(join(agentDir, 'dist/package', name));
    if (isSpoiled && name.endsWith('.gz')) bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    response.end(bytes);
  });
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  files.closeAllConnections();
  files.close();
  await server.stop();
  rmSync(dir, { recursive: true });
});

/** Pipes the script into sh, as the technician's command does. Enrolment goes to the test server, files come from `files`. */
function install(args: string[]): { output: () => string; exited: Promise<number | null> } {
  const filesUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
  const script = readFileSync(join(agentDir, 'install.sh'), 'utf8')
    .replaceAll('__SERVER_URL__', server.url)
    .replaceAll('$SERVER_URL/install/', `${filesUrl}/install/`);
  let output = '';
  const sh = spawn('sh', ['-s', '--', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: dir },
  });
  for (const stream of [sh.stdout, sh.stderr]) stream.on('data', (chunk) => (output += chunk));
  sh.stdin.end(script);
  child = sh;
  return { output: () => output, exited: new Promise((resolve) => sh.once('exit', resolve)) };
}
const sessions = () => server.state.sessions.filter(({ online }) => online);

test('one command installs, enrolls and runs with the Node it brought; again it upgrades and stays the same device', async () => {
  const home = join(dir, 'agent');
  install(['--token', TEST_TOKEN, '--dir', home, '--name', 'press-7', '--no-service']);
  await until('connected', () => sessions().length === 1);
  expect(readFileSync(`/proc/${child?.pid}/cmdline`, 'utf8')).toContain(join(home, 'agent/bin/node'));
  child?.kill('SIGTERM');
  await until('gone', () => server.state.sessions.at(-1)?.online === false);
  mkdirSync(join(home, 'data/agent'));
  writeFileSync(join(home, 'data/agent/launch'), `${'a'.repeat(64)}\n`);
  install(['--dir', home, '--no-service']);
  await until('connected again', () => sessions().length === 2);
  expect(server.devices.size).toBe(1);
  expect(existsSync(join(home, 'agent.old'))).toBe(false);
  expect(
    existsSync(join(home, 'data/agent/launch')),
    'what is installed now runs, not what the device became before',
  ).toBe(false);
  await until('it can be upgraded', () => server.state.reported.at(-1)?.agent);
  expect(server.state.reported.at(-1)?.agent).toMatchObject({ isUpgradable: true });
}, 60_000);

test('an archive with other bytes than the server states is not used', async () => {
  isSpoiled = true;
  const { exited, output } = install(['--token', TEST_TOKEN, '--dir', join(dir, 'agent'), '--no-service']);
  expect(await exited).toBe(1);
  expect(output()).toContain('does not have the digest that the server states');
  expect(existsSync(join(dir, 'agent/agent'))).toBe(false);
});

test.each([
  [['--dir', '/tmp/x'], '--token is missing'],
  [['--token'], '--token needs a value'],
  [['--fast'], 'unknown option --fast'],
  [['--token', 't', '--dir', '/tmp/a b'], 'may have letters'],
])('%j is refused with a clear sentence', async (args, sentence) => {
  const { exited, output } = install(args);
  expect(await exited).toBe(1);
  expect(output()).toContain(sentence);
});
