import { LabelKey, LabelValue } from '@/server/domain/device/labels.ts';

/** One label as a person types it. */
export type LabelPair = { key: string; value: string };

/** Reads `site=oslo`; what is wrong is said in the server's own words. */
export function readLabel(text: string): LabelPair | { wrong: string } {
  const at = text.indexOf('=');
  if (at === -1) return { wrong: `Write ${text} as key=value.` };
  const [key, value] = [LabelKey.safeParse(text.slice(0, at).trim()), LabelValue.safeParse(text.slice(at + 1).trim())];
  const issue = key.error?.issues[0] ?? value.error?.issues[0];
  if (!key.success || !value.success) return { wrong: issue?.message ?? 'This is not a label.' };
  return { key: key.data, value: value.data };
}

/** A set of labels out of texts; of two with one key the later one counts. */
export function readLabels(texts: readonly string[]): { labels: Record<string, string> } | { wrong: string } {
  const pairs = texts.map(readLabel);
  const wrong = pairs.find((pair) => 'wrong' in pair);
  if (wrong) return wrong;
  return {
    labels: Object.fromEntries(pairs.flatMap((pair) => ('key' in pair ? [[pair.key, pair.value]] : []))),
  };
}

/** The label by which devices are grouped; it stands first. */
const SITE = 'site';

/** Labels as texts: the site, then by key. */
export function writeLabels(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels)
    .sort(([a], [b]) => Number(b === SITE) - Number(a === SITE) || a.localeCompare(b))
    .map(([key, value]) => `${key}=${value}`);
}
