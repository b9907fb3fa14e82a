import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { saveChannel } from '../services/alerts/save-channel.ts';
import { saveRule } from '../services/alerts/save-rule.ts';
import { errorsAbove } from '../testing/alert-fleet.ts';
import { startTestBroker, type TestBroker } from '../testing/broker.ts';
import { testDatabase } from '../testing/database.ts';
import { enrollTestDevice } from '../testing/enrollment.ts';
import { removeArtifacts, type TestDeps, testDeps } from '../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { type HttpReceiver, isSigned, startHttpReceiver } from '../testing/receivers.ts';
import { WireDevice } from '../testing/wire-device.ts';
import { startTestWorker, type TestWorker } from '../testing/worker.ts';

const PATIENCE = { timeout: 20_000, interval: 100 };

const database = testDatabase();
let pki: TestPki;
let broker: TestBroker;
let deps: TestDeps;
let ours: TestOrganization;
let receiver: HttpReceiver;
const workers: TestWorker[] = [];
beforeAll(async () => {
  pki = await testPki();
  broker = await startTestBroker({ databaseUrl: database.url(), pki });
  deps = await testDeps(database.db(), pki.dir, () => new Date());
  ours = await createTestOrganization(database.db());
  receiver = await startHttpReceiver();
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await broker.close();
  await receiver.stop();
  await removeArtifacts(deps);
  await pki.remove();
});
const start = async () => {
  workers.push(await startTestWorker({ databaseUrl: database.url(), pki, broker }));
};

it('two workers give the first rules, fire one alert on what a device sends, and tell it once, signed', async () => {
  await start();
  await start();
  const rules = () => database.db().alertRule.count({ where: { organizationId: ours.organizationId } });
  await vi.waitFor(async () => expect(await rules()).toBe(7), PATIENCE);
  const { secret } = await saveChannel(deps, ours.owner, {
    channel: { kind: 'webhook', name: 'Ops', url: receiver.url },
  });
  const device = await WireDevice.connect(broker, await enrollTestDevice(deps, ours.owner, 'press-01'));
  await device.sendsWindow(1);
  await device.untilAcknowledged({ telemetrySeq: 1 });
  const rule = await saveRule(deps, ours.owner, {
    rule: { name: 'Any error', condition: errorsAbove({ limit: 0 }) },
  });
  await vi.waitFor(() => expect(receiver.calls).toHaveLength(1), PATIENCE);
  const [call] = receiver.calls;
  if (!call || !secret) throw new Error('no call');
  expect(isSigned(call, secret)).toBe(true);
  expect(JSON.parse(call.body)).toMatchObject({
    type: 'alert.fired',
    data: {
      title: 'Any error: press-01',
      alert: { ruleId: rule.id, members: 1, evidence: { deviceIds: [device.id], samples: 301 } },
    },
  });
  await vi.waitFor(async () => {
    const rows = await database.db().alertDelivery.findMany({ where: { organizationId: ours.organizationId } });
    expect(rows).toMatchObject([{ state: 'sent', attempts: 1 }]);
  }, PATIENCE);
  await device.client.end();
});
