import * as z from 'zod';
import { PowerInput, planCanaries } from '../../../services/rollouts/plan-power.ts';
import { endpoint } from '../kernel/endpoint.ts';

const CanaryPlanResource = z
  .object({
    measured: z.object({ devices: z.int(), usualChangePercent: z.number(), windowPercent: z.number() }),
    targets: z.int(),
    plans: z.array(z.object({ devices: z.int(), windows: z.int(), bakeSeconds: z.int() })),
  })
  .meta({ id: 'CanaryPlan' });

export const canaryPlanEndpoints = [
  endpoint({
    method: 'GET',
    path: '/canary-plan',
    operationId: 'planCanaries',
    tag: 'Rollouts',
    permission: 'rollouts:read',
    status: 200,
    summary: 'Say how many canaries and how long a bake find a regression, on what this fleet itself measured',
    query: PowerInput,
    response: CanaryPlanResource,
    handle: async ({ deps, actor, query }) => ({ status: 200, body: await planCanaries(deps, actor, query) }),
  }),
];
