import { AccuracyInput, accuracyView } from '../../../queries/accuracy.ts';
import { DriftInput, driftView } from '../../../queries/drift.ts';
import { ResetReference, resetReference } from '../../../services/monitoring/reset-reference.ts';
import { orgProcedure, router } from '../init.ts';

export const monitoringRouter = router({
  drift: orgProcedure('telemetry:read')
    .input(DriftInput)
    .query(({ ctx, input }) => driftView(ctx.deps, ctx.actor, input)),
  accuracy: orgProcedure('telemetry:read')
    .input(AccuracyInput)
    .query(({ ctx, input }) => accuracyView(ctx.deps, ctx.actor, input)),
  resetReference: orgProcedure('models:write')
    .input(ResetReference)
    .mutation(({ ctx, input }) => resetReference(ctx.deps, ctx.actor, input)),
});
