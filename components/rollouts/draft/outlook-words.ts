import type { RolloutPreview } from '@/server/queries/rollout-preview.ts';
import { plural } from '../../ui/format.ts';
import { gateWord } from '../live/words.ts';

export type Outlook = RolloutPreview['outlook'][number];

/** Gates of the first wave for which there is the same to say. */
export type Shortage = {
  basis: Exclude<Outlook['basis'], 'before'>;
  sentence: string;
  withoutIt: string;
  enoughAt: Date | null;
};

const THEN: Record<Shortage['basis'], (metrics: string, verb: string) => string> = {
  few: (metrics, has) => `Until then ${metrics} ${has} little to go by: only larger changes are found.`,
  others: (metrics) =>
    `Started now, ${metrics} would be held against devices that have not moved yet, which finds only larger changes.`,
  nothing: (metrics) => `Started now, ${metrics} could not be judged, and the rollout would pause and ask a person.`,
};

/** What too little telemetry of the version before means for the first wave: how much there is, how much is enough, and what happens without. */
export function shortagesOf(outlook: readonly Outlook[]): Shortage[] {
  const short = outlook.filter(({ basis, devices, ready }) => basis !== 'before' || ready < Math.ceil(devices / 2));
  const groups = Map.groupBy(short, ({ basis, counted, have }) => `${basis} ${counted} ${have}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first || first.basis === 'before') return [];
    const metrics = andText([...new Set(group.map(({ metric }) => gateWord(metric).toLowerCase()))]);
    const has = group.length === 1 && !metrics.includes(' and ') ? 'has' : 'have';
    return {
      basis: first.basis,
      sentence: `${upper(metrics)}: ${amount(first)} of what ${first.devices === 1 ? 'the device serves' : `${plural(first.devices, 'device')} serve`} now; ${enough(first)}.`,
      withoutIt: THEN[first.basis](metrics, has),
      enoughAt: first.enoughAt,
    };
  });
}

const NOUNS: Record<Outlook['counted'], string> = { windows: 'window', labels: 'labelled answer', answers: 'answer' };

function amount({ have, counted, devices }: Outlook): string {
  const what = have === 0 ? `no ${NOUNS[counted]}` : plural(Math.floor(have), NOUNS[counted]);
  return devices === 1 || have === 0 ? what : `${what} each`;
}

function enough({ enough: needed, counted, metric }: Outlook): string {
  return metric === 'drift'
    ? 'an hour’s answers are enough'
    : `${plural(needed, NOUNS[counted])} ${needed === 1 ? 'is' : 'are'} enough`;
}

function andText(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function upper(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
