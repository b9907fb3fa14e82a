import { ExploreInput, explore, exploreChoices } from '../../../queries/explore.ts';
import { overview } from '../../../queries/overview.ts';
import { TelemetrySeriesInput, telemetrySeries } from '../../../queries/telemetry-series.ts';
import { orgProcedure, router } from '../init.ts';

export const fleetRouter = router({
  overview: orgProcedure('devices:read').query(({ ctx }) => overview(ctx.deps, ctx.actor)),
  telemetry: orgProcedure('telemetry:read')
    .input(TelemetrySeriesInput)
    .query(({ ctx, input }) => telemetrySeries(ctx.deps, ctx.actor, input)),
  explore: orgProcedure('telemetry:read')
    .input(ExploreInput)
    .query(({ ctx, input }) => explore(ctx.deps, ctx.actor, input)),
  exploreChoices: orgProcedure('telemetry:read').query(({ ctx }) => exploreChoices(ctx.deps, ctx.actor)),
});
