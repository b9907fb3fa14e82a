import * as z from 'zod';
import type { StoredOrganization } from '../../../db/organization-settings.ts';
import { OrganizationChange, Retention } from '../../../domain/access/organization-settings.ts';
import { getOrganization, updateOrganization } from '../../../services/settings/organization.ts';
import { endpoint } from '../kernel/endpoint.ts';

const OrganizationResource = z
  .object({ name: z.string(), slug: z.string(), createdAt: z.iso.datetime(), retention: Retention })
  .meta({ id: 'Organization' });

function organizationResource({ createdAt, ...rest }: StoredOrganization): z.input<typeof OrganizationResource> {
  return { ...rest, createdAt: createdAt.toISOString() };
}

export const organizationEndpoints = [
  endpoint({
    method: 'GET',
    path: '/organization',
    operationId: 'getOrganization',
    tag: 'Organization',
    permission: 'settings:read',
    status: 200,
    summary: 'Get the organization that the key belongs to',
    response: OrganizationResource,
    handle: async ({ deps, actor }) => ({
      status: 200,
      body: organizationResource(await getOrganization(deps, actor)),
    }),
  }),
  endpoint({
    method: 'PATCH',
    path: '/organization',
    operationId: 'updateOrganization',
    tag: 'Organization',
    permission: 'settings:write',
    status: 200,
    summary: 'Rename the organization, or change how long telemetry is kept',
    body: OrganizationChange.meta({ id: 'OrganizationChange' }),
    response: OrganizationResource,
    handle: async ({ deps, actor, body }) => ({
      status: 200,
      body: organizationResource(await updateOrganization(deps, actor, body)),
    }),
  }),
];
