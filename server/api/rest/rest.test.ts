import { describe, expect, it } from 'vitest';
import { saveAgentVersion } from '../../db/agent-versions.ts';
import { permissions } from '../../domain/access/permissions.ts';
import { demoRelease, type Ingest, onlineDevices } from '../../testing/fleet.ts';
import { createTestOrganization } from '../../testing/organizations.ts';
import { apiKey, jsonOf, restCalls } from '../../testing/rest-calls.ts';
import { fileFleet, type TestFleet } from '../../testing/test-fleet.ts';
import { endpoints } from './endpoints/index.ts';

let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let key: string;
let theirKey: string;
let ids: Record<string, string>;

const call = restCalls(() => ({ deps, key }));

const fleet = fileFleet(async (made) => {
  ({ deps, ours } = made);
  key = await apiKey(deps, ours.owner);
  theirKey = await apiKey(deps, (await createTestOrganization(made.db)).owner);
  const devices = await onlineDevices(deps, ours.owner, made.ingest, 'abcde');
  const release = await demoRelease(deps, ours.owner, '1.0.0');
  const rollout = await jsonOf(
    call('POST', '/rollouts', {
      body: { releaseId: release.id, plan: { waves: [{ name: 'All', size: { percent: 100 } }] } },
    }),
  );
  const { items: keys } = await jsonOf(call('GET', '/api-keys'));
  const credential = await jsonOf(
    call('POST', '/registry-credentials', {
      body: { registry: 'registry.example', username: 'u', password: 'not-shown' },
    }),
  );
  const template = await jsonOf(call('POST', '/plan-templates', { body: { name: 'Kept', plan: rollout.plan } }));
  const alerting = await anAlert();
  const { items: tokens } = await jsonOf(call('GET', '/enrollment-tokens'));
  const command = await jsonOf(call('POST', `/devices/${devices[0]?.id}/commands`, { body: { op: 'ping' } }));
  const upgradeId = await anUpgrade(made.ingest, devices[0]?.id ?? '');
  ids = {
    upgradeId,
    deviceId: devices[0]?.id ?? '',
    releaseId: release.id,
    rolloutId: rollout.id,
    keyId: keys[0].id,
    credentialId: credential.id,
    commandId: command.id,
    tokenId: tokens[0].id,
    templateId: template.id,
    ...alerting,
    model: 'vibration-fault',
    version: '1.0.0',
  };
});

/** An upgrade of this device's agent that is under way. */
async function anUpgrade(ingest: Ingest, deviceId: string): Promise<string> {
  const packages = { 'linux-x64': { sha256: 'ab'.repeat(32), sizeBytes: 1, unpackedBytes: 1 } };
  await saveAgentVersion(fleet.db, { version: '2.0.0', packages, offeredAt: deps.now() });
  const agent = { version: '1.0.0', isUpgradable: true };
  await ingest(deviceId, 'reported', { session: 1, rev: 1, generation: 0, slots: {}, agent });
  const { id } = await jsonOf(call('POST', '/agent-upgrades', { body: { deviceIds: [deviceId] } }));
  return id;
}

/** A rule, a channel, a mute, and an alert that was told. */
async function anAlert(): Promise<Record<string, string>> {
  const rule = await jsonOf(call('POST', '/alert-rules', { body: alertRule }));
  const channel = await jsonOf(call('POST', '/alert-channels', { body: alertChannel }));
  const mute = await jsonOf(call('POST', '/alert-mutes', { body: alertMute }));
  const { deliveryId } = await jsonOf(call('POST', `/alert-channels/${channel.id}/test`));
  const { organizationId } = ours;
  const { condition } = rule;
  const fired = { severity: 'critical', condition, groupKey: '', firedAt: deps.now() };
  const data = { organizationId, ruleId: rule.id, ruleName: rule.name, ...fired };
  const alert = await fleet.db.alert.create({ data });
  return { alertId: alert.id, ruleId: rule.id, channelId: channel.id, muteId: mute.id, deliveryId };
}
const alertRule = { name: 'Silent', condition: { kind: 'offline', afterS: 600 } };
const alertChannel = { kind: 'webhook', name: 'Ops', url: 'https://hooks.test/a' };
const alertMute = {
  name: 'Line change',
  schedule: { kind: 'again', window: { cron: '0 2 * * *', timeZone: 'Europe/Oslo', minutes: 60 } },
};

/** Calls that a key opens; signed ones have tests of their own. */
const keyed = endpoints.filter(({ authenticate }) => authenticate === undefined);

describe('a problem', () => {
  const cases: [string, () => Promise<Response>, number, object][] = [
    ['without a key', () => call('GET', '/devices', { by: null }), 401, { code: 'no_credentials' }],
    ['with a wrong key', () => call('GET', '/devices', { by: `${key.slice(0, -1)}!` }), 401, {}],
    ['for a path that is not there', () => call('GET', '/nowhere'), 404, { code: 'not_found' }],
    [
      'for a method that is not there',
      () => call('DELETE', '/devices'),
      404,
      { code: 'method_not_allowed', allowed: ['GET'] },
    ],
    ['for an id that is none', () => call('GET', '/devices/123'), 422, { errors: [{ pointer: '/deviceId' }] }],
    ['for a device that is not there', () => call('GET', `/devices/${ids.releaseId}`), 404, {}],
    ['for a limit out of range', () => call('GET', '/devices?limit=1000'), 422, { errors: [{ pointer: '/limit' }] }],
    ['for a selector that is none', () => call('GET', '/devices?selector=%3D'), 422, { code: 'selector' }],
    [
      'for a cursor of deployments that is none',
      () => call('GET', `/devices/${ids.deviceId}/deployments?cursor=x`),
      422,
      {},
    ],
    ['for a cursor of events that is none', () => call('GET', `/devices/${ids.deviceId}/events?cursor=x`), 422, {}],
    ['for a body that is not JSON', () => call('POST', '/models', { body: '{' }), 422, { code: 'not_json' }],
    [
      'for a body of another type',
      () => call('POST', '/models', { body: 'x', headers: { 'content-type': 'text/plain' } }),
      415,
      {},
    ],
    ['for a body that is too large', () => call('POST', '/models', { body: { name: 'x'.repeat(1_100_000) } }), 413, {}],
    [
      'for a name that is taken',
      () => call('POST', '/models', { body: { name: 'vibration-fault' } }),
      409,
      { code: 'model_exists' },
    ],
    [
      'for a rollout in another state',
      () => call('POST', `/rollouts/${ids.rolloutId}/resume`),
      409,
      { state: 'draft', possible: ['start', 'abort'] },
    ],
  ];
  it.each(cases)('%s', async (_, ask, status, wanted) => {
    const response = await ask();
    const body = await response.json();
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(body).toMatchObject({
      status,
      type: expect.stringMatching(/^urn:flotilla:problem:/),
      detail: expect.any(String),
      ...wanted,
    });
    expect(body.requestId).toBe(response.headers.get('x-request-id'));
  });

  it.each(keyed.map((each) => [each.operationId, each] as const))(
    '%s needs its scope',
    async (_, { method, path, permission }) => {
      const others = permissions.filter((each) => each !== permission);
      const by = await apiKey(deps, ours.owner, others);
      const response = await call(method, filled(path), { by });
      expect([response.status, await response.json()]).toEqual([
        403,
        expect.objectContaining({ detail: expect.stringContaining(permission) }),
      ]);
    },
  );
});

const filled = (path: string) => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? name);

/** What each call with a body is asked, with our own ids in it. */
const bodies = (): Record<string, unknown> => {
  const plan = { waves: [{ name: 'All', size: { percent: 100 } }] };
  const range = { deviceIds: [ids.deviceId], from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z' };
  return {
    updateDevice: { name: 'stolen' },
    resetReference: {},
    sendCommand: { op: 'ping' },
    planAgentUpgrade: { deviceIds: [ids.deviceId] },
    startAgentUpgrade: { deviceIds: [ids.deviceId] },
    createRelease: { model: ids.model, version: ids.version },
    createRollout: { releaseId: ids.releaseId, plan },
    planRollout: { releaseId: ids.releaseId, plan },
    queryTelemetry: { metrics: ['throughput_per_s'], ...range },
    exportTelemetry: { metrics: ['throughput_per_s'], ...range },
    exportWindows: range,
    acknowledgeAlert: {},
    resolveAlert: {},
    updateAlertRule: { ...alertRule, name: 'stolen' },
    previewAlertRule: { rule: alertRule },
    updateAlertChannel: { ...alertChannel, name: 'stolen' },
  };
};

/** Calls that make something new in the caller's own organization, and touch nothing of ours. */
const makesOwn = [
  'createEnrollmentToken',
  'createModel',
  'registerModelVersion',
  'createApiKey',
  'setRegistryCredential',
  'savePlanTemplate',
  'setRolloutPolicy',
  'updateOrganization',
  'addLabels',
  'addLabelStudioEvent',
  'changeMonitoringSettings',
  'createAlertRule',
  'restoreDefaultAlertRules',
  'createAlertChannel',
  'createAlertMute',
  'setCaptureSettings',
  'renewLabelWebhook',
  'removeLabelWebhook',
];

/** What the installation has, and every organization sees. */
const ofNobody = ['listAgentVersions'];

describe('another organization’s key', () => {
  it.each(
    keyed
      .filter(({ operationId }) => ![...makesOwn, ...ofNobody].includes(operationId))
      .map((each) => [each.operationId, each] as const),
  )('%s finds nothing of ours', async (id, { method, path }) => {
    const response = await call(method, filled(path), { by: theirKey, body: bodies()[id] });
    const text = await response.text();
    if (response.status !== 200) return expect([id, response.status, text]).toEqual([id, 404, expect.any(String)]);
    for (const [name, value] of Object.entries(ids)) if (/Id$/.test(name)) expect(text).not.toContain(value);
    if (response.headers.get('content-disposition')) return expect(text.split('\r\n').slice(1)).toEqual(['']);
    const { items = [], slots = {}, series = [] } = JSON.parse(text);
    expect([id === 'listApiKeys' || id === 'listEnrollmentTokens' ? [] : items, slots, series]).toEqual([[], {}, []]);
  });

  it('changed nothing', async () => {
    expect(await jsonOf(call('GET', `/devices/${ids.deviceId}`))).toMatchObject({ name: 'a', decommissionedAt: null });
    expect(await jsonOf(call('GET', `/rollouts/${ids.rolloutId}`))).toMatchObject({ state: 'draft' });
    expect(await jsonOf(call('GET', `/alert-rules/${ids.ruleId}`))).toMatchObject({ name: 'Silent' });
    expect(await jsonOf(call('GET', `/alerts/${ids.alertId}`))).toMatchObject({ state: 'firing' });
    expect((await jsonOf(call('GET', '/alert-channels'))).items).toMatchObject([{ name: 'Ops', hasSecret: true }]);
  });
});

describe('a list', () => {
  it('comes in pages that hold each thing once', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null && page < 9; page += 1) {
      const { items, nextCursor } = await jsonOf(call('GET', `/devices?limit=2${cursor ? `&cursor=${cursor}` : ''}`));
      expect(items.length).toBeLessThanOrEqual(2);
      seen.push(...items.map(({ name }: { name: string }) => name));
      cursor = nextCursor;
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('is narrowed by selector and state', async () => {
    expect((await jsonOf(call('GET', '/devices?connectivity=online,stale&q=c'))).items).toMatchObject([{ name: 'c' }]);
    expect((await jsonOf(call('GET', '/devices?selector=site%3Doslo'))).items).toEqual([]);
  });
});

describe('an Idempotency-Key', () => {
  const post = (name: string, idempotencyKey: string, by = key) =>
    call('POST', '/models', { body: { name }, headers: { 'idempotency-key': idempotencyKey }, by });

  it('gives the first answer again, and does it once', async () => {
    const [first, again] = [await post('once', 'k1'), await post('once', 'k1')];
    expect([
      first.status,
      again.status,
      again.headers.get('idempotent-replayed'),
      again.headers.get('location'),
    ]).toEqual([201, 201, 'true', '/api/v1/models/once']);
    expect(await again.json()).toEqual(await first.json());
  });

  it('is refused for another request, and free for another organization', async () => {
    await post('first', 'k2');
    expect(await jsonOf(post('second', 'k2'))).toMatchObject({ status: 409, code: 'idempotency_key_in_use' });
    expect((await post('second', 'k2', theirKey)).status).toBe(201);
  });

  it('of a request that failed may be used again', async () => {
    expect((await post('once', 'k3')).status).toBe(409);
    expect((await post('thrice', 'k3')).status).toBe(201);
  });

  it('of five at once does it once', async () => {
    const statuses = (await Promise.all(Array.from({ length: 5 }, () => post('five', 'k4')))).map(
      ({ status }) => status,
    );
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
    expect(await fleet.db.model.count({ where: { name: 'five' } })).toBe(1);
  });
});

it('If-Match changes a device only when it is still the one that was seen', async () => {
  const path = `/devices/${ids.deviceId}`;
  const etag = (await call('GET', path)).headers.get('etag') ?? '';
  const patch = (labels: object, match: string) =>
    call('PATCH', path, { body: { labels }, headers: { 'if-match': match } });
  const changed = await patch({ site: 'oslo' }, etag);
  expect([changed.status, (await changed.json()).labels]).toEqual([200, { site: 'oslo' }]);
  expect(await jsonOf(patch({ site: 'bergen' }, etag))).toMatchObject({
    status: 412,
    etag: changed.headers.get('etag'),
  });
  expect((await jsonOf(call('GET', path))).labels).toEqual({ site: 'oslo' });
});
