import * as z from 'zod';
import type { RegistryCredential } from '../../../db/registry-credentials.ts';
import { SetCredential } from '../../../domain/release/registry-credential.ts';
import { listCredentials } from '../../../services/registries/list-credentials.ts';
import { RemoveCredential, removeCredential } from '../../../services/registries/remove-credential.ts';
import { setCredential } from '../../../services/registries/set-credential.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { pageOf } from '../resources.ts';

const Time = z.iso.datetime();
const CredentialResource = z
  .object({
    id: z.uuid(),
    registry: z.string(),
    username: z.string(),
    createdAt: Time,
    lastUsedAt: Time.nullable(),
  })
  .meta({ id: 'RegistryCredential' });

function credentialResource(credential: RegistryCredential): z.input<typeof CredentialResource> {
  const { id, registry, username, createdAt, lastUsedAt } = credential;
  return {
    id,
    registry,
    username,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}

export const registryCredentialEndpoints = [
  endpoint({
    method: 'POST',
    path: '/registry-credentials',
    operationId: 'setRegistryCredential',
    tag: 'Registries',
    permission: 'settings:write',
    status: 201,
    summary: 'Let devices into a registry of images',
    description:
      'Takes the place of what was set for this registry. The password is stored encrypted and never given out again here; devices get a short-lived token instead where the registry has a token service.',
    body: SetCredential.meta({ id: 'SetRegistryCredential' }),
    response: CredentialResource,
    handle: async ({ deps, actor, body }) => ({
      status: 201,
      body: credentialResource(await setCredential(deps, actor, body)),
    }),
  }),
  endpoint({
    method: 'GET',
    path: '/registry-credentials',
    operationId: 'listRegistryCredentials',
    tag: 'Registries',
    permission: 'settings:read',
    status: 200,
    summary: 'List the registries that devices are let into',
    response: pageOf(CredentialResource),
    handle: async ({ deps, actor }) => ({
      status: 200,
      body: { items: (await listCredentials(deps, actor)).map(credentialResource), nextCursor: null },
    }),
  }),
  endpoint({
    method: 'DELETE',
    path: '/registry-credentials/{credentialId}',
    operationId: 'removeRegistryCredential',
    tag: 'Registries',
    permission: 'settings:write',
    status: 204,
    summary: 'Keep devices out of a registry',
    params: RemoveCredential,
    handle: async ({ deps, actor, params }) => {
      await removeCredential(deps, actor, params);
      return { status: 204, body: undefined };
    },
  }),
];
