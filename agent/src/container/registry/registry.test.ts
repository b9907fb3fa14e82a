import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RegistryTokenResponse } from '@flotilla/protocol';
import { afterEach, expect, test } from 'vitest';
import { HttpProblem, readText } from '../../connection/http.ts';
import { Repository } from './registry.ts';

const never = new AbortController().signal;
const digest = 'ab'.repeat(32);
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const repository = (registry: string, given: RegistryTokenResponse | Error, asked: string[] = []) =>
  new Repository(
    {
      credentials: async (image) => {
        asked.push(image);
        if (given instanceof Error) throw given;
        return given;
      },
    },
    { registry, repository: 'team/app', digest },
  );
const wants = (response: Parameters<RequestListener>[1], challenge: string) =>
  response.writeHead(401, { 'www-authenticate': challenge }).end();
const text = async (answer: Promise<IncomingMessage>) => await readText(await answer);

test('a registry that asks for nothing is asked for nothing else', async () => {
  const asked: string[] = [];
  const registry = await serve((request, response) => response.end(`${request.url} ${request.headers.range ?? ''}`));
  const blob = repository(registry, { scheme: 'none' }, asked).openBlob(digest, 7, never);
  expect(await text(blob)).toBe(`/v2/team/app/blobs/sha256:${digest} bytes=7-`);
  expect(asked).toEqual([]);
});

test('user and password answer a basic challenge, and the server is told for which image', async () => {
  const asked: string[] = [];
  const registry = await serve((request, response) => {
    if (!request.headers.authorization) return wants(response, 'Basic realm="r"');
    response.end(request.headers.authorization);
  });
  const given = { scheme: 'basic', username: 'u', password: 'p:q' } as const;
  const blob = repository(registry, given, asked).openBlob(digest, 0, never);
  expect(await text(blob)).toBe(`Basic ${Buffer.from('u:p:q').toString('base64')}`);
  expect(asked).toEqual([`${registry}/team/app@sha256:${digest}`]);
});

test('a token from our server is used as it is; without one the token service is asked, for this repository only', async () => {
  const tokens: string[] = [];
  const service = await serve((request, response) => {
    tokens.push(`${request.url} ${request.headers.authorization ?? 'nobody'}`);
    response.end(JSON.stringify({ token: 'from-service' }));
  });
  const registry = await serve((request, response) => {
    if (!request.headers.authorization) return wants(response, `Bearer realm="http://${service}/token",service="reg"`);
    response.end(request.headers.authorization);
  });
  const ours = { scheme: 'bearer', token: 'from-server', expiresAt: 1 } as const;
  expect(await text(repository(registry, ours).openBlob(digest, 0, never))).toBe('Bearer from-server');
  expect(tokens).toEqual([]);
  const anonymous = repository(registry, { scheme: 'none' }).openBlob(digest, 0, never);
  expect(await text(anonymous)).toBe('Bearer from-service');
  expect(tokens).toEqual(['/token?service=reg&scope=repository%3Ateam%2Fapp%3Apull nobody']);
});

test('credentials stay with the registry when its blobs lie elsewhere', async () => {
  const storage = await serve((request, response) => response.end(request.headers.authorization ?? 'nothing shown'));
  const registry = await serve((request, response) => {
    if (!request.headers.authorization) return wants(response, 'Basic');
    response.writeHead(307, { location: `http://${storage}/bucket/x` }).end();
  });
  const given = { scheme: 'basic', username: 'u', password: 'p' } as const;
  expect(await text(repository(registry, given).openBlob(digest, 0, never))).toBe('nothing shown');
});

test.each([
  ['wrong credentials', { scheme: 'basic', username: 'u', password: 'p' }, 'container.registry_auth'],
  ['none where some are wanted', { scheme: 'none' }, 'container.registry_auth'],
  [
    'a refusal of the registry to our server',
    new HttpProblem(409, 'registry_refused', 'no'),
    'container.registry_auth',
  ],
  ['a server that cannot be asked', new Error('offline'), 'download.network'],
] as const)('%s are named', async (_, given, code) => {
  const registry = await serve((_request, response) => wants(response, 'Basic'));
  await expect(repository(registry, given).openBlob(digest, 0, never)).rejects.toMatchObject({ code });
});

test('redirects in a circle end', async () => {
  const registry = await serve((request, response) => response.writeHead(302, { location: request.url }).end());
  await expect(repository(registry, { scheme: 'none' }).openBlob(digest, 0, never)).rejects.toThrow('redirects');
});
