import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresSettings } from './local/postgres-settings.ts';
import { WEB_FLAGS, WORKER_FLAGS } from './local/stack.ts';

const root = resolve(import.meta.dirname, '../..');
const secrets = ['POSTGRES_PASSWORD', 'FLOTILLA_SESSION_SECRET', 'FLOTILLA_URL', 'FLOTILLA_MQTT_URL'];

let dir: string;
let compose: readonly [string, ...string[]];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flotilla-compose-'));
  const known = [['docker', 'compose'], ['docker-compose']] as const;
  const found = known.find(([program, ...args]) => spawnSync(program, [...args, 'version']).status === 0);
  if (!found) throw new Error('Docker Compose is not installed: apt-get install docker-compose, or Docker’s plugin');
  compose = found;
});
afterAll(() => rm(dir, { recursive: true }));

function config(envFile: string, format: string[] = []) {
  const [program, ...args] = compose;
  const { PATH = '', HOME = '' } = process.env;
  const flags = ['--file', join(root, 'docker-compose.yml'), '--env-file', envFile, 'config', ...format];
  return spawnSync(program, [...args, ...flags], { cwd: dir, encoding: 'utf8', env: { NODE_ENV: 'test', PATH, HOME } });
}
async function madeEnv(): Promise<string> {
  const path = join(dir, 'made');
  spawnSync(process.execPath, [join(import.meta.dirname, 'make-env.ts'), '--file', path]);
  return path;
}

it('Compose takes the file with what compose:env made, and every service is in it', async () => {
  const { status, stdout, stderr } = config(await madeEnv(), ['--services']);
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('rror')]);
  const services = ['postgres', 'migrate', 'prepare', 'mosquitto', 'worker', 'web'];
  expect(stdout.trim().split('\n').toSorted()).toEqual(services.toSorted());
});

it.each(secrets)('Compose does not start without %s, and says what to run', async (name) => {
  const path = await madeEnv();
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => !line.startsWith(`${name}=`));
  await writeFile(join(dir, 'lacking'), lines.join('\n'));
  const { status, stderr } = config(join(dir, 'lacking'));
  expect(status).not.toBe(0);
  expect(stderr).toContain('Run "npm run compose:env" first');
});

it('the database has the settings by which it is measured, but for its memory, which is of the machine', async () => {
  const text = await readFile(join(root, 'docker-compose.yml'), 'utf8');
  const command = /command: (\["postgres", .*\])/.exec(text)?.[1] ?? '[]';
  const withoutMemory = (words: string[]) => words.filter((word) => !word.startsWith('shared_buffers='));
  expect(withoutMemory(JSON.parse(command))).toEqual(['postgres', ...withoutMemory(postgresSettings())]);
});

it('the broker starts what the system tests start', async () => {
  const text = await readFile(join(root, 'docker-compose.yml'), 'utf8');
  expect(text).toContain('- ./server/mqtt/mosquitto:/flotilla:ro');
  expect(text).toContain('entrypoint: ["/bin/sh", "/flotilla/run.sh"]');
});

it.each([
  ['docker-compose.yml', WEB_FLAGS, 'server/main/web.ts'],
  ['server/Dockerfile', WEB_FLAGS, 'server/main/web.ts'],
  ['docker-compose.yml', WORKER_FLAGS, 'server/main/worker.ts'],
])('%s starts with the flags %j, by which it is measured, %s', async (file, flags, program) => {
  const words = [...flags, program].map((word) => `"${word}"`);
  expect(await readFile(join(root, file), 'utf8')).toContain(`[${words.join(', ')}]`);
});
