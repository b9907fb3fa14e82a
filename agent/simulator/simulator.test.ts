import { afterEach, expect, test } from 'vitest';
import { SpoolSender } from '../src/spool/sender.ts';
import { until } from '../src/testing/wait.ts';
import { MAX_KEPT, MemorySpool } from './memory-spool.ts';
import { readSimulatorOptions } from './options.ts';
import { type OneDevice, slotOf, startOneDevice } from './testing/one-device.ts';

let device: OneDevice | undefined;
afterEach(async () => {
  await device?.stop();
  device = undefined;
});
const startOne = async (settings: object) => {
  device = await startOneDevice(settings);
  return device;
};

test('a virtual device goes the way of the agent, and measures what it serves', async () => {
  const { server, fleet, desire, reaches, phases } = await startOne({});
  await desire(1);
  await reaches(1, 'active');
  const way = ['accepted', 'downloading', 'verifying', 'staging', 'proving', 'switching', 'observing', 'active'];
  expect(phases(1)).toEqual(way);
  const telemetry = await until('telemetry', () => [...server.state.telemetry.values()][0]);
  expect(telemetry.windows[0]?.releaseId).toBe(slotOf(1).release.id);
  expect(fleet.report()).toMatchObject({ connected: 1, versions: { 'vibration-fault 1.0.0': 1 } });
});

test('a failing device refuses the new version, and never the first', async () => {
  const { server, desire, reaches } = await startOne({ failingShare: 1 });
  await desire(1);
  await reaches(1, 'active');
  await desire(2);
  await reaches(2, 'failed');
  expect(server.latest()?.slots.default).toMatchObject({ reason: { code: 'proof.golden' } });
  expect(server.latest()?.slots.default?.serving?.releaseId).toBe(slotOf(1).release.id);
});

test('an agent that dies after the switch comes back with what its disk holds, and goes back in the end', async () => {
  const { server, desire, reaches } = await startOne({ crashShare: 1 });
  await desire(1);
  await reaches(1, 'active');
  await desire(2);
  await reaches(2, 'reverted');
  expect(server.latest()?.slots.default).toMatchObject({ reason: { code: 'agent.restarted' } });
  expect(server.latest()?.slots.default?.serving?.releaseId).toBe(slotOf(1).release.id);
  const boots = new Set([...server.state.events.values()].map(({ boot }) => boot));
  expect(boots.size, 'lives of the spool').toBe(1);
}, 60_000);

test('a link that breaks loses nothing: what was not acknowledged is sent again', async () => {
  const { server, fleet, desire, reaches } = await startOne({});
  await desire(1);
  await reaches(1, 'active');
  server.state.isAcking = false;
  await desire(2);
  await reaches(2, 'observing');
  fleet.devices[0]?.cutLink();
  await until('the link to break', () => fleet.connected === 0);
  server.state.isAcking = true;
  await reaches(2, 'active');
});

test('the ledger tells when one generation says two things, and when a generation falls', async () => {
  const { fleet, deviceId, tell } = await startOne({});
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
