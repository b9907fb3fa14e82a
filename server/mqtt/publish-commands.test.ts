import { topicOf } from '@flotilla/protocol';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { DeviceCommandsInput, deviceCommands } from '../queries/device-commands.ts';
import { SendCommand, sendCommand } from '../services/commands/send-command.ts';
import { startTestBroker, type TestBroker } from '../testing/broker.ts';
import { testDatabase } from '../testing/database.ts';
import { type EnrolledDevice, enrollTestDevice } from '../testing/enrollment.ts';
import { removeArtifacts, type TestDeps, testDeps } from '../testing/fleet.ts';
import { connectDevice } from '../testing/mqtt.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { startTestWorker } from '../testing/worker.ts';

const database = testDatabase();
const PATIENCE_MS = 10_000;
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
let broker: TestBroker;
let worker: Awaited<ReturnType<typeof startTestWorker>>;
let enrolled: EnrolledDevice;
beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, () => new Date());
  broker = await startTestBroker({ databaseUrl: database.url(), pki });
  worker = await startTestWorker({ databaseUrl: database.url(), pki, broker });
});
beforeEach(async () => {
  ours = await createTestOrganization(database.db());
  enrolled = await enrollTestDevice(deps, ours.owner, 'a');
});
afterAll(async () => {
  await worker.stop();
  await broker.close();
  await removeArtifacts(deps);
  await pki.remove();
});

const ask = (op: string) => sendCommand(deps, ours.owner, SendCommand.parse({ deviceId: enrolled.deviceId, op }));
const commandOf = async () =>
  (await deviceCommands(deps, ours.owner, DeviceCommandsInput.parse({ deviceId: enrolled.deviceId }))).commands[0];

/** A device that is there and hears its commands. */
async function join() {
  const id = enrolled.deviceId;
  const client = await connectDevice(broker, enrolled);
  await client.mqtt.subscribeAsync(topicOf(id, 'cmd', '+'), { qos: 1 });
  const say = (kind: 'session' | 'reply' | 'log', body: object, of?: string) =>
    client.mqtt.publishAsync(topicOf(id, kind, of), JSON.stringify(body), { qos: 1 });
  await say('session', { online: true, session: 1, boot: uuidv7(), agentVersion: '1', protocol: 1, at: Date.now() });
  const heard = () => client.received.filter(({ topic }) => topic.includes('/cmd/'));
  return { client, say, heard };
}

it('a command waits for its device, goes by the broker, again until it is answered, and its answer comes back', async () => {
  const { id } = await ask('ping');
  const device = await join();
  await vi.waitFor(() => expect(device.heard()).toHaveLength(1), PATIENCE_MS);
  await vi.waitFor(async () => expect((await commandOf())?.state).toBe('sent'), PATIENCE_MS);
  await vi.waitFor(() => expect(device.heard().length).toBeGreaterThan(1), 15_000);
  expect(new Set(device.heard().map(({ text }) => text)).size).toBe(1);
  await device.say('reply', { id, status: 'accepted' }, id);
  await device.say('reply', { id, status: 'done', result: { uptimeMs: 5 } }, id);
  await vi.waitFor(
    async () => expect(await commandOf()).toMatchObject({ state: 'done', result: { uptimeMs: 5 } }),
    PATIENCE_MS,
  );
  await device.client.end();
});

it('a device’s log comes to its page', async () => {
  const device = await join();
  await device.say('log', { lines: [{ at: Date.now(), level: 'warn', message: 'the disk is slow' }] });
  const stored = () => database.db().deviceLogLine.findMany({ where: { deviceId: enrolled.deviceId } });
  await vi.waitFor(async () => expect(await stored()).toMatchObject([{ message: 'the disk is slow' }]), PATIENCE_MS);
  await device.client.end();
});
