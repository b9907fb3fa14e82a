import * as z from 'zod';
import { CreateToken, createToken } from '../../../services/enrollment/create-token.ts';
import { listTokens } from '../../../services/enrollment/list-tokens.ts';
import { revokeToken } from '../../../services/enrollment/revoke-token.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { pageOf, TokenResource, tokenResource } from '../resources.ts';

export const enrollmentTokenEndpoints = [
  endpoint({
    method: 'POST',
    path: '/enrollment-tokens',
    operationId: 'createEnrollmentToken',
    tag: 'Enrollment',
    permission: 'enrollment:write',
    status: 201,
    summary: 'Make an enrollment token',
    description: 'The secret is in this answer only.',
    body: CreateToken.meta({ id: 'CreateEnrollmentToken' }),
    response: z
      .object({
        token: TokenResource,
        secret: z.string(),
        command: z.string().meta({ description: 'The command to run on a device.' }),
      })
      .meta({ id: 'NewEnrollmentToken' }),
    handle: async ({ deps, actor, body }) => {
      const { token, secret } = await createToken(deps, actor, body);
      const command = `curl -fsSL ${deps.urls.api}/install.sh | sh -s -- --token ${secret}`;
      return { status: 201, body: { token: tokenResource(token), secret, command } };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/enrollment-tokens',
    operationId: 'listEnrollmentTokens',
    tag: 'Enrollment',
    permission: 'enrollment:read',
    status: 200,
    summary: 'List enrollment tokens, newest first',
    response: pageOf(TokenResource),
    handle: async ({ deps, actor }) => ({
      status: 200,
      body: { items: (await listTokens(deps, actor)).map(tokenResource), nextCursor: null },
    }),
  }),
  endpoint({
    method: 'DELETE',
    path: '/enrollment-tokens/{tokenId}',
    operationId: 'revokeEnrollmentToken',
    tag: 'Enrollment',
    permission: 'enrollment:write',
    status: 204,
    summary: 'Revoke an enrollment token',
    params: z.object({ tokenId: z.uuid() }),
    handle: async ({ deps, actor, params }) => {
      await revokeToken(deps, actor, params);
      return { status: 204, body: undefined };
    },
  }),
];
