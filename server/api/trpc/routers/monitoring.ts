import { AccuracyInput, accuracyView } from '../../../queries/accuracy.ts';
import { DriftInput, driftView } from '../../../queries/drift.ts';
import { getLabelWebhook, removeLabelWebhook, renewLabelWebhook } from '../../../services/labels/label-webhook.ts';
import {
  ChangeMonitoring,
  changeMonitoring,
  monitoringSettings,
} from '../../../services/monitoring/change-settings.ts';
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
  settings: orgProcedure('settings:read').query(({ ctx }) => monitoringSettings(ctx.deps, ctx.actor)),
  change: orgProcedure('settings:write')
    .input(ChangeMonitoring)
    .mutation(({ ctx, input }) => changeMonitoring(ctx.deps, ctx.actor, input)),
  labelWebhook: orgProcedure('settings:read').query(({ ctx }) => getLabelWebhook(ctx.deps, ctx.actor)),
  renewLabelWebhook: orgProcedure('settings:write').mutation(({ ctx }) => renewLabelWebhook(ctx.deps, ctx.actor)),
  removeLabelWebhook: orgProcedure('settings:write').mutation(({ ctx }) => removeLabelWebhook(ctx.deps, ctx.actor)),
});
