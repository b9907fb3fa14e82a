import * as z from 'zod';
import { MuteFields } from '../../../domain/alerts/mute.ts';
import { alertDrift } from '../../../queries/alert-drift.ts';
import { alertEvidence } from '../../../queries/alert-evidence.ts';
import {
  AlertListInput,
  alertCounts,
  alertList,
  alertPage,
  DeliveryListInput,
  deliveryList,
  ruleList,
  rulePage,
  versionNames,
} from '../../../queries/alerts.ts';
import { PreviewRule, previewRule } from '../../../queries/alerts-preview.ts';
import { acknowledgeAlert, HandleAlert, resolveAlert } from '../../../services/alerts/handle-alert.ts';
import {
  listChannels,
  RemoveChannel,
  removeChannel,
  SaveChannel,
  saveChannel,
} from '../../../services/alerts/save-channel.ts';
import { listMutes, RemoveMute, removeMute, saveMute } from '../../../services/alerts/save-mute.ts';
import {
  NameRule,
  removeRule,
  restoreDefaults,
  restoreRule,
  SaveRule,
  saveRule,
} from '../../../services/alerts/save-rule.ts';
import { RetryDelivery, retryDelivery, TestChannel, testChannel } from '../../../services/alerts/test-channel.ts';
import { orgProcedure, router } from '../init.ts';

const read = orgProcedure('alerts:read');
const NameAlert = z.object({ alertId: z.uuid() });
const write = orgProcedure('alerts:write');

export const alertsRouter = router({
  list: read.input(AlertListInput).query(({ ctx, input }) => alertList(ctx.deps, ctx.actor, input)),
  counts: read.query(({ ctx }) => alertCounts(ctx.deps, ctx.actor)),
  page: read.input(NameAlert).query(({ ctx, input }) => alertPage(ctx.deps, ctx.actor, input)),
  evidence: read.input(NameAlert).query(({ ctx, input }) => alertEvidence(ctx.deps, ctx.actor, input)),
  drift: read.input(NameAlert).query(({ ctx, input }) => alertDrift(ctx.deps, ctx.actor, input)),
  acknowledge: write.input(HandleAlert).mutation(({ ctx, input }) => acknowledgeAlert(ctx.deps, ctx.actor, input)),
  resolve: write.input(HandleAlert).mutation(({ ctx, input }) => resolveAlert(ctx.deps, ctx.actor, input)),
  rules: read.query(({ ctx }) => ruleList(ctx.deps, ctx.actor)),
  rule: read.input(NameRule).query(({ ctx, input }) => rulePage(ctx.deps, ctx.actor, input)),
  versions: read.query(({ ctx }) => versionNames(ctx.deps, ctx.actor)),
  preview: read.input(PreviewRule).query(({ ctx, input }) => previewRule(ctx.deps, ctx.actor, input)),
  saveRule: write.input(SaveRule).mutation(({ ctx, input }) => saveRule(ctx.deps, ctx.actor, input)),
  removeRule: write.input(NameRule).mutation(({ ctx, input }) => removeRule(ctx.deps, ctx.actor, input)),
  restoreRule: write.input(NameRule).mutation(({ ctx, input }) => restoreRule(ctx.deps, ctx.actor, input)),
  restoreDefaults: write.mutation(({ ctx }) => restoreDefaults(ctx.deps, ctx.actor)),
  channels: read.query(({ ctx }) => listChannels(ctx.deps, ctx.actor)),
  saveChannel: write.input(SaveChannel).mutation(({ ctx, input }) => saveChannel(ctx.deps, ctx.actor, input)),
  removeChannel: write.input(RemoveChannel).mutation(({ ctx, input }) => removeChannel(ctx.deps, ctx.actor, input)),
  testChannel: write.input(TestChannel).mutation(({ ctx, input }) => testChannel(ctx.deps, ctx.actor, input)),
  deliveries: read.input(DeliveryListInput).query(({ ctx, input }) => deliveryList(ctx.deps, ctx.actor, input)),
  retryDelivery: write.input(RetryDelivery).mutation(({ ctx, input }) => retryDelivery(ctx.deps, ctx.actor, input)),
  mutes: read.query(({ ctx }) => listMutes(ctx.deps, ctx.actor)),
  saveMute: write
    .input(z.object({ mute: MuteFields }))
    .mutation(({ ctx, input }) => saveMute(ctx.deps, ctx.actor, input.mute)),
  removeMute: write.input(RemoveMute).mutation(({ ctx, input }) => removeMute(ctx.deps, ctx.actor, input)),
});
