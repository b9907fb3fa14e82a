import * as z from 'zod';
import type { KnownFacts } from '../device/facts.ts';
import { matchesSelector } from '../device/matches-selector.ts';
import { parseSelector, type Requirement } from '../device/selector.ts';
import { Window, windowAt } from '../rollout/windows.ts';
import { SelectorText } from './condition.ts';

/** When a mute holds: once, or again and again by a cron pattern in a time zone. */
export const MuteSchedule = z.discriminatedUnion('kind', [
  z
    .object({ kind: z.literal('once'), from: z.iso.datetime({ offset: true }), to: z.iso.datetime({ offset: true }) })
    .refine(({ from, to }) => Date.parse(to) > Date.parse(from), {
      path: ['to'],
      message: 'It must end after it begins.',
    }),
  z.object({ kind: z.literal('again'), window: Window }),
]);
export type MuteSchedule = z.infer<typeof MuteSchedule>;

/** Rules that one mute may name. */
const MAX_RULES = 100;

export const MuteFields = z.object({
  name: z.string().trim().min(1, 'Say why: whoever wonders will read it.').max(200),
  /** The rules it silences; null for all. */
  ruleIds: z.array(z.uuid()).min(1).max(MAX_RULES).nullable().default(null),
  /** The devices it silences; empty for all. */
  selector: SelectorText,
  schedule: MuteSchedule,
});
export type MuteFields = z.infer<typeof MuteFields>;
export type Mute = MuteFields & { id: string; createdById: string | null; createdAt: Date };

export type MuteState = { isOn: true; until: Date } | { isOn: false; nextAt: Date | null };

/** Does it hold now, until when, or when next? Null for never again. */
export function muteStateAt(schedule: MuteSchedule, now: Date): MuteState {
  if (schedule.kind === 'again') {
    const state = windowAt(schedule.window, now);
    return state.isOpen ? { isOn: true, until: state.until } : { isOn: false, nextAt: state.opensAt };
  }
  const [from, to] = [new Date(schedule.from), new Date(schedule.to)];
  if (now >= from && now < to) return { isOn: true, until: to };
  return { isOn: false, nextAt: now < from ? from : null };
}

/** A member of an alert, as far as mutes look at it; what is no device has neither labels nor facts. */
export type MutedSubject = { labels: Readonly<Record<string, string>>; facts: KnownFacts };

/** The mute that silences an alert now: one that means its rule and every one of its members. Undefined when none does. */
export function muteOf<T extends Mute>(
  mutes: readonly T[],
  alert: { ruleId: string; members: readonly (MutedSubject | null)[] },
  now: Date,
): T | undefined {
  return mutes.find(({ ruleIds, selector, schedule }) => {
    if (ruleIds && !ruleIds.includes(alert.ruleId)) return false;
    if (!muteStateAt(schedule, now).isOn) return false;
    const requirements = parseSelector(selector);
    return requirements.length === 0 || alert.members.every((member) => isMeant(requirements, member));
  });
}

function isMeant(requirements: readonly Requirement[], member: MutedSubject | null): boolean {
  return member !== null && matchesSelector(requirements, member.labels, member.facts);
}
