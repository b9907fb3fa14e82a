import { createHmac } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testClock } from '../../testing/clock.ts';
import { testDatabase } from '../../testing/database.ts';
import { removeArtifacts, type TestDeps, testDeps } from '../../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestPki, testPki } from '../../testing/pki.ts';
import { apiKey } from '../../testing/rest-calls.ts';
import { endpoints } from './endpoints/index.ts';
import { dispatch } from './kernel/dispatch.ts';

const MINUTE_MS = 60_000;
const database = testDatabase();
const clock = testClock();
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
let key: string;
let path: string;
let secret: string;
beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, clock.now);
  ours = await createTestOrganization(database.db());
  key = await apiKey(deps, ours.owner);
  ({ path, secret } = await renewed());
});
afterAll(async () => {
  await removeArtifacts(deps);
  await pki.remove();
});

async function send(method: string, to: string, headers: Record<string, string>, body?: string) {
  const init = { method, headers: { 'content-type': 'application/json', ...headers }, ...(body ? { body } : {}) };
  const response = await dispatch(deps, endpoints, new Request(`http://localhost/api/v1${to}`, init), to);
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}
const manage = (method: string, by = key) => send(method, '/label-webhook', { authorization: `Bearer ${by}` });

async function renewed(): Promise<{ path: string; secret: string }> {
  const { status, body } = await manage('POST');
  expect(status).toBe(200);
  return { path: new URL(body.webhook.url).pathname.replace('/api/v1', ''), secret: body.secret };
}

type Sent = { secret?: string; at?: number; id?: string; to?: string; tampered?: string };
/** Signs by hand, by what Standard Webhooks says, not with our own code. */
async function signed(body: object, given: Sent = {}) {
  const { secret: by = secret, at = clock.now().getTime(), id = `msg_${uuidv7()}`, to = path } = given;
  const [text, timestamp] = [JSON.stringify(body), String(Math.floor(at / 1000))];
  const signature = createHmac('sha256', Buffer.from(by.replace('whsec_', ''), 'base64'))
    .update(`${id}.${timestamp}.${text}`)
    .digest('base64');
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,b2xk v1,${signature}`,
  };
  return await send('POST', to, headers, given.tampered ?? text);
}
const labelOf = (inferenceId: string) =>
  database.db().prediction.findFirst({ where: { organizationId: ours.organizationId, inferenceId } });

describe('labels with a signature', () => {
  it('are stored for the webhook’s organization, and sent again change nothing', async () => {
    const message = { labels: [{ id: 'a', class: 1 }] };
    const sent = { id: 'msg_1', at: clock.now().getTime() };
    expect(await signed(message, sent)).toMatchObject({ status: 200, body: { received: 1, changed: 1, waiting: 1 } });
    expect(await labelOf('a')).toMatchObject({ labelClass: 1, labelSource: 'webhook' });
    expect(await signed(message, sent)).toMatchObject({ status: 200, body: { received: 1, changed: 0 } });
  });

  it('that are played again after a newer one do not undo it', async () => {
    const first = { at: clock.now().getTime(), id: 'msg_first' };
    await signed({ labels: [{ id: 'b', class: 1 }] }, first);
    clock.forwardMs(MINUTE_MS);
    await signed({ labels: [{ id: 'b', class: 2 }] });
    clock.forwardMs(MINUTE_MS);
    expect(await signed({ labels: [{ id: 'b', class: 1 }] }, first)).toMatchObject({ body: { changed: 0 } });
    expect(await labelOf('b')).toMatchObject({ labelClass: 2 });
  });

  it.each<[string, () => Sent, string]>([
    ['another body', () => ({ tampered: '{"labels":[{"id":"x","class":2}]}' }), 'webhook_signature'],
    ['another secret', () => ({ secret: `whsec_${Buffer.alloc(32).toString('base64')}` }), 'webhook_signature'],
    ['a time that is gone', () => ({ at: clock.now().getTime() - 6 * MINUTE_MS }), 'webhook_time'],
    ['a time that is to come', () => ({ at: clock.now().getTime() + 6 * MINUTE_MS }), 'webhook_time'],
    ['a webhook that is not there', () => ({ to: `/labels/webhooks/${uuidv7()}` }), 'webhook_signature'],
    ['no name of a webhook', () => ({ to: '/labels/webhooks/mine' }), 'webhook_signature'],
  ])('are refused with %s, and nothing is stored', async (_, given, code) => {
    expect(await signed({ labels: [{ id: 'x', class: 1 }] }, given())).toMatchObject({ status: 401, body: { code } });
    expect(await labelOf('x')).toBeNull();
  });

  it('are refused without a signature, a key or not, and when they are wrong', async () => {
    const body = JSON.stringify({ labels: [{ id: 'x', class: 1 }] });
    for (const headers of [{}, { authorization: `Bearer ${key}` }])
      expect(await send('POST', path, headers, body)).toMatchObject({ status: 401 });
    expect(await signed({ labels: [{ id: 'x' }] })).toMatchObject({ status: 422 });
    expect(await signed({ labels: [{ id: 'x', class: 1 }], padding: 'x'.repeat(5_000_000) })).toMatchObject({
      status: 413,
    });
    expect(await labelOf('x')).toBeNull();
  });
});

describe('the webhook', () => {
  it('has a secret that is said once, and is good for a day after the next', async () => {
    const old = secret;
    ({ secret } = await renewed());
    expect((await manage('GET')).body).toEqual({
      url: `${deps.urls.api}/api/v1${path}`,
      createdAt: expect.any(String),
      renewedAt: clock.now().toISOString(),
      previousUntil: new Date(clock.now().getTime() + 24 * 60 * MINUTE_MS).toISOString(),
      lastUsedAt: expect.any(String),
    });
    const row = await database.db().labelWebhook.findFirstOrThrow({ where: { organizationId: ours.organizationId } });
    expect(JSON.stringify(row)).not.toContain(secret.slice(6));
    expect(await signed({ labels: [{ id: 'c', class: 1 }] }, { secret: old })).toMatchObject({ status: 200 });
    clock.forwardMs(24 * 60 * MINUTE_MS + 1);
    expect(await signed({ labels: [{ id: 'c', class: 2 }] }, { secret: old })).toMatchObject({ status: 401 });
    expect(await signed({ labels: [{ id: 'c', class: 2 }] })).toMatchObject({ status: 200 });
    const twice = secret;
    await renewed();
    ({ secret } = await renewed());
    expect(await signed({ labels: [{ id: 'd', class: 2 }] }, { secret: twice })).toMatchObject({ status: 401 });
  });

  it('is of one organization: another neither sees nor ends it, and every change is written down', async () => {
    const theirs = await apiKey(deps, (await createTestOrganization(database.db())).owner);
    expect(await manage('GET', theirs)).toMatchObject({ status: 404 });
    expect(await manage('DELETE', theirs)).toMatchObject({ status: 204 });
    expect(await signed({ labels: [{ id: 'e', class: 2 }] })).toMatchObject({ status: 200 });
    expect(await manage('DELETE')).toMatchObject({ status: 204 });
    expect(await signed({ labels: [{ id: 'e', class: 1 }] })).toMatchObject({ status: 401 });
    expect(await manage('DELETE')).toMatchObject({ status: 204 });
    expect(await manage('GET')).toMatchObject({ status: 404 });
    const entries = await database.db().auditEntry.findMany({
      where: { organizationId: ours.organizationId, subjectKind: 'label-webhook' },
      orderBy: { id: 'asc' },
    });
    const renews = ['label-webhook.renew', 'label-webhook.renew', 'label-webhook.renew'];
    expect(entries.map(({ action }) => action)).toEqual(['label-webhook.create', ...renews, 'label-webhook.remove']);
    expect(JSON.stringify(entries)).not.toContain('whsec_');
  });
});
