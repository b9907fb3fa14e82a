import { CreateToken, createToken } from '../../../services/enrollment/create-token.ts';
import { listTokens } from '../../../services/enrollment/list-tokens.ts';
import { RevokeToken, revokeToken } from '../../../services/enrollment/revoke-token.ts';
import { orgProcedure, router } from '../init.ts';

export const enrollmentRouter = router({
  tokens: orgProcedure('enrollment:read').query(async ({ ctx }) => ({
    tokens: await listTokens(ctx.deps, ctx.actor),
    url: ctx.deps.urls.api,
  })),
  createToken: orgProcedure('enrollment:write')
    .input(CreateToken)
    .mutation(({ ctx, input }) => createToken(ctx.deps, ctx.actor, input)),
  revokeToken: orgProcedure('enrollment:write')
    .input(RevokeToken)
    .mutation(({ ctx, input }) => revokeToken(ctx.deps, ctx.actor, input)),
});
