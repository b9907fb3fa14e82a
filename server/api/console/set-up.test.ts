import { beforeAll, expect, it } from 'vitest';
import { createDb } from '../../db/client.ts';
import { testDatabase } from '../../testing/database.ts';
import { handleSetUp } from './set-up.ts';

const database = testDatabase();
const ORIGIN = 'https://fleet.example';
const owner = { organizationName: 'Harbour', name: 'Ada', email: 'ada@example.test', password: 'ten letters' };
let origin = ORIGIN;

let world: object;

beforeAll(() => {
  world = { db: database.db(), config: { url: ORIGIN }, logger: { error: () => undefined } };
  Object.assign(globalThis, { flotillaWebDeps: Promise.resolve(world) });
});

/** The form's request as a browser would send it. */
function ask(input: object): Promise<Response> {
  const body = JSON.stringify(input);
  const headers = { 'content-type': 'application/json', 'content-length': String(body.length), origin };
  return handleSetUp(new Request(`${ORIGIN}/api/setup`, { method: 'POST', headers, body }));
}

const setUp = async (input: object) => (await ask(input)).json();

it('takes no request from another site', async () => {
  origin = 'https://evil.example';
  expect(await setUp(owner)).toMatchObject({ ok: false, message: expect.stringContaining(ORIGIN) });
  origin = ORIGIN;
});

it('names the fields that are wrong, and makes nothing', async () => {
  const answer = await setUp({ ...owner, email: 'ada', password: 'short' });
  expect(answer).toMatchObject({ ok: false });
  expect(answer.fields.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/email', '/password']);
});

it('refuses more than a form can hold', async () => {
  expect(await setUp({ ...owner, name: 'x'.repeat(9_000) })).toMatchObject({ ok: false, fields: [] });
});

it('says that the database is away, and how to go on', async () => {
  const away = { ...world, db: createDb('postgres://127.0.0.1:1/none', 1) };
  Object.assign(globalThis, { flotillaWebDeps: Promise.resolve(away) });
  const response = await ask(owner);
  Object.assign(globalThis, { flotillaWebDeps: Promise.resolve(world) });
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ ok: false, message: expect.stringContaining('Try again in a few') });
});

it('makes the owner once', async () => {
  expect(await setUp(owner)).toEqual({ ok: true, slug: 'harbour' });
  expect(await setUp({ ...owner, email: 'eve@example.test' })).toMatchObject({
    ok: false,
    message: expect.stringContaining('has its owner already'),
  });
});
