import * as z from 'zod';
import type { PlanTemplate } from '../../../db/plan-templates.ts';
import { RolloutPlan } from '../../../domain/rollout/plan.ts';
import {
  deleteTemplate,
  listTemplates,
  SaveTemplate,
  saveTemplate,
} from '../../../services/rollouts/plan-templates.ts';
import { getRolloutPolicy, RolloutPolicy, setRolloutPolicy } from '../../../services/rollouts/rollout-policy.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { pageOf } from '../resources.ts';

const TemplateResource = z
  .object({
    id: z.uuid(),
    name: z.string(),
    plan: RolloutPlan,
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'PlanTemplate' });

function templateResource({ createdAt, updatedAt, ...template }: PlanTemplate): z.input<typeof TemplateResource> {
  return { ...template, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

const PolicyResource = RolloutPolicy.meta({ id: 'RolloutPolicy' });

export const rolloutPlanEndpoints = [
  endpoint({
    method: 'GET',
    path: '/plan-templates',
    operationId: 'listPlanTemplates',
    tag: 'Rollouts',
    permission: 'rollouts:read',
    status: 200,
    summary: 'List the plans that are kept under a name',
    response: pageOf(TemplateResource),
    handle: async ({ deps, actor }) => ({
      status: 200,
      body: { items: (await listTemplates(deps, actor)).map(templateResource), nextCursor: null },
    }),
  }),
  endpoint({
    method: 'POST',
    path: '/plan-templates',
    operationId: 'savePlanTemplate',
    tag: 'Rollouts',
    permission: 'rollouts:write',
    status: 201,
    summary: 'Keep a plan under a name; the same name again replaces it',
    body: SaveTemplate.meta({ id: 'SavePlanTemplate' }),
    response: z.object({ id: z.uuid() }).meta({ id: 'SavedPlanTemplate' }),
    handle: async ({ deps, actor, body }) => ({ status: 201, body: await saveTemplate(deps, actor, body) }),
  }),
  endpoint({
    method: 'DELETE',
    path: '/plan-templates/{templateId}',
    operationId: 'deletePlanTemplate',
    tag: 'Rollouts',
    permission: 'rollouts:write',
    status: 204,
    summary: 'Forget a plan; rollouts made from it stay as they are',
    params: z.object({ templateId: z.uuid() }),
    handle: async ({ deps, actor, params }) => {
      await deleteTemplate(deps, actor, { id: params.templateId });
      return { status: 204, body: undefined };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/rollout-policy',
    operationId: 'getRolloutPolicy',
    tag: 'Rollouts',
    permission: 'settings:read',
    status: 200,
    summary: 'Say which devices are production',
    response: PolicyResource,
    handle: async ({ deps, actor }) => ({ status: 200, body: await getRolloutPolicy(deps, actor) }),
  }),
  endpoint({
    method: 'PATCH',
    path: '/rollout-policy',
    operationId: 'setRolloutPolicy',
    tag: 'Rollouts',
    permission: 'settings:write',
    status: 200,
    summary: 'Mark devices as production: their rollouts need the approval of a second person',
    body: PolicyResource,
    response: PolicyResource,
    handle: async ({ deps, actor, body }) => {
      await setRolloutPolicy(deps, actor, body);
      return { status: 200, body };
    },
  }),
];
