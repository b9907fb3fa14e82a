import * as z from 'zod';
import { listDecisions } from '../../../db/decisions.ts';
import { listDeployments } from '../../../db/deployments.ts';
import { forTenant } from '../../../db/scope.ts';
import type { Actor } from '../../../domain/access/actor.ts';
import { connectivities } from '../../../domain/device/axes.ts';
import { notFound } from '../../../domain/errors.ts';
import { gateComparisons, gateMetrics } from '../../../domain/rollout/gates/gate.ts';
import { outlookBases } from '../../../domain/rollout/gates/outlook.ts';
import { rolloutStates } from '../../../domain/rollout/states.ts';
import { rolloutById, rolloutList } from '../../../queries/rollout-pages.ts';
import type { Deps } from '../../../services/deps.ts';
import { controlRollout } from '../../../services/rollouts/control-rollout.ts';
import { CreateRollout, createRollout } from '../../../services/rollouts/create-rollout.ts';
import { PlanRollout, planWithOutlook } from '../../../services/rollouts/plan-rollout.ts';
import { rolloutControls } from '../../../services/rollouts/rollout-controls.ts';
import { endpoint } from '../kernel/endpoint.ts';
import {
  DecisionResource,
  DeploymentResource,
  decisionResource,
  deploymentResource,
  PageQuery,
  pageById,
  pageOf,
  RolloutResource,
  rolloutResource,
} from '../resources.ts';

const RolloutPath = z.object({ rolloutId: z.uuid() });
const IdPage = PageQuery.extend({ cursor: z.uuid().optional() });
const DryRunResource = z
  .object({
    devices: z.array(
      z.object({
        deviceId: z.uuid(),
        name: z.string(),
        connectivity: z.enum(connectivities),
        downloadBytes: z.int(),
        verdict: z.enum(['will-update', 'already-there', 'incompatible']),
        wave: z.int().nullable(),
        reason: z.object({ code: z.string(), detail: z.string() }).nullable(),
        blocked: z.object({ code: z.string(), until: z.iso.datetime().nullable() }).nullable(),
      }),
    ),
    estimate: z.object({
      seconds: z.number(),
      waitS: z.number(),
      waves: z.array(z.object({ devices: z.int(), movingS: z.number(), bakeS: z.number() })),
    }),
    overlaps: z.array(
      z.object({ rolloutId: z.uuid(), name: z.string(), state: z.enum(rolloutStates), devices: z.int() }),
    ),
    comparisons: z.array(
      z.object({
        metric: z.enum(gateMetrics),
        compare: z.enum(gateComparisons),
        wave: z.int(),
        basis: z.enum(outlookBases),
        counted: z.enum(['windows', 'labels', 'answers']),
        have: z.number(),
        enough: z.number(),
        devices: z.int(),
        ready: z.int(),
        enoughAt: z.iso.datetime().nullable(),
      }),
    ),
  })
  .meta({ id: 'DryRun' });

async function getOne(deps: Pick<Deps, 'db'>, actor: Actor, id: string): Promise<z.input<typeof RolloutResource>> {
  const row = await rolloutById(deps, actor, id);
  if (!row) throw notFound('rollout');
  return rolloutResource(row);
}

export const rolloutEndpoints = [
  endpoint({
    method: 'POST',
    path: '/rollouts',
    operationId: 'createRollout',
    tag: 'Rollouts',
    permission: 'rollouts:write',
    status: 201,
    summary: 'Plan a rollout, and start it when asked to',
    body: CreateRollout.meta({ id: 'CreateRollout' }),
    response: RolloutResource,
    handle: async ({ deps, actor, body }) => {
      const { id } = await createRollout(deps, actor, body);
      return { status: 201, body: await getOne(deps, actor, id), headers: { location: `/api/v1/rollouts/${id}` } };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/rollouts/plan',
    operationId: 'planRollout',
    tag: 'Rollouts',
    permission: 'rollouts:read',
    status: 200,
    summary: 'Say what a rollout would do to each device, and change nothing',
    body: PlanRollout.meta({ id: 'PlanRollout' }),
    response: DryRunResource,
    handle: async ({ deps, actor, body }) => {
      const { devices, estimate, overlaps, outlook } = await planWithOutlook(deps, actor, body);
      const items = devices.map(({ deviceId, name, connectivity, downloadBytes, verdict, blocked }) => ({
        deviceId,
        name,
        connectivity,
        downloadBytes,
        verdict: verdict.kind,
        wave: verdict.kind === 'will-update' ? verdict.wave : null,
        reason: verdict.kind === 'incompatible' ? verdict.reason : null,
        blocked: blocked && { code: blocked.code, until: blocked.until?.toISOString() ?? null },
      }));
      const comparisons = outlook.map(({ enoughAt, ...each }) => ({
        ...each,
        enoughAt: enoughAt?.toISOString() ?? null,
      }));
      return { status: 200, body: { devices: items, estimate, overlaps, comparisons } };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/rollouts',
    operationId: 'listRollouts',
    tag: 'Rollouts',
    permission: 'rollouts:read',
    status: 200,
    summary: 'List rollouts, newest first',
    query: IdPage.extend({ state: z.enum(rolloutStates).optional() }),
    response: pageOf(RolloutResource),
    handle: async ({ deps, actor, query: { state, ...page } }) => {
      const { items, nextCursor } = await rolloutList(deps, actor, { ...page, ...(state ? { states: [state] } : {}) });
      return { status: 200, body: { items: items.map(rolloutResource), nextCursor } };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/rollouts/{rolloutId}',
    operationId: 'getRollout',
    tag: 'Rollouts',
    permission: 'rollouts:read',
    status: 200,
    summary: 'Get a rollout',
    params: RolloutPath,
    response: RolloutResource,
    handle: async ({ deps, actor, params }) => ({ status: 200, body: await getOne(deps, actor, params.rolloutId) }),
  }),
  endpoint({
    method: 'GET',
    path: '/rollouts/{rolloutId}/deployments',
    operationId: 'listRolloutDeployments',
    tag: 'Rollouts',
    permission: 'rollouts:read',
    status: 200,
    summary: 'List the devices of a rollout with their state',
    params: RolloutPath,
    query: IdPage,
    response: pageOf(DeploymentResource),
    handle: async ({ deps, actor, params, query }) => {
      const rows = await listDeployments(forTenant(deps.db, actor.organizationId), {
        rolloutId: params.rolloutId,
        limit: query.limit,
        before: query.cursor,
      });
      return pageById(rows, query.limit, deploymentResource);
    },
  }),
  endpoint({
    method: 'GET',
    path: '/rollouts/{rolloutId}/decisions',
    operationId: 'listRolloutDecisions',
    tag: 'Rollouts',
    permission: 'rollouts:read',
    status: 200,
    summary: 'List who decided what, newest first, with the numbers it was decided on',
    params: RolloutPath,
    query: IdPage,
    response: pageOf(DecisionResource),
    handle: async ({ deps, actor, params, query }) => {
      const rows = await listDecisions(forTenant(deps.db, actor.organizationId), params.rolloutId, {
        limit: query.limit,
        before: query.cursor,
      });
      return pageById(rows, query.limit, decisionResource);
    },
  }),
  ...rolloutControls.map((control) =>
    endpoint({
      method: 'POST',
      path: `/rollouts/{rolloutId}/${control}`,
      operationId: `${control.replace(/-(.)/, (_, letter: string) => letter.toUpperCase())}Rollout`,
      tag: 'Rollouts',
      permission: 'rollouts:write',
      status: 202,
      summary: `${control.charAt(0).toUpperCase()}${control.slice(1).replace('-', ' ')} a rollout`,
      params: RolloutPath,
      response: RolloutResource,
      handle: async ({ deps, actor, params }) => {
        await controlRollout(deps, actor, { id: params.rolloutId, control });
        return { status: 202, body: await getOne(deps, actor, params.rolloutId) };
      },
    }),
  ),
];
