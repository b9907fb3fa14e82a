import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reasonSentences } from '@flotilla/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deployment, runnerPid, useAgents } from './testing/agent-suite.ts';
import { demoRelease } from './testing/demo-release.ts';
import { until } from './testing/wait.ts';

const suite = useAgents();
let unpacked: string;
beforeEach(() => {
  unpacked = mkdtempSync(join(tmpdir(), 'flotilla-archive-'));
});
afterEach(() => rmSync(unpacked, { recursive: true, force: true }));

const repliesTo = (id: string) => suite.server.state.replies.filter((each) => each.id === id);
const endOf = (id: string) => repliesTo(id).find(({ status }) => ['done', 'failed', 'refused'].includes(status));
const TELEMETRY = { windowS: 1, logLevel: 'info' };

/** A device that serves the demo model, and asks what the test asks. */
async function serving(telemetry: object = TELEMETRY) {
  const agent = suite.start();
  const deviceId = await agent.deviceId();
  const desired = { deployment: deployment(1), release: demoRelease(suite.server.artifacts, 1) };
  await suite.server.desire(deviceId, { default: desired }, telemetry);
  await suite.reaches(deployment(1), 'active');
  const ask = async (op: string, args: Record<string, unknown> = {}) => {
    const id = await suite.server.command(deviceId, { op, args });
    return { id, end: await until(`${op} ends`, () => endOf(id)) };
  };
  return { agent, deviceId, desired, ask };
}

/** What the archive of a command holds, unpacked by the system's own tar. */
function unpack(commandId: string): (name: string) => string {
  const path = join(unpacked, 'archive.tar.gz');
  writeFileSync(path, suite.server.state.archives.get(commandId) ?? '');
  const into = join(unpacked, 'out');
  mkdirSync(into);
  execFileSync('tar', ['-xzf', path, '-C', into]);
  return (name) => readFileSync(join(into, name), 'utf8');
}

test('a diagnosis says what the device is and did, and holds no key and no token', async () => {
  const { agent, ask } = await serving();
  const { id, end } = await ask('diagnostics');
  expect(end).toMatchObject({ status: 'done', result: { sizeBytes: suite.server.state.archives.get(id)?.length } });
  expect(repliesTo(id).map(({ status }) => status)).toEqual(['accepted', 'running', 'done']);
  const read = unpack(id);
  expect(JSON.parse(read('about.json'))).toMatchObject({
    agentVersion: expect.any(String),
    endpoint: agent.status?.endpoint,
  });
  expect(JSON.parse(read('facts.json'))).toMatchObject({ arch: process.arch });
  expect(JSON.parse(read('reported.json'))).toMatchObject({ slots: { default: { phase: 'active' } } });
  expect(JSON.parse(read('journals/default.json'))).toMatchObject({ phase: 'active' });
  expect(JSON.parse(read('disk.json'))).toMatchObject({
    freeBytes: expect.any(Number),
    folders: { artifacts: expect.any(Array) },
  });
  expect(JSON.parse(read('sensors.json'))).toMatchObject({ powerSource: expect.any(String) });
  expect(read('agent.log')).toContain('connected to the server');
  const all = execFileSync('tar', ['-xzOf', join(unpacked, 'archive.tar.gz')]).toString();
  const key = readFileSync(join(suite.dir, 'identity/key.pem'), 'utf8').split('\n')[1] ?? '';
  for (const secret of [key, 'PRIVATE KEY', 'Bearer ', 'flt_enr_']) expect(all).not.toContain(secret);
});

test('the version in service is benchmarked beside service, by the same runner', async () => {
  const { agent, ask } = await serving();
  const pid = runnerPid(agent);
  const { id, end } = await ask('benchmark', { runs: 50 });
  expect(end).toMatchObject({
    status: 'done',
    result: { slot: 'default', version: '1.0.0', runs: 50, rssBytes: expect.any(Number) },
  });
  const { latencyP50Ms, latencyP95Ms, energyMj, powerSource } = end.result as Record<string, number>;
  expect(latencyP95Ms).toBeGreaterThanOrEqual(latencyP50Ms ?? Number.NaN);
  expect([typeof energyMj, typeof powerSource]).toEqual(['number', 'string']);
  expect(repliesTo(id).some(({ progress }) => progress?.percent === 10)).toBe(true);
  expect(runnerPid(agent)).toBe(pid);
});

test('samples are captured only where the organization allows it, within its bounds, with inputs, answer and label', async () => {
  const { deviceId, desired, ask } = await serving();
  const { id: refused, end } = await ask('capture', { samples: 5, seconds: 20 });
  expect(end).toMatchObject({ status: 'refused', reason: { code: 'command.not_allowed' } });
  expect(suite.server.state.archives.has(refused)).toBe(false);

  await suite.server.desire(deviceId, { default: desired }, { ...TELEMETRY, captures: { maxSamples: 7 } });
  await until('it is allowed', () => suite.server.latest()?.generation === 2);
  const { id, end: taken } = await ask('capture', { samples: 500, seconds: 20 });
  expect(taken).toMatchObject({ status: 'done', result: { samples: 7 } });
  const read = unpack(id);
  const samples = read('samples.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(samples).toHaveLength(7);
  expect(samples[0]).toMatchObject({
    id: expect.any(String),
    label: expect.anything(),
    inputs: [{ name: 'signal', datatype: 'FP32', shape: [1, 256] }],
    outputs: [{ name: 'probabilities', shape: [1, 4] }],
  });
  expect(JSON.parse(read('about.json'))).toMatchObject({ slot: 'default', model: 'vibration-fault', version: '1.0.0' });
});

test('a capture ends when it is forbidden while it runs, and keeps nothing', async () => {
  const { deviceId, desired } = await serving({ ...TELEMETRY, captures: { maxSamples: 10_000 } });
  const id = await suite.server.command(deviceId, { op: 'capture', args: { samples: 10_000, seconds: 60 } });
  await until('it runs', () => repliesTo(id).some(({ status }) => status === 'running'));
  await suite.server.desire(deviceId, { default: desired }, TELEMETRY);
  expect(await until('it ends', () => endOf(id))).toMatchObject({ reason: { code: 'command.not_allowed' } });
  expect(suite.server.state.archives.size).toBe(0);
});

test('the log goes up at the level that is set, which a command sets for a while', async () => {
  const { ask, deviceId, desired } = await serving({ windowS: 1, logLevel: 'error' });
  const lines = () => suite.server.state.logs.flatMap((batch) => batch.lines);
  suite.server.state.logs.length = 0;
  const { end } = await ask('set-log-level', { level: 'debug', minutes: 1 });
  expect(end).toMatchObject({ status: 'done', result: { level: 'debug' } });
  await suite.server.publish(`flotilla/v1/${deviceId}/desired`, 'no signature');
  await until('a line of a warning', () => lines().some(({ level }) => level === 'warn'));
  await suite.server.desire(deviceId, { default: desired }, { windowS: 1, logLevel: 'error' });
  await until('the document is there', () => suite.server.latest()?.generation === 2);
  await suite.server.publish(`flotilla/v1/${deviceId}/desired`, 'no signature either');
  await until(
    'the level is still that of the command',
    () => lines().filter(({ level }) => level === 'warn').length >= 2,
  );
});

test('what a command asks is checked before it is taken', async () => {
  const { ask } = await serving();
  for (const [op, args, code] of [
    ['benchmark', { runs: 0 }, 'command.bad_args'],
    ['benchmark', { slot: 'other' }, 'command.nothing_served'],
    ['set-log-level', { level: 'loud' }, 'command.bad_args'],
    ['capture', { samples: 1e9 }, 'command.bad_args'],
  ] as const) {
    const { end } = await ask(op, args);
    expect([op, end.status, end.reason?.code]).toEqual([op, 'refused', code]);
    expect(reasonSentences).toHaveProperty([code]);
  }
});
