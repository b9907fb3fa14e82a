import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MAX_ATTEMPTS } from '../../domain/alerts/notify.ts';
import { messageSender } from '../../notify/send-message.ts';
import { deliveryList } from '../../queries/alerts.ts';
import { AlertFleet, errorsAbove } from '../../testing/alert-fleet.ts';
import { createTestOrganization } from '../../testing/organizations.ts';
import {
  type HttpReceiver,
  isSigned,
  type SmtpReceiver,
  startHttpReceiver,
  startSmtpReceiver,
} from '../../testing/receivers.ts';
import { type TestFleet, testFleet } from '../../testing/test-fleet.ts';
import { deliverMessages } from './deliver-messages.ts';
import { acknowledgeAlert } from './handle-alert.ts';
import { listChannels, type SaveChannel, saveChannel } from './save-channel.ts';
import { retryDelivery, testChannel } from './test-channel.ts';

const LOGIN = { user: 'flotilla', password: 'pass-word-of-mail' };
let clock: TestFleet['clock'];
let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let http: HttpReceiver;
let smtp: SmtpReceiver;
beforeAll(async () => {
  smtp = await startSmtpReceiver(LOGIN);
});
const stand = testFleet(async (made) => {
  ({ clock, deps, ours } = made);
  http = await startHttpReceiver();
  smtp.letters.length = 0;
  await made.db.alertDelivery.deleteMany(); // Every organization's messages are sent.
});
afterEach(() => http.stop());
afterAll(() => smtp.stop());

const make = (channel: SaveChannel['channel']) => saveChannel(deps, ours.owner, { channel });
const webhook = (more: object = {}) => make({ kind: 'webhook', name: 'Ops', url: http.url, ...more });
const email = (more: object = {}) =>
  make({
    kind: 'email',
    name: 'Mail',
    host: '127.0.0.1',
    port: smtp.port,
    security: 'none',
    username: LOGIN.user,
    password: LOGIN.password,
    from: 'fleet@example.test',
    to: ['ops@example.test', 'boss@example.test'],
    ...more,
  });
const send = (allowsPrivate = true) =>
  deliverMessages({ ...deps, send: messageSender({ allowsPrivate }, () => new Date()), random: () => 0.5 });
const deliveries = async () => (await deliveryList(deps, ours.owner, {})).items;
const theDelivery = async () => {
  const [first, ...others] = await deliveries();
  expect(others).toEqual([]);
  if (!first) throw new Error('no delivery');
  return first;
};

describe('a message', () => {
  it('goes to a webhook, signed so that the receiver can tell', async () => {
    const { channel, secret } = await webhook();
    const { deliveryId } = await testChannel(deps, ours.owner, { channelId: channel.id });
    await send();
    const [call] = http.calls;
    if (!call || !secret) throw new Error('no call');
    expect(isSigned(call, secret)).toBe(true);
    expect(isSigned({ ...call, body: `${call.body} ` }, secret)).toBe(false);
    expect(call.headers['webhook-id']).toBe(deliveryId);
    expect(JSON.parse(call.body)).toMatchObject({ type: 'test', data: { title: 'Test of Ops', alert: null } });
    expect(await theDelivery()).toMatchObject({ state: 'sent', attempts: 1, lastError: null });
  });

  it('goes to people by e-mail, with login', async () => {
    const { channel } = await email();
    await testChannel(deps, ours.owner, { channelId: channel.id });
    await send();
    expect(await theDelivery()).toMatchObject({ state: 'sent', lastError: null });
    expect(smtp.letters).toMatchObject([
      { from: 'fleet@example.test', to: ['ops@example.test', 'boss@example.test'], login: LOGIN.user },
    ]);
    expect(smtp.letters[0]?.text).toMatch(/Subject: Test of Mail/);
  });

  it('goes to a chat, in the form that Slack takes', async () => {
    const { channel, secret } = await make({ kind: 'slack', name: 'Chat <&>', url: `${http.url}/T0/B0/xyz` });
    await testChannel(deps, ours.owner, { channelId: channel.id });
    await send();
    expect(secret).toBeNull();
    expect(http.calls).toMatchObject([{ path: '/hook/T0/B0/xyz' }]);
    expect(JSON.parse(http.calls[0]?.body ?? '').text).toContain('Test of Chat &lt;&amp;&gt;');
  });

  it('is sent once by several workers', async () => {
    const { channel } = await webhook();
    for (let n = 0; n < 10; n += 1) await testChannel(deps, ours.owner, { channelId: channel.id });
    await Promise.all([send(), send(), send()]);
    expect(new Set(http.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(10);
    expect(http.calls).toHaveLength(10);
  });
});

describe('a receiver that does not take it', () => {
  it('is asked again, later and later, with the same id, and then given up; a person may try again', async () => {
    const { channel } = await webhook();
    await testChannel(deps, ours.owner, { channelId: channel.id });
    http.answers(500, {}, 'out of disk');
    await send();
    expect(await theDelivery()).toMatchObject({
      state: 'waiting',
      attempts: 1,
      lastError: expect.stringMatching(/answered 500: out of disk/),
    });
    await send();
    expect(http.calls).toHaveLength(1);
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) {
      clock.forwardMs(2 * 3_600_000);
      await send();
    }
    expect(new Set(http.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const dead = await theDelivery();
    expect([dead.state, dead.attempts, http.calls.length]).toEqual(['dead', MAX_ATTEMPTS, MAX_ATTEMPTS]);
    clock.forwardMs(9 * 3_600_000);
    await send();
    expect(http.calls).toHaveLength(MAX_ATTEMPTS);
    http.answers(200);
    await retryDelivery(deps, ours.owner, { deliveryId: dead.id });
    await send();
    expect(await theDelivery()).toMatchObject({ state: 'sent', attempts: 1 });
    await expect(retryDelivery(deps, ours.owner, { deliveryId: dead.id })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is taken up by another worker when the one that sent died', async () => {
    const { channel } = await webhook();
    await testChannel(deps, ours.owner, { channelId: channel.id });
    await stand.db.alertDelivery.updateMany({
      data: { attempts: 1, nextTryAt: new Date(clock.now().getTime() + 60_000) },
    });
    await send();
    expect(http.calls).toHaveLength(0);
    clock.forwardMs(60_000);
    await send();
    expect(await theDelivery()).toMatchObject({ state: 'sent', attempts: 2 });
  });

  it.each<[string, () => Promise<unknown>, () => void, RegExp, boolean]>([
    [
      'that redirects',
      () => webhook(),
      () => http.answers(302, { location: 'http://127.0.0.1:1/' }),
      /302: redirects are not followed/,
      true,
    ],
    ['at a private address', () => webhook(), () => undefined, /FLOTILLA_ALERTS_TO_PRIVATE_ADDRESSES/, false],
    [
      'with a mail server at a private address',
      () => email(),
      () => undefined,
      /FLOTILLA_ALERTS_TO_PRIVATE_ADDRESSES/,
      false,
    ],
    [
      'at the metadata of a cloud',
      () => webhook({ url: 'http://169.254.169.254/latest' }),
      () => undefined,
      /never go to/,
      true,
    ],
    [
      'at the same written otherwise',
      () => webhook({ url: 'http://[::ffff:169.254.169.254]/' }),
      () => undefined,
      /never go to/,
      true,
    ],
    ['that is not there', () => webhook({ url: 'http://127.0.0.1:1/' }), () => undefined, /ECONNREFUSED/, true],
    ['with a wrong password', () => email({ password: 'wrong' }), () => undefined, /did not take the letter/, true],
    [
      'without the encryption that it shall have',
      () => email({ security: 'starttls' }),
      () => undefined,
      /did not take the letter/,
      true,
    ],
  ])('%s: the reason is kept', async (_, setUp, prepare, reason, allowsPrivate) => {
    await setUp();
    prepare();
    const [channel] = await listChannels(deps, ours.owner);
    await testChannel(deps, ours.owner, { channelId: channel?.id ?? '' });
    await send(allowsPrivate);
    expect(await theDelivery()).toMatchObject({ state: 'waiting', lastError: expect.stringMatching(reason) });
    expect(smtp.letters).toEqual([]);
    expect(http.calls.length).toBeLessThanOrEqual(1);
  });
});

describe('secrets', () => {
  it('are stored sealed, and neither shown nor told again', async () => {
    const saved = [
      await webhook(),
      await email(),
      await make({ kind: 'slack', name: 'Chat', url: `${http.url}/very-secret` }),
    ];
    const secrets = [saved[0]?.secret?.slice(6) ?? '', LOGIN.password, 'very-secret'];
    const rows = JSON.stringify(await stand.db.alertChannel.findMany({}));
    const audit = JSON.stringify(await stand.db.auditEntry.findMany({}));
    const shown = JSON.stringify(await listChannels(deps, ours.owner));
    for (const secret of secrets) for (const text of [rows, audit, shown]) expect(text).not.toContain(secret);
    expect(saved.map(({ channel }) => channel.hasSecret)).toEqual([true, true, true]);
  });

  it('stay when a channel is changed without them', async () => {
    const { channel, secret } = await webhook();
    const again = await saveChannel(deps, ours.owner, {
      channelId: channel.id,
      channel: { kind: 'webhook', name: 'Renamed', url: `${http.url}/2` },
    });
    expect([again.secret, again.channel.hasSecret]).toEqual([null, true]);
    await testChannel(deps, ours.owner, { channelId: channel.id });
    await send();
    expect(http.calls.map((call) => [call.path, isSigned(call, secret ?? '')])).toEqual([['/hook/2', true]]);
  });

  it('of a row are good for nothing in another organization’s', async () => {
    const theirs = await createTestOrganization(stand.db);
    await webhook();
    const { channel } = await saveChannel(deps, theirs.owner, {
      channel: { kind: 'webhook', name: 'Theirs', url: http.url },
    });
    await stand.db.$executeRaw`UPDATE alert_channel SET sealed_secret = (SELECT sealed_secret FROM alert_channel
      WHERE organization_id = ${ours.organizationId}::uuid) WHERE id = ${channel.id}::uuid`;
    await testChannel(deps, theirs.owner, { channelId: channel.id });
    await send();
    expect(http.calls).toEqual([]);
    await expect(testChannel(deps, ours.owner, { channelId: channel.id })).rejects.toMatchObject({ code: 'not_found' });
  });
});

it('an alert tells its whole story: fired with evidence, training asked for, acknowledged, resolved', async () => {
  const fleet = await AlertFleet.start(deps, ours.owner, stand.ingest, 'ab');
  const { channel, secret } = await webhook();
  await email();
  await make({ kind: 'webhook', name: 'Off', url: `${http.url}/off`, isEnabled: false });
  const rule = await fleet.rule({
    name: 'Errors',
    severity: 'critical',
    condition: errorsAbove(),
    retrainChannelId: channel.id,
  });
  await fleet.measures({ errors: 100 });
  await fleet.looks();
  const [alert] = await stand.db.alert.findMany({ where: { organizationId: ours.organizationId } });
  await send();
  await acknowledgeAlert(deps, ours.owner, { alertId: alert?.id ?? '', note: 'On it' });
  await send();
  clock.forwardMs(400_000);
  await fleet.looks();
  await send();
  const bodies = http.calls.map(({ body }) => JSON.parse(body));
  expect(http.calls.every((call) => isSigned(call, secret ?? ''))).toBe(true);
  expect(bodies.map(({ type }) => type).toSorted()).toEqual([
    'alert.acknowledged',
    'alert.fired',
    'alert.resolved',
    'retraining.requested',
  ]);
  const { data } = bodies.find(({ type }) => type === 'retraining.requested');
  expect(data).toMatchObject({
    link: expect.stringMatching(/^https:\/\/fleet\.test\/test-[0-9a-f]+\/alerts\/[0-9a-f-]{36}$/),
    severity: 'critical',
    alert: {
      ruleId: rule.id,
      members: 2,
      evidence: {
        metric: 'error_rate',
        versionIds: [fleet.versionId],
        deviceIds: fleet.devices.map(({ id }) => id),
        samples: 800,
        value: 0.25,
        limit: 0.05,
      },
    },
  });
  const { from, to } = data.alert.evidence;
  expect(Date.parse(to) - Date.parse(from)).toBeGreaterThanOrEqual(300_000);
  const subjects = smtp.letters.map(({ text }) => /^Subject: (.*)$/m.exec(text)?.[1]);
  expect(subjects).toEqual([
    'Critical: Errors: 2 devices',
    'Acknowledged: Errors: 2 devices',
    'Resolved: Errors: 2 devices',
  ]);
  expect(smtp.letters[1]?.text).toContain('On it');
});
