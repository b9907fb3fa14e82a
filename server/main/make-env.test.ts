import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flotilla-env-'));
});
afterAll(() => rm(dir, { recursive: true }));

const make = (name: string, ...flags: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'make-env.ts'), '--file', join(dir, name), ...flags], {
    encoding: 'utf8',
  });
const read = async (name: string) =>
  Object.fromEntries(
    (await readFile(join(dir, name), 'utf8'))
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => line.split('=', 2)),
  );

it('makes secrets that nobody else has, in a file for its owner alone', async () => {
  for (const name of ['a', 'b']) expect(make(name, '--host', 'fleet.example').status).toBe(0);
  const [a, b] = [await read('a'), await read('b')];
  expect(a).toMatchObject({ FLOTILLA_URL: 'https://fleet.example', FLOTILLA_MQTT_URL: 'mqtts://fleet.example:8883' });
  for (const name of ['POSTGRES_PASSWORD', 'FLOTILLA_SESSION_SECRET']) {
    expect(a[name]).toMatch(/^[\w-]{64}$/);
    expect(a[name]).not.toBe(b[name]);
  }
  expect(a.POSTGRES_PASSWORD).not.toBe(a.FLOTILLA_SESSION_SECRET);
  expect((await stat(join(dir, 'a'))).mode & 0o777).toBe(0o600);
});

it('never replaces a file that is there', async () => {
  make('kept');
  const before = await readFile(join(dir, 'kept'), 'utf8');
  const again = make('kept');
  expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('was not touched')]);
  expect(await readFile(join(dir, 'kept'), 'utf8')).toBe(before);
});

it.each([
  ['https://fleet.example', 'is no host name'],
  ['a b', 'is no host name'],
])('refuses the host %s with a sentence', (host, sentence) => {
  const { status, stderr } = make('never', '--host', host);
  expect([status, stderr]).toEqual([1, expect.stringContaining(sentence)]);
});
