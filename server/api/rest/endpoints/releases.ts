import * as z from 'zod';
import { findRelease, listReleases } from '../../../db/releases.ts';
import { forTenant } from '../../../db/scope.ts';
import { notFound } from '../../../domain/errors.ts';
import { CreateRelease, createRelease } from '../../../services/releases/create-release.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { PageQuery, pageById, pageOf, ReleaseResource, releaseResource } from '../resources.ts';

export const releaseEndpoints = [
  endpoint({
    method: 'POST',
    path: '/releases',
    operationId: 'createRelease',
    tag: 'Releases',
    permission: 'releases:write',
    status: 201,
    summary: 'Make a release of a version',
    description: 'The same content gives the same release, answered with 200.',
    body: CreateRelease.meta({ id: 'CreateRelease' }),
    response: ReleaseResource,
    handle: async ({ deps, actor, body }) => {
      const { release, isNew } = await createRelease(deps, actor, body);
      return {
        status: isNew ? 201 : 200,
        body: releaseResource(release),
        headers: { location: `/api/v1/releases/${release.id}` },
      };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/releases',
    operationId: 'listReleases',
    tag: 'Releases',
    permission: 'releases:read',
    status: 200,
    summary: 'List releases, newest first',
    query: PageQuery.extend({ cursor: z.uuid().optional() }),
    response: pageOf(ReleaseResource),
    handle: async ({ deps, actor, query }) => {
      const rows = await listReleases(forTenant(deps.db, actor.organizationId), {
        limit: query.limit,
        before: query.cursor,
      });
      return pageById(rows, query.limit, releaseResource);
    },
  }),
  endpoint({
    method: 'GET',
    path: '/releases/{releaseId}',
    operationId: 'getRelease',
    tag: 'Releases',
    permission: 'releases:read',
    status: 200,
    summary: 'Get a release',
    params: z.object({ releaseId: z.uuid() }),
    response: ReleaseResource,
    handle: async ({ deps, actor, params }) => {
      const release = await findRelease(forTenant(deps.db, actor.organizationId), params.releaseId);
      if (!release) throw notFound('release');
      return { status: 200, body: releaseResource(release) };
    },
  }),
];
