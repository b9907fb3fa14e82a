import * as z from 'zod';
import { RolloutDecisionsInput, rolloutDecisions } from '../../../queries/rollout-decisions.ts';
import { RolloutListInput, rolloutList, rolloutPage } from '../../../queries/rollout-pages.ts';
import { PreviewDevicesInput, previewDevices, rolloutPreview } from '../../../queries/rollout-preview.ts';
import { WhyNotInput, whyDevice, whyNot } from '../../../queries/why-not.ts';
import { controlRollout } from '../../../services/rollouts/control-rollout.ts';
import { CreateRollout, createRollout } from '../../../services/rollouts/create-rollout.ts';
import { PowerInput, planCanaries } from '../../../services/rollouts/plan-power.ts';
import { PlanRollout } from '../../../services/rollouts/plan-rollout.ts';
import {
  deleteTemplate,
  listTemplates,
  SaveTemplate,
  saveTemplate,
} from '../../../services/rollouts/plan-templates.ts';
import { rolloutControls } from '../../../services/rollouts/rollout-controls.ts';
import { getRolloutPolicy, RolloutPolicy, setRolloutPolicy } from '../../../services/rollouts/rollout-policy.ts';
import { orgProcedure, router } from '../init.ts';

const Control = z.object({
  id: z.uuid(),
  control: z.enum(rolloutControls),
  note: z.string().trim().max(500).optional(),
});

export const rolloutsRouter = router({
  list: orgProcedure('rollouts:read')
    .input(RolloutListInput)
    .query(({ ctx, input }) => rolloutList(ctx.deps, ctx.actor, input)),
  page: orgProcedure('rollouts:read')
    .input(z.object({ id: z.uuid() }))
    .query(({ ctx, input }) => rolloutPage(ctx.deps, ctx.actor, input)),
  preview: orgProcedure('rollouts:read')
    .input(PlanRollout)
    .query(({ ctx, input }) => rolloutPreview(ctx.deps, ctx.actor, input)),
  previewDevices: orgProcedure('rollouts:read')
    .input(PreviewDevicesInput)
    .query(({ ctx, input }) => previewDevices(ctx.deps, ctx.actor, input)),
  decisions: orgProcedure('rollouts:read')
    .input(RolloutDecisionsInput)
    .query(({ ctx, input }) => rolloutDecisions(ctx.deps, ctx.actor, input)),
  whyNot: orgProcedure('rollouts:read')
    .input(WhyNotInput.extend({ cursor: z.uuid().optional() }))
    .query(({ ctx, input }) => whyNot(ctx.deps, ctx.actor, { ...input, after: input.cursor })),
  whyDevice: orgProcedure('rollouts:read')
    .input(z.object({ deviceId: z.uuid() }))
    .query(({ ctx, input }) => whyDevice(ctx.deps, ctx.actor, input)),
  templates: orgProcedure('rollouts:read').query(({ ctx }) => listTemplates(ctx.deps, ctx.actor)),
  saveTemplate: orgProcedure('rollouts:write')
    .input(SaveTemplate)
    .mutation(({ ctx, input }) => saveTemplate(ctx.deps, ctx.actor, input)),
  deleteTemplate: orgProcedure('rollouts:write')
    .input(z.object({ id: z.uuid() }))
    .mutation(({ ctx, input }) => deleteTemplate(ctx.deps, ctx.actor, input)),
  policy: orgProcedure('settings:read').query(({ ctx }) => getRolloutPolicy(ctx.deps, ctx.actor)),
  setPolicy: orgProcedure('settings:write')
    .input(RolloutPolicy)
    .mutation(({ ctx, input }) => setRolloutPolicy(ctx.deps, ctx.actor, input)),
  canaries: orgProcedure('rollouts:read')
    .input(PowerInput)
    .query(({ ctx, input }) => planCanaries(ctx.deps, ctx.actor, input)),
  create: orgProcedure('rollouts:write')
    .input(CreateRollout)
    .mutation(({ ctx, input }) => createRollout(ctx.deps, ctx.actor, input)),
  control: orgProcedure('rollouts:write')
    .input(Control)
    .mutation(({ ctx, input }) => controlRollout(ctx.deps, ctx.actor, input)),
});
