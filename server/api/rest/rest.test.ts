import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveAgentVersion } from '../../db/agent-versions.ts';
import { permissions } from '../../domain/access/permissions.ts';
import { CreateKey, createKey } from '../../services/api-keys/create-key.ts';
import { testClock } from '../../testing/clock.ts';
import { testDatabase } from '../../testing/database.ts';
import {
  demoFile,
  demoRelease,
  type Ingest,
  ingestInto,
  onlineDevices,
  removeArtifacts,
  type TestDeps,
  testDeps,
} from '../../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestPki, testPki } from '../../testing/pki.ts';
import { endpoints } from './endpoints/index.ts';
import { dispatch } from './kernel/dispatch.ts';

const database = testDatabase();
const clock = testClock();
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
let key: string;
let theirKey: string;
let ids: Record<string, string>;
let end: () => Promise<void>;

const keyOf = async ({ owner }: TestOrganization, scopes: readonly (typeof permissions)[number][] = permissions) =>
  (await createKey(deps, owner, CreateKey.parse({ name: 'test', scopes, expiresInS: null }))).secret;
const call = (
  method: string,
  path: string,
  { body, headers = {}, by = key }: { body?: unknown; headers?: Record<string, string>; by?: string | null } = {},
) => {
  const isRaw = body instanceof Uint8Array || body instanceof FormData;
  const init = {
    method,
    headers: {
      ...(by ? { authorization: `Bearer ${by}` } : {}),
      ...(body && !isRaw ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(body === undefined
      ? {}
      : { body: isRaw ? (body as BodyInit) : typeof body === 'string' ? body : JSON.stringify(body) }),
  };
  return dispatch(deps, endpoints, new Request(`http://localhost/api/v1${path}`, init), path.split('?')[0] ?? '');
};
const json = async (response: Promise<Response>) => (await response).json();

beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, clock.now);
  ours = await createTestOrganization(database.db());
  key = await keyOf(ours);
  theirKey = await keyOf(await createTestOrganization(database.db()));
  const { ingest, pool }: { ingest: Ingest; pool: { end: () => Promise<void> } } = ingestInto(
    database.url(),
    clock.now,
  );
  end = () => pool.end();
  const devices = await onlineDevices(deps, ours.owner, ingest, 'abcde');
  const release = await demoRelease(deps, ours.owner, '1.0.0');
  const rollout = await json(
    call('POST', '/rollouts', {
      body: { releaseId: release.id, plan: { waves: [{ name: 'All', size: { percent: 100 } }] } },
    }),
  );
  const { items: keys } = await json(call('GET', '/api-keys'));
  const credential = await json(
    call('POST', '/registry-credentials', {
      body: { registry: 'registry.example', username: 'u', password: 'not-shown' },
    }),
  );
  const template = await json(call('POST', '/plan-templates', { body: { name: 'Kept', plan: rollout.plan } }));
  const alerting = await anAlert();
  const { items: tokens } = await json(call('GET', '/enrollment-tokens'));
  const command = await json(call('POST', `/devices/${devices[0]?.id}/commands`, { body: { op: 'ping' } }));
  const upgradeId = await anUpgrade(ingest, devices[0]?.id ?? '');
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
afterAll(async () => {
  await end();
  await removeArtifacts(deps);
  await pki.remove();
});

/** An upgrade of this device's agent that is under way. */
async function anUpgrade(ingest: Ingest, deviceId: string): Promise<string> {
  const packages = { 'linux-x64': { sha256: 'ab'.repeat(32), sizeBytes: 1, unpackedBytes: 1 } };
  await saveAgentVersion(database.db(), { version: '2.0.0', packages, offeredAt: clock.now() });
  const agent = { version: '1.0.0', isUpgradable: true };
  await ingest(deviceId, 'reported', { session: 1, rev: 1, generation: 0, slots: {}, agent });
  const { id } = await json(call('POST', '/agent-upgrades', { body: { deviceIds: [deviceId] } }));
  return id;
}

/** A rule, a channel, a mute, and an alert that was told. */
async function anAlert(): Promise<Record<string, string>> {
  const rule = await json(call('POST', '/alert-rules', { body: alertRule }));
  const channel = await json(call('POST', '/alert-channels', { body: alertChannel }));
  const mute = await json(call('POST', '/alert-mutes', { body: alertMute }));
  const { deliveryId } = await json(call('POST', `/alert-channels/${channel.id}/test`));
  const { organizationId } = ours;
  const { condition } = rule;
  const fired = { severity: 'critical', condition, groupKey: '', firedAt: clock.now() };
  const data = { organizationId, ruleId: rule.id, ruleName: rule.name, ...fired };
  const alert = await database.db().alert.create({ data });
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
      const by = await keyOf(
        ours,
        permissions.filter((each) => each !== permission),
      );
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
    expect(await json(call('GET', `/devices/${ids.deviceId}`))).toMatchObject({ name: 'a', decommissionedAt: null });
    expect(await json(call('GET', `/rollouts/${ids.rolloutId}`))).toMatchObject({ state: 'draft' });
    expect(await json(call('GET', `/alert-rules/${ids.ruleId}`))).toMatchObject({ name: 'Silent' });
    expect(await json(call('GET', `/alerts/${ids.alertId}`))).toMatchObject({ state: 'firing' });
    expect((await json(call('GET', '/alert-channels'))).items).toMatchObject([{ name: 'Ops', hasSecret: true }]);
  });
});

describe('a list', () => {
  it('comes in pages that hold each thing once', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null && page < 9; page += 1) {
      const { items, nextCursor } = await json(call('GET', `/devices?limit=2${cursor ? `&cursor=${cursor}` : ''}`));
      expect(items.length).toBeLessThanOrEqual(2);
      seen.push(...items.map(({ name }: { name: string }) => name));
      cursor = nextCursor;
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('is narrowed by selector and state', async () => {
    expect((await json(call('GET', '/devices?connectivity=online,stale&q=c'))).items).toMatchObject([{ name: 'c' }]);
    expect((await json(call('GET', '/devices?selector=site%3Doslo'))).items).toEqual([]);
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
    expect(await json(post('second', 'k2'))).toMatchObject({ status: 409, code: 'idempotency_key_in_use' });
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
    expect(await database.db().model.count({ where: { name: 'five' } })).toBe(1);
  });
});

it('If-Match changes a device only when it is still the one that was seen', async () => {
  const path = `/devices/${ids.deviceId}`;
  const etag = (await call('GET', path)).headers.get('etag') ?? '';
  const patch = (labels: object, match: string) =>
    call('PATCH', path, { body: { labels }, headers: { 'if-match': match } });
  const changed = await patch({ site: 'oslo' }, etag);
  expect([changed.status, (await changed.json()).labels]).toEqual([200, { site: 'oslo' }]);
  expect(await json(patch({ site: 'bergen' }, etag))).toMatchObject({ status: 412, etag: changed.headers.get('etag') });
  expect((await json(call('GET', path))).labels).toEqual({ site: 'oslo' });
});

describe('an upload', () => {
  it('whose sender goes away in the middle is refused, and nothing is kept', async () => {
    const chunks = [await demoFile('vibration-fault-2.0.0.onnx').then((bytes) => bytes.subarray(0, 1000))];
    const body = new ReadableStream({
      pull: (controller) => {
        const chunk = chunks.shift();
        if (chunk) controller.enqueue(new Uint8Array(chunk));
        else controller.error(new TypeError('terminated'));
      },
    });
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/octet-stream' };
    const path = '/models/gone/versions';
    const request = new Request(`http://localhost/api/v1${path}?version=1`, {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit);
    expect(await json(dispatch(deps, endpoints, request, path))).toMatchObject({ status: 422, code: 'upload_cut_off' });
    expect(await readdir(join(deps.artifactsDir, 'incoming'))).toEqual([]);
  });

  it('that is refused unread does no harm when its sender goes away after that', async () => {
    let goAway = () => {};
    const body = new ReadableStream({
      start: (controller) => {
        goAway = () => controller.error(new TypeError('terminated'));
      },
    });
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/octet-stream' };
    const path = '/models/vibration-fault/versions';
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    const request = new Request(`http://localhost/api/v1${path}?version=1.0.0`, init);
    expect(await json(dispatch(deps, endpoints, request, path))).toMatchObject({ status: 409, code: 'version_exists' });
    goAway();
    await new Promise((resolve) => setImmediate(resolve)); // An error that nobody hears ends the process here.
  });

  it('of the file itself, and of several as a form, is registered; the bytes come back by ranges', async () => {
    const onnx = await demoFile('vibration-fault-2.0.0.onnx');
    const raw = await call('POST', '/models/raw/versions?version=1', {
      body: onnx,
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect([raw.status, (await raw.json()).sizeBytes]).toEqual([201, onnx.length]);
    const form = new FormData();
    form.append('model', new Blob([new Uint8Array(onnx)]), 'm.onnx');
    form.append('labels', new Blob([new Uint8Array(await demoFile('labels.json'))]), 'labels.json');
    expect((await json(call('POST', '/models/form/versions?version=1', { body: form }))).files).toHaveLength(2);
    const get = async (range?: string) => {
      const response = await call('GET', '/models/raw/versions/1/artifact', { headers: range ? { range } : {} });
      return [
        response.status,
        response.headers.get('content-range'),
        Buffer.from(await response.arrayBuffer()).toString('hex'),
      ];
    };
    const hex = (from: number, to: number) => onnx.subarray(from, to).toString('hex');
    expect(await get()).toEqual([200, null, hex(0, onnx.length)]);
    expect(await get('bytes=10-19')).toEqual([206, `bytes 10-19/${onnx.length}`, hex(10, 20)]);
    expect(await get('bytes=-5')).toEqual([
      206,
      `bytes ${onnx.length - 5}-${onnx.length - 1}/${onnx.length}`,
      hex(onnx.length - 5, onnx.length),
    ]);
    expect(await get(`bytes=${onnx.length}-`)).toEqual([416, `bytes */${onnx.length}`, '']);
  });

  it.each([
    ['of no model', Buffer.from('hello'), 'application/octet-stream', 422],
    ['of another type', Buffer.from('hello'), 'text/plain', 415],
    ['as a form without a boundary', Buffer.from('hello'), 'multipart/form-data', 422],
    [
      'as a form that is cut off',
      Buffer.from('--b\r\ncontent-disposition: form-data; name="model"; filename="m.onnx"\r\n\r\nabc'),
      'multipart/form-data; boundary=b',
      422,
    ],
    [
      'as a form with an unknown role',
      Buffer.from('--b\r\ncontent-disposition: form-data; name="virus"; filename="m.onnx"\r\n\r\nabc\r\n--b--\r\n'),
      'multipart/form-data; boundary=b',
      422,
    ],
  ])('%s is refused', async (_, body, type, status) => {
    const response = await call('POST', '/models/broken/versions?version=1', {
      body,
      headers: { 'content-type': type },
    });
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining('detail')]);
    expect(await database.db().model.count({ where: { name: 'broken' } })).toBe(0);
  });
});
