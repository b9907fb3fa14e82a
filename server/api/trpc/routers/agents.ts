import { agentUpgrades, agentVersions } from '../../../queries/agent-upgrades.ts';
import { PlanUpgrade, planUpgrade, StartUpgrade, startUpgrade } from '../../../services/agents/start-upgrade.ts';
import { StopUpgrade, stopUpgrade } from '../../../services/agents/stop-upgrade.ts';
import { orgProcedure, router } from '../init.ts';

export const agentsRouter = router({
  versions: orgProcedure('devices:read').query(({ ctx }) => agentVersions(ctx.deps, ctx.actor)),
  upgrades: orgProcedure('devices:read').query(({ ctx }) => agentUpgrades(ctx.deps, ctx.actor)),
  plan: orgProcedure('devices:read')
    .input(PlanUpgrade)
    .query(({ ctx, input }) => planUpgrade(ctx.deps, ctx.actor, input)),
  start: orgProcedure('devices:write')
    .input(StartUpgrade)
    .mutation(({ ctx, input }) => startUpgrade(ctx.deps, ctx.actor, input)),
  stop: orgProcedure('devices:write')
    .input(StopUpgrade)
    .mutation(({ ctx, input }) => stopUpgrade(ctx.deps, ctx.actor, input)),
});
