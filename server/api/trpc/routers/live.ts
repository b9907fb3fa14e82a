import { tracked } from '@trpc/server';
import * as z from 'zod';
import { orgProcedure, router } from '../init.ts';

export const liveRouter = router({
  /** One stream per tab: what changed, as hints. */
  feed: orgProcedure('devices:read')
    .input(z.object({ lastEventId: z.string().nullish() }))
    .subscription(async function* ({ ctx, signal }) {
      let sequence = 0;
      for await (const message of ctx.hub.subscribe(ctx.actor.organizationId, signal ?? new AbortController().signal)) {
        sequence += 1;
        yield tracked(`${Date.now()}-${sequence}`, message);
      }
    }),
});
