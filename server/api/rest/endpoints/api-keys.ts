import * as z from 'zod';
import type { ApiKey } from '../../../db/api-keys.ts';
import { permissions } from '../../../domain/access/permissions.ts';
import { CreateKey, createKey } from '../../../services/api-keys/create-key.ts';
import { listKeys } from '../../../services/api-keys/list-keys.ts';
import { revokeKey } from '../../../services/api-keys/revoke-key.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { pageOf } from '../resources.ts';

const Time = z.iso.datetime();
const KeyResource = z
  .object({
    id: z.uuid(),
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.enum(permissions)),
    createdAt: Time,
    expiresAt: Time.nullable(),
    lastUsedAt: Time.nullable(),
    revokedAt: Time.nullable(),
  })
  .meta({ id: 'ApiKey' });

function keyResource({
  id,
  name,
  prefix,
  scopes,
  createdAt,
  expiresAt,
  lastUsedAt,
  revokedAt,
}: ApiKey): z.input<typeof KeyResource> {
  const time = (at: Date | null) => at?.toISOString() ?? null;
  return {
    id,
    name,
    prefix,
    scopes,
    createdAt: createdAt.toISOString(),
    expiresAt: time(expiresAt),
    lastUsedAt: time(lastUsedAt),
    revokedAt: time(revokedAt),
  };
}

export const apiKeyEndpoints = [
  endpoint({
    method: 'POST',
    path: '/api-keys',
    operationId: 'createApiKey',
    tag: 'API keys',
    permission: 'api-keys:write',
    status: 201,
    summary: 'Make an API key',
    description: 'The secret is in this answer only.',
    body: CreateKey.meta({ id: 'CreateApiKey' }),
    response: z.object({ key: KeyResource, secret: z.string() }).meta({ id: 'NewApiKey' }),
    handle: async ({ deps, actor, body }) => {
      const { key, secret } = await createKey(deps, actor, body);
      return { status: 201, body: { key: keyResource(key), secret } };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/api-keys',
    operationId: 'listApiKeys',
    tag: 'API keys',
    permission: 'api-keys:read',
    status: 200,
    summary: 'List API keys, newest first',
    response: pageOf(KeyResource),
    handle: async ({ deps, actor }) => ({
      status: 200,
      body: { items: (await listKeys(deps, actor)).map(keyResource), nextCursor: null },
    }),
  }),
  endpoint({
    method: 'DELETE',
    path: '/api-keys/{keyId}',
    operationId: 'revokeApiKey',
    tag: 'API keys',
    permission: 'api-keys:write',
    status: 204,
    summary: 'Revoke an API key',
    params: z.object({ keyId: z.uuid() }),
    handle: async ({ deps, actor, params }) => {
      await revokeKey(deps, actor, params);
      return { status: 204, body: undefined };
    },
  }),
];
