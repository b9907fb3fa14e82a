import * as z from 'zod';
import { ModelListInput, modelList, modelPage, versionPage } from '../../../queries/model-pages.ts';
import { CreateModel, createModel } from '../../../services/models/create-model.ts';
import { CreateRelease, createRelease } from '../../../services/releases/create-release.ts';
import { orgProcedure, router } from '../init.ts';

export const modelsRouter = router({
  list: orgProcedure('models:read')
    .input(ModelListInput)
    .query(({ ctx, input }) => modelList(ctx.deps, ctx.actor, input)),
  page: orgProcedure('models:read')
    .input(z.object({ model: z.string().max(64) }))
    .query(({ ctx, input }) => modelPage(ctx.deps, ctx.actor, input)),
  version: orgProcedure('models:read')
    .input(z.object({ model: z.string().max(64), version: z.string().max(64) }))
    .query(({ ctx, input }) => versionPage(ctx.deps, ctx.actor, input)),
  create: orgProcedure('models:write')
    .input(CreateModel)
    .mutation(({ ctx, input }) => createModel(ctx.deps, ctx.actor, input)),
  createRelease: orgProcedure('releases:write')
    .input(CreateRelease)
    .mutation(({ ctx, input }) => createRelease(ctx.deps, ctx.actor, input)),
});
