import { MuteFields } from '@/server/domain/alerts/mute.ts';

/** A mute as it is typed. Times are those of the reader's clock, as `datetime-local` has them. */
export type MuteDraft = {
  name: string;
  kind: 'once' | 'again';
  from: string;
  to: string;
  cron: string;
  timeZone: string;
  minutes: number;
  ruleIds: string[];
  selector: string;
};

const HOUR_MS = 3_600_000;

/** From now on, for two hours. */
export function newMute(nowMs: number, timeZone: string): MuteDraft {
  return {
    name: '',
    kind: 'once',
    from: localTime(nowMs),
    to: localTime(nowMs + 2 * HOUR_MS),
    cron: '0 2 * * *',
    timeZone,
    minutes: 60,
    ruleIds: [],
    selector: '',
  };
}

/** The reader's clock as `datetime-local` writes it. */
export function localTime(ms: number): string {
  const at = new Date(ms);
  return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What the server takes; or what is wrong, by field. */
export function readMute(
  draft: MuteDraft,
): { mute: MuteFields; problems?: never } | { mute?: never; problems: Map<string, string> } {
  const { name, kind, from, to, cron, timeZone, minutes, ruleIds, selector } = draft;
  const iso = (text: string) => (Number.isNaN(Date.parse(text)) ? '' : new Date(text).toISOString());
  const schedule =
    kind === 'once' ? { kind, from: iso(from), to: iso(to) } : { kind, window: { cron, timeZone, minutes } };
  const parsed = MuteFields.safeParse({ name, selector, schedule, ruleIds: ruleIds.length > 0 ? ruleIds : null });
  if (parsed.success) return { mute: parsed.data };
  return { problems: new Map(parsed.error.issues.map(({ path, message }) => [String(path.at(-1) ?? ''), message])) };
}
