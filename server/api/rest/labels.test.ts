import { DesiredState } from '@flotilla/protocol';
import { decodeJwt } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTenant } from '../../db/scope.ts';
import { issueDesired } from '../../services/devices/issue-desired.ts';
import { testClock } from '../../testing/clock.ts';
import { testDatabase } from '../../testing/database.ts';
import { enrollTestDevice } from '../../testing/enrollment.ts';
import { demoRelease, removeArtifacts, type TestDeps, testDeps } from '../../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestPki, testPki } from '../../testing/pki.ts';
import { apiKey, restCalls } from '../../testing/rest-calls.ts';

const database = testDatabase();
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
let key: string;
beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, testClock().now);
  ours = await createTestOrganization(database.db());
  key = await apiKey(deps, ours.owner);
});
afterAll(async () => {
  await removeArtifacts(deps);
  await pki.remove();
});

const ask = restCalls(() => ({ deps, key }));
async function call(method: string, path: string, body?: unknown, type = 'application/json') {
  const response = await ask(method, path, { body, headers: body === undefined ? {} : { 'content-type': type } });
  const answer = await response.text();
  return { status: response.status, body: answer === '' ? null : JSON.parse(answer) };
}
const kept = (id: string) =>
  database.db().prediction.findFirst({ where: { organizationId: ours.organizationId, inferenceId: id } });

describe('labels', () => {
  it('come as JSON and as CSV, ten thousand at once, and again without harm', async () => {
    const labels = Array.from({ length: 10_000 }, (_, at) => ({ id: uuidv7(), class: at % 4 }));
    expect(await call('POST', '/labels', { labels })).toEqual({
      status: 200,
      body: { received: 10_000, changed: 10_000, joined: 0, waiting: 10_000 },
    });
    const csv = `id,class,at\n${labels.map(({ id, class: index }) => `${id},${index},2026-01-01T00:00:00Z`).join('\n')}\n`;
    expect((await call('POST', '/labels', csv, 'text/csv')).body).toMatchObject({ received: 10_000, changed: 0 });
    expect((await call('POST', '/labels?source=lab', 'id,value\n"a, ""b""",-2.5\n', 'text/csv')).status).toBe(200);
    expect(await kept('a, "b"')).toMatchObject({ labelValue: -2.5, labelSource: 'lab' });
  });

  it('come from Label Studio’s webhook; what is no annotation is ignored', async () => {
    const event = (action: string, result: object[], data: object = { inference_id: 'ls-1' }) => ({
      action,
      task: { id: 7, data },
      annotation: { id: 9, updated_at: '2026-01-01T10:00:00.000000Z', result },
    });
    const number = [{ type: 'number', value: { number: 3 } }];
    expect((await call('POST', '/labels/label-studio', event('ANNOTATION_CREATED', number))).body).toMatchObject({
      changed: 1,
    });
    expect(await kept('ls-1')).toMatchObject({ labelValue: 3, labelSource: 'label-studio' });
    expect((await call('POST', '/labels/label-studio', event('TASKS_CREATED', number))).body).toMatchObject({
      received: 0,
    });
    const choice = event('ANNOTATION_UPDATED', [{ type: 'choices', value: { choices: ['ok'] } }]);
    expect(await call('POST', '/labels/label-studio', choice)).toMatchObject({
      status: 422,
      body: { code: 'labels_model' },
    });
    expect(await call('POST', '/labels/label-studio', event('ANNOTATION_CREATED', number, {}))).toMatchObject({
      status: 422,
      body: { code: 'labels' },
    });
  });

  it.each<[string, unknown, string, number, string]>([
    ['none', { labels: [] }, 'application/json', 422, '/labels'],
    ['without what was right', { labels: [{ id: 'x' }] }, 'application/json', 422, '/labels/0'],
    ['of a class and a number', { labels: [{ id: 'x', class: 1, value: 2 }] }, 'application/json', 422, '/labels/0'],
    ['with a class out of range', { labels: [{ id: 'x', class: 64 }] }, 'application/json', 422, '/labels/0/class'],
    ['that are a list', [1], 'application/json', 422, ''],
    ['of another type', 'x', 'text/plain', 415, ''],
    ['as CSV without a head', 'x,1\n', 'text/csv', 422, 'first line'],
    ['as CSV with an unknown column', 'id,class,truth\n', 'text/csv', 422, 'truth'],
    ['as CSV with a line that is wrong', 'id,class\na,1\nb,one\n', 'text/csv', 422, 'Line 3'],
    ['that are too much', 'x'.repeat(5_000_000), 'text/csv', 413, ''],
  ])('%s are refused', async (_, body, type, status, why) => {
    const answer = await call('POST', '/labels', body, type);
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(why)]);
  });
});

it('which answers devices report is set for the organization, and every device is told by a new document', async () => {
  const release = await demoRelease(deps, ours.owner, '1.0.0');
  const { deviceId } = await enrollTestDevice(deps, ours.owner, 'a');
  const wanted = { deployment: uuidv7(), releaseId: release.id };
  await inTenant(database.db(), ours.organizationId, (scope) =>
    issueDesired(deps, scope, [{ deviceId, slot: 'default', wanted }]),
  );
  const document = async () =>
    DesiredState.parse(decodeJwt((await database.db().desiredState.findUniqueOrThrow({ where: { deviceId } })).jws));
  expect((await document()).telemetry.predictions).toEqual({ share: 0.01, lowConfidenceBelow: 0.5, maxPerWindow: 8 });
  const changed = await call('PATCH', '/monitoring-settings', { predictionShare: 0.2, unsureBelow: null });
  expect(changed).toMatchObject({ status: 200, body: { predictionShare: 0.2, unsureBelow: null, maxPerWindow: 8 } });
  expect(await document()).toMatchObject({
    generation: 2,
    telemetry: { predictions: { share: 0.2, maxPerWindow: 8 } },
  });
  await call('PATCH', '/monitoring-settings', { predictionShare: 0 });
  expect((await document()).telemetry.predictions).toBeUndefined();
  await call('PATCH', '/monitoring-settings', { keepPredictionsDays: 7 });
  expect((await document()).generation).toBe(3);
  expect((await call('GET', '/monitoring-settings')).body).toMatchObject({ keepPredictionsDays: 7 });
  expect((await call('PATCH', '/monitoring-settings', { unsureBelow: 0.33 })).status).toBe(422);
});

it('drift, accuracy and findings of a version are read, and its reference is learned anew', async () => {
  const version = '/models/vibration-fault/versions/1.0.0';
  expect((await call('GET', `${version}/drift`)).body).toMatchObject({
    reference: { source: 'learned' },
    window: null,
    features: [],
  });
  const range = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z';
  expect((await call('GET', `${version}/accuracy?${range}`)).body).toMatchObject({
    accuracy: null,
    answers: 0,
    classes: null,
  });
  expect((await call('GET', `${version}/accuracy?from=2026-01-01T00:00:00Z&to=2026-07-01T00:00:00Z`)).status).toBe(422);
  expect((await call('POST', `${version}/reference/reset`, { hours: 6 })).status).toBe(204);
  expect((await call('GET', `${version}/drift`)).body.reference.learning).toMatchObject({ hours: 0, needHours: 6 });
  expect((await call('GET', '/drift-findings?open=true')).body).toEqual({ items: [], nextCursor: null });
});
