import { beforeAll, expect, it, vi } from 'vitest';
import { POST } from '@/app/api/setup/route.ts';
import { testDatabase } from '@/server/testing/database.ts';
import { setUp } from './set-up.ts';

const database = testDatabase();
const ORIGIN = 'https://fleet.example';
const owner = { organizationName: 'Harbour', name: 'Ada', email: 'ada@example.test', password: 'ten letters' };
let origin = ORIGIN;

/** The form's request as a browser would send it, answered by the route itself over a database of its own. */
beforeAll(() => {
  const deps = { db: database.db(), config: { url: ORIGIN }, logger: { error: () => undefined } };
  Object.assign(globalThis, { flotillaWebDeps: Promise.resolve(deps) });
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    const length = String(String(init.body).length);
    const headers = { ...(init.headers as Record<string, string>), origin, 'content-length': length };
    return POST(new Request(`${ORIGIN}${path}`, { ...init, headers }));
  });
});

it('takes no request from another site', async () => {
  origin = 'https://evil.example';
  expect(await setUp(owner)).toMatchObject({ ok: false, message: expect.stringContaining(ORIGIN) });
  origin = ORIGIN;
});

it('names the fields that are wrong, and makes nothing', async () => {
  const answer = await setUp({ ...owner, email: 'ada', password: 'short' });
  expect(answer).toMatchObject({ ok: false });
  expect('fields' in answer && answer.fields.map(({ pointer }) => pointer)).toEqual(['/email', '/password']);
});

it('refuses more than a form can hold', async () => {
  expect(await setUp({ ...owner, name: 'x'.repeat(9_000) })).toMatchObject({ ok: false, fields: [] });
});

it('makes the owner once', async () => {
  expect(await setUp(owner)).toEqual({ ok: true, slug: 'harbour' });
  expect(await setUp({ ...owner, email: 'eve@example.test' })).toMatchObject({
    ok: false,
    message: expect.stringContaining('has its owner already'),
  });
});
