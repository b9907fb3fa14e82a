import { endpoints } from '../api/rest/endpoints/index.ts';
import { dispatch } from '../api/rest/kernel/dispatch.ts';
import type { Actor } from '../domain/access/actor.ts';
import { type Permission, permissions } from '../domain/access/permissions.ts';
import { CreateKey, createKey } from '../services/api-keys/create-key.ts';
import type { TestDeps } from './fleet.ts';

/** The secret of a new key of the owner, good for everything unless said otherwise. */
export async function apiKey(deps: TestDeps, owner: Actor, scopes: readonly Permission[] = permissions) {
  const key = CreateKey.parse({ name: 'test', scopes, expiresInS: null });
  return (await createKey(deps, owner, key)).secret;
}

type CallOptions = { body?: unknown; headers?: Record<string, string>; by?: string | null };

/** Calls of the REST interface as its handler makes them of requests, by a key or, with null, by none. */
export function restCalls(world: () => { deps: TestDeps; key: string }) {
  return (method: string, path: string, { body, headers = {}, by = world().key }: CallOptions = {}) => {
    const isRaw = body instanceof Uint8Array || body instanceof FormData || body instanceof ReadableStream;
    const isText = typeof body === 'string';
    const init = {
      method,
      headers: {
        ...(by ? { authorization: `Bearer ${by}` } : {}),
        ...(body && !isRaw ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw || isText ? (body as BodyInit) : JSON.stringify(body) }),
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    };
    const request = new Request(`http://localhost/api/v1${path}`, init);
    return dispatch(world().deps, endpoints, request, path.split('?')[0] ?? '');
  };
}

export async function jsonOf(response: Promise<Response>) {
  return (await response).json();
}
