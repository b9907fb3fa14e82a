import { v7 as uuidv7 } from 'uuid';
import { listAlertChannels, type StoredChannel } from '../../db/alerts-channels.ts';
import { insertDeliveries } from '../../db/alerts-deliveries.ts';
import {
  addAlertEvent,
  listMembers,
  lockAlert,
  type StoredAlert,
  type StoredMember,
  updateAlert,
} from '../../db/alerts-open.ts';
import { notifyLive, notifyWork } from '../../db/notify.ts';
import { organizationName } from '../../db/organization-name.ts';
import type { Scope } from '../../db/scope.ts';
import { alertMessage, MAX_NAMED } from '../../domain/alerts/message.ts';
import { type Mute, type MutedSubject, muteOf } from '../../domain/alerts/mute.ts';
import { type Notification, notificationsDue } from '../../domain/alerts/notify.ts';
import type { AlertRule } from '../../domain/alerts/rule.ts';
import type { AlertDevice } from '../../domain/alerts/world.ts';

/** What telling needs to know beside the alert; read once for all alerts of a look. */
export type Telling = {
  now: Date;
  /** Address of the console, without a slash at its end. */
  url: string;
  organization: { slug: string; name: string };
  channels: readonly StoredChannel[];
  mutes: readonly Mute[];
  devices: ReadonlyMap<string, Pick<AlertDevice, 'labels' | 'facts'>>;
};

type Known = Pick<Telling, 'now' | 'url'> & { mutes?: readonly Mute[]; devices?: readonly AlertDevice[] };

/** Mutes, and devices with the labels and facts that those name, for alerts that may be muted: one that is over is not. */
export async function loadTelling(scope: Scope, { now, url, mutes = [], devices = [] }: Known): Promise<Telling> {
  const [organization, channels] = await Promise.all([organizationName(scope), listAlertChannels(scope)]);
  return { now, url, organization, channels, mutes, devices: new Map(devices.map((device) => [device.id, device])) };
}

/**
 * Writes down what must be told of an alert now, in the transaction that changed it, and whether a mute holds it back. Called again, it
 * writes nothing twice.
 */
export async function tellAlert(
  scope: Scope,
  telling: Telling,
  alertId: string,
  rule: Pick<AlertRule, 'channelIds' | 'retrainChannelId'> | null,
): Promise<void> {
  const alert = await lockAlert(scope, alertId);
  if (!alert) return;
  const { now, channels } = telling;
  const members = await listMembers(scope, alertId, MAX_NAMED);
  const mute = alert.resolvedAt ? undefined : muteFor(alert, members, telling);
  if ((mute?.id ?? null) !== alert.mutedById) await noteMute(scope, alert, mute, now);
  const told = { channelIds: rule?.channelIds ?? null, retrainChannelId: rule?.retrainChannelId ?? null };
  const due = notificationsDue(
    { ...alert, isAcknowledged: alert.acknowledgedAt !== null, isResolved: alert.resolvedAt !== null },
    told,
    channels.map((channel) => ({ ...channel, canRetrain: channel.settings.kind === 'webhook' })),
    mute !== undefined,
    now,
  );
  if (due.length === 0) return;
  for (const notification of due) await write(scope, telling, alert, members, notification);
  const hasGrown = due.some(({ kind }) => kind === 'grew');
  await updateAlert(scope, alertId, {
    notifiedAt: now,
    notifiedMembers: alert.members,
    growths: alert.growths + (hasGrown ? 1 : 0),
  });
  await notifyWork(scope, { kind: 'deliveries' });
}

/** Writes one message of an alert for some channels. */
export async function write(
  scope: Scope,
  { now, url, organization }: Telling,
  alert: StoredAlert,
  members: readonly StoredMember[],
  { kind, key, channelIds }: Notification,
  note: string | null = null,
): Promise<void> {
  const link = `${url}/${organization.slug}/alerts/${alert.id}`;
  const message = alertMessage({ kind, now, organization, link, alert, members, note });
  const deliveries = channelIds.map((channelId) => ({ id: uuidv7(), channelId, alertId: alert.id, key, message, now }));
  await insertDeliveries(scope, deliveries);
}

function muteFor(
  alert: StoredAlert,
  members: readonly StoredMember[],
  { mutes, devices, now }: Telling,
): Mute | undefined {
  if (!alert.ruleId) return undefined;
  const firing = members.filter(({ clearedAt }) => clearedAt === null);
  const subjects = firing.map(({ subjectId }): MutedSubject | null => devices.get(subjectId) ?? null);
  return muteOf(mutes, { ruleId: alert.ruleId, members: subjects }, now);
}

async function noteMute(scope: Scope, alert: StoredAlert, mute: Mute | undefined, at: Date): Promise<void> {
  await updateAlert(scope, alert.id, { mutedById: mute?.id ?? null });
  const engine = { kind: 'engine', organizationId: scope.organizationId } as const;
  if (!alert.resolvedAt) {
    const detail = mute ? { mute: mute.name } : {};
    await addAlertEvent(scope, engine, { alertId: alert.id, at, kind: mute ? 'muted' : 'unmuted', detail });
  }
  await notifyLive(scope, 'alert', alert.id);
}
