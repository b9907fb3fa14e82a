import { type Severity, severities } from './rule.ts';

/** What a channel may be told of one alert. */
export const notificationKinds = ['fired', 'grew', 'acknowledged', 'resolved', 'retrain'] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** What is still to be told, and to which channels. `key` makes each message of an alert one of a kind. */
export type Notification = { kind: NotificationKind; key: string; channelIds: string[] };

export type Notifiable = {
  severity: Severity;
  /** Members that fire now. */
  members: number;
  isAcknowledged: boolean;
  isResolved: boolean;
  /** When it was told that it fired; null before that. */
  notifiedAt: Date | null;
  /** Members at the last message; 0 before the first. */
  notifiedMembers: number;
  growths: number;
};

export type NotifyRule = { channelIds: readonly string[] | null; retrainChannelId: string | null };
export type NotifyChannel = { id: string; isEnabled: boolean; minSeverity: Severity; canRetrain: boolean };

/** An alert that doubles is told again, but not more often than this. */
const GROWTH_REST_MS = 300_000;

/**
 * What must be told about an alert now. Level-triggered: a message that a mute held back is told when the mute ends, if it is still true,
 * and what nobody was told of is not told to be over either.
 */
export function notificationsDue(
  alert: Notifiable,
  rule: NotifyRule,
  channels: readonly NotifyChannel[],
  isMuted: boolean,
  now: Date,
): Notification[] {
  if (isMuted) return [];
  const told = toldChannels(channels, alert.severity, rule.channelIds);
  const message = (kind: NotificationKind, key: string = kind): Notification => ({ kind, key, channelIds: told });
  if (alert.isResolved) return alert.notifiedAt ? [message('resolved')] : [];
  if (!alert.notifiedAt) {
    const trainer = channels.find(
      ({ id, isEnabled, canRetrain }) => id === rule.retrainChannelId && isEnabled && canRetrain,
    );
    const retrain: Notification[] = trainer ? [{ kind: 'retrain', key: 'retrain', channelIds: [trainer.id] }] : [];
    return alert.isAcknowledged ? retrain : [message('fired'), ...retrain];
  }
  const isRested = now.getTime() - alert.notifiedAt.getTime() >= GROWTH_REST_MS;
  const hasGrown = alert.members >= 2 * Math.max(1, alert.notifiedMembers);
  return hasGrown && isRested && !alert.isAcknowledged ? [message('grew', `grew-${alert.growths + 1}`)] : [];
}

/** The channels that are told of an alert: those that are on, that want alerts as quiet as this one, and that the rule names. */
export function toldChannels(
  channels: readonly Omit<NotifyChannel, 'canRetrain'>[],
  severity: Severity,
  only: readonly string[] | null,
): string[] {
  const isLoudEnough = (least: Severity) => severities.indexOf(severity) <= severities.indexOf(least);
  return channels
    .filter(({ id, isEnabled, minSeverity }) => isEnabled && isLoudEnough(minSeverity) && (only?.includes(id) ?? true))
    .map(({ id }) => id);
}

/** Tries of one delivery before it is given up: with the waits below, about seven hours. */
export const MAX_ATTEMPTS = 14;
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 2 * 3_600_000;

/** How long to wait after the `attempts`-th failure: doubling, up to two hours; `random` in [0, 1) spreads the upper half. */
export function retryWaitMs(attempts: number, random: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS);
  return wait / 2 + (wait / 2) * random;
}
