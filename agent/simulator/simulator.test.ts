import { generateKeyPairSync } from 'node:crypto';
import { type DesiredSlot, topicOf } from '@flotilla/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCsr } from '../src/identity/csr.ts';
import { askUntilAnswered } from '../src/identity/enroll.ts';
import { SpoolSender } from '../src/spool/sender.ts';
import { makeRelease, uuid } from '../src/testing/release.ts';
import { startTestServer, TEST_TOKEN, type TestServer } from '../src/testing/test-server.ts';
import { until } from '../src/testing/wait.ts';
import { Fleet } from './fleet.ts';
import { factsOf, hardwareOf } from './hardware.ts';
import { MAX_KEPT, MemorySpool } from './memory-spool.ts';
import { readSimulatorOptions } from './options.ts';
import { Scenario } from './scenarios.ts';

const logger = { log: () => undefined, setLevel: () => undefined };
const sha256 = 'a'.repeat(64);

let server: TestServer;
let fleet: Fleet;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(async () => {
  await fleet?.stop();
  await server.stop();
});

/** One device, enrolled over HTTP and connected over mutual TLS. */
async function startOne(settings: object): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const request = { token: TEST_TOKEN, csr: createCsr(privateKey), facts: factsOf('sim-1', hardwareOf(1, 0)) };
  const order = { serverUrl: server.url, signal: AbortSignal.timeout(10_000) };
  const answer = await askUntilAnswered({ logger, random: Math.random }, order, JSON.stringify(request));
  const { deviceId, certificate, ca, mqttUrl, trustedKeys } = answer;
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const target = { mqttUrl, deviceId, key, certificate, ca };
  const enrolled = {
    identities: [{ index: 0, deviceId, name: 'sim-1', target }],
    trustedKeys,
    enrolled: 1,
    enrollS: 0,
  };
  const scenario = Scenario.parse({ pace: 0, ...settings });
  fleet = new Fleet({ enrolled, scenario, seed: 1, badVersion: null, firstVersion: null, logger });
  await fleet.connect(() => undefined);
  fleet.begin();
  return deviceId;
}
const slot = (n: number): DesiredSlot => ({
  deployment: uuid(5000 + n),
  release: makeRelease(n, { files: [{ path: 'm.onnx', sha256, sizeBytes: 40_000, role: 'model' }] }),
});
const reaches = (n: number, phase: string) =>
  until(`${phase} of ${n}`, () => {
    const report = server.latest()?.slots.default;
    return report?.deployment === uuid(5000 + n) && report.phase === phase;
  });
const phases = (n: number) => server.phases(uuid(5000 + n));

test('a virtual device goes the way of the agent, and measures what it serves', async () => {
  const deviceId = await startOne({});
  await server.desire(deviceId, { default: slot(1) });
  await reaches(1, 'active');
  const way = ['accepted', 'downloading', 'verifying', 'staging', 'proving', 'switching', 'observing', 'active'];
  expect(phases(1)).toEqual(way);
  const telemetry = await until('telemetry', () => [...server.state.telemetry.values()][0]);
  expect(telemetry.windows[0]?.releaseId).toBe(slot(1).release.id);
  expect(fleet.report()).toMatchObject({ connected: 1, versions: { 'vibration-fault 1.0.0': 1 } });
});

test('a failing device refuses the new version, and never the first', async () => {
  const deviceId = await startOne({ failingShare: 1 });
  await server.desire(deviceId, { default: slot(1) });
  await reaches(1, 'active');
  await server.desire(deviceId, { default: slot(2) });
  await reaches(2, 'failed');
  expect(server.latest()?.slots.default).toMatchObject({ reason: { code: 'proof.golden' } });
  expect(server.latest()?.slots.default?.serving?.releaseId).toBe(slot(1).release.id);
});

test('an agent that dies after the switch comes back with what its disk holds, and goes back in the end', async () => {
  const deviceId = await startOne({ crashShare: 1 });
  await server.desire(deviceId, { default: slot(1) });
  await reaches(1, 'active');
  await server.desire(deviceId, { default: slot(2) });
  await reaches(2, 'reverted');
  expect(server.latest()?.slots.default).toMatchObject({ reason: { code: 'agent.restarted' } });
  expect(server.latest()?.slots.default?.serving?.releaseId).toBe(slot(1).release.id);
  const boots = new Set([...server.state.events.values()].map(({ boot }) => boot));
  expect(boots.size, 'lives of the spool').toBe(1);
}, 60_000);

test('a link that breaks loses nothing: what was not acknowledged is sent again', async () => {
  const deviceId = await startOne({});
  await server.desire(deviceId, { default: slot(1) });
  await reaches(1, 'active');
  server.state.isAcking = false;
  await server.desire(deviceId, { default: slot(2) });
  await reaches(2, 'observing');
  fleet.devices[0]?.cutLink();
  await until('the link to break', () => fleet.connected === 0);
  server.state.isAcking = true;
  await reaches(2, 'active');
});

test('the ledger tells when one generation says two things, and when a generation falls', async () => {
  const deviceId = await startOne({});
  const tell = async (generation: number, n: number) => {
    const jws = await server.sign({ generation, slots: { default: slot(n) } });
    await server.publish(topicOf(deviceId, 'desired'), jws);
  };
  for (const [generation, n] of [
    [2, 1],
    [2, 1],
    [2, 3],
    [1, 1],
  ] as const)
    await tell(generation, n);
  const { ledger } = await until('the documents', () => fleet.report().ledger.documents === 4 && fleet.report());
  expect(ledger.conflicts).toHaveLength(1);
  expect(ledger.fallen).toEqual([`${deviceId}: 1 after 2`]);
});

test('the spool in memory keeps the rules of the one on disk: numbers, order, bound, and what was dropped', async () => {
  const spool = new MemorySpool();
  const sent: string[] = [];
  const sender = new SpoolSender(
    spool,
    (kind, payload) => sent.push(`${kind} ${JSON.parse(payload).seq}`),
    () => 0,
  );
  for (let window = 0; window < MAX_KEPT + 2; window += 1) await spool.addWindows([]);
  await spool.addEvent({ at: 0, kind: 'agent' });
  await sender.connected();
  expect(sent.slice(0, 2)).toEqual(['events 1', 'telemetry 3']);
  await sender.acknowledged({ boot: spool.boot, eventSeq: 1, telemetrySeq: MAX_KEPT });
  expect(spool.oldestSeq('telemetry')).toBe(MAX_KEPT + 1);
  expect(await spool.message('telemetry', MAX_KEPT, 0)).toBeNull();
  expect(await spool.message('telemetry', MAX_KEPT + 1, 0)).toMatchObject({ dropped: 2 });
  expect(spool.nextSeq('events')).toBe(2);
});

test('flags are checked with a sentence each', () => {
  const read = (...flags: string[]) => readSimulatorOptions(['--url', 'http://x', '--dir', 'd', ...flags]);
  expect(read('--scenario', 'bad-canary', '--set', 'offlineShare=0.2')?.scenario).toMatchObject({
    offlineShare: 0.2,
    latencyFactor: 1.5,
  });
  expect(() => read('--scenario', 'none')).toThrow('--scenario: is not a scenario; --help lists them');
  expect(() => read('--set', 'offlineShare=2')).toThrow('--set offlineShare');
  expect(() => read('--set', 'nonsense=2')).toThrow('nonsense');
  expect(() => read('--devices', '0')).toThrow('--devices');
});
