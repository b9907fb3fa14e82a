import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NextApiRequest, NextApiResponse } from 'next';
import NextAuth from 'next-auth';
import { decode } from 'next-auth/jwt';
import { getServerSession } from 'next-auth/next';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOwner } from '../services/accounts/create-owner.ts';
import { testDatabase } from '../testing/database.ts';
import { clientAddress } from './client-address.ts';
import { authOptions } from './config.ts';
import { signedInUser } from './session.ts';

const database = testDatabase();
const email = 'ada@example.test';
const password = 'correct horse battery staple';
let server: Server;
let origin: string;

beforeAll(async () => {
  await createOwner({ db: database.db() }, { organizationName: 'Harbour', name: 'Ada', email, password });
  server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

/** next-auth behind plain HTTP, and at /me what a page of ours would see. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const options = authOptions({ db: database.db(), now: () => new Date(), secret: 's'.repeat(32), url: origin });
  const cookies = Object.fromEntries(
    (request.headers.cookie ?? '').split('; ').map((pair) => pair.split('=').map(decodeURIComponent)),
  );
  const path = new URL(request.url ?? '', origin);
  const body = await new Response(request as unknown as ReadableStream, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  }).text();
  const nextRequest = Object.assign(request, {
    cookies,
    query: { nextauth: path.pathname.split('/').slice(3), ...Object.fromEntries(path.searchParams) },
    body: Object.fromEntries(new URLSearchParams(body)),
  }) as unknown as NextApiRequest;
  const nextResponse = Object.assign(response, {
    status: (code: number) => {
      response.statusCode = code;
      return nextResponse;
    },
    json: (value: unknown) => response.end(JSON.stringify(value)),
    send: (value: unknown) => response.end(typeof value === 'string' ? value : JSON.stringify(value)),
  }) as unknown as NextApiResponse;
  if (path.pathname !== '/me') return NextAuth(nextRequest, nextResponse, options);
  response.end(JSON.stringify(signedInUser(await getServerSession(nextRequest, nextResponse, options))));
}

/** A browser as far as cookies go. */
function browser() {
  const jar = new Map<string, string>();
  const call = async (path: string, form?: Record<string, string>) => {
    const response = await fetch(`${origin}${path}`, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return { status: response.status, text: await response.text() };
  };
  const post = async (path: string, form: Record<string, string>) => {
    const { csrfToken } = JSON.parse((await call('/api/auth/csrf')).text);
    return call(path, { csrfToken, json: 'true', ...form });
  };
  return {
    jar,
    me: async () => JSON.parse((await call('/me')).text),
    session: async () => JSON.parse((await call('/api/auth/session')).text),
    signIn: (secret: string) => post('/api/auth/callback/credentials', { email, password: secret }),
    signOut: () => post('/api/auth/signout', {}),
    call,
  };
}
const COOKIE = 'flotilla.session';

describe('a session', () => {
  it('begins with the right password and says who and where', async () => {
    const ada = browser();
    expect(await ada.me()).toBeNull();
    expect((await ada.signIn(password)).status).toBe(200);
    expect(await ada.me()).toMatchObject({ email, name: 'Ada', memberships: [{ slug: 'harbour', role: 'owner' }] });
    expect((await ada.session()).user).toEqual(await ada.me());
    const token = await decode({ token: ada.jar.get(COOKIE) ?? '', secret: 's'.repeat(32) });
    const { sessionId } = await ada.me();
    expect(token).toEqual({
      sid: sessionId,
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.any(String),
    });
  });

  it('does not begin with a wrong password, and says so in a sentence; nor without the CSRF token', async () => {
    const ada = browser();
    const refused = await ada.signIn('wrong');
    expect(refused.status).toBe(401);
    expect(new URL(JSON.parse(refused.text).url).searchParams.get('error')).toMatch(
      /e-mail address or the password is wrong/,
    );
    await ada.call('/api/auth/callback/credentials', { email, password, csrfToken: 'x'.repeat(64), json: 'true' });
    expect(ada.jar.has(COOKIE)).toBe(false);
    expect(await ada.me()).toBeNull();
  });

  it('ends everywhere at once when it is revoked, in every copy of the cookie', async () => {
    const [ada, copy] = [browser(), browser()];
    await ada.signIn(password);
    for (const [name, value] of ada.jar) copy.jar.set(name, value);
    const { sessionId } = await copy.me();
    await database.db().userSession.update({ where: { id: sessionId }, data: { revokedAt: new Date() } });
    expect(await copy.me()).toBeNull();
    expect(await ada.session()).toEqual({});
    expect(ada.jar.has(COOKIE)).toBe(false);
  });

  it('ends with signing out, also for an old copy of the cookie, and not in another browser', async () => {
    const [ada, copy, elsewhere] = [browser(), browser(), browser()];
    await ada.signIn(password);
    await elsewhere.signIn(password);
    for (const [name, value] of ada.jar) copy.jar.set(name, value);
    await ada.signOut();
    expect(ada.jar.has(COOKIE)).toBe(false);
    expect(await copy.me()).toBeNull();
    expect(await elsewhere.me()).toMatchObject({ email });
  });

  it('is nobody’s with a cookie that we did not make', async () => {
    const forger = browser();
    for (const forged of ['x', 'a.b.c', 'eyJhbGciOiJub25lIn0.eyJzaWQiOiJ4In0.']) {
      forger.jar.set(COOKIE, forged);
      expect(await forger.me()).toBeNull();
    }
  });
});

it('cookies are bound to the host over TLS, and never readable by scripts', () => {
  const cookieOf = (url: string) =>
    authOptions({ db: database.db(), now: () => new Date(), secret: 's'.repeat(32), url }).cookies?.sessionToken;
  expect(cookieOf('https://fleet.example')).toEqual({
    name: '__Host-flotilla.session',
    options: { httpOnly: true, sameSite: 'lax', path: '/', secure: true },
  });
  expect(cookieOf('http://localhost:3000')?.options).toMatchObject({ httpOnly: true, secure: false });
});

it('the address that limits count is the one that the nearest proxy saw, not one that the caller wrote', () => {
  expect(clientAddress(new Headers({ 'x-forwarded-for': '10.0.0.1, 192.0.2.7' }))).toBe('192.0.2.7');
  expect(clientAddress(new Headers())).toBe('unknown');
});
