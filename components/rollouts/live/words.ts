import { kindOf } from '@/server/domain/rollout/gates/gate.ts';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import type { DeploymentState } from '../../status/types.ts';
import { formatDuration, formatQuantity, NBSP, plural, type Unit } from '../../ui/format.ts';

/** One wave of the live page. */
export type Wave = RolloutPage['waves'][number];

/** One gate of a wave, with the numbers it is judged on. */
export type Gate = Wave['gates'][number];

const METRICS: Record<Gate['metric'], { word: string; unit: Unit; digits?: number }> = {
  latency_p50: { word: 'Latency p50', unit: 'ms' },
  latency_p95: { word: 'Latency p95', unit: 'ms' },
  latency_p99: { word: 'Latency p99', unit: 'ms' },
  error_rate: { word: 'Errors', unit: 'ratio', digits: 2 },
  accuracy: { word: 'Accuracy', unit: 'ratio', digits: 1 },
  estimated_accuracy: { word: 'Estimated accuracy', unit: 'ratio', digits: 1 },
  energy_mj: { word: 'Energy', unit: 'mJ' },
  power_w: { word: 'Power', unit: 'W' },
  rss_mb: { word: 'Memory', unit: 'bytes' },
  temperature: { word: 'Temperature', unit: '°C', digits: 1 },
  drift: { word: 'Drift', unit: 'share', digits: 2 },
};

/** The unit in which a limit of the metric is given; a share's is percent. */
export function metricUnit(metric: Gate['metric']): string {
  const { unit } = METRICS[metric];
  if (unit === 'bytes') return 'MB';
  if (unit === 'share') return '';
  return unit === 'ratio' ? '%' : unit;
}

/** A gate's name in a table and in sentences. */
export function gateWord(metric: Gate['metric']): string {
  return METRICS[metric].word;
}

/** "1,240 labelled inferences", "1,240 answers" where confidence or distribution is judged. */
export function sampleText(metric: Gate['metric'], n: number): string {
  return plural(n, sampleNoun(metric));
}

/** One of what a gate counts as its sample. */
export function sampleNoun(metric: Gate['metric']): string {
  if (metric === 'accuracy') return 'labelled inference';
  return metric === 'estimated_accuracy' || metric === 'drift' ? 'answer' : 'inference';
}

/** A metric as gates show it: "94.7 %", "12.4 ms". */
export function levelText(value: number, metric: Gate['metric']): string {
  const { unit, digits } = METRICS[metric];
  return formatQuantity(metric === 'rss_mb' ? value * 1e6 : value, unit, { digits });
}

/** What stands against the limit: "× 1.18" of a ratio, "−2.1 pt" of a change in accuracy, else the metric itself. */
export function valueText(value: number, { metric, compare }: Pick<Gate, 'metric' | 'compare'>): string {
  switch (kindOf({ metric, compare })) {
    case 'ratio':
      return `×${NBSP}${value.toFixed(2)}`;
    case 'change of share':
      return formatQuantity(value * 100, 'pt', { digits: 1, signed: true });
    case 'change':
      return metric === 'drift'
        ? formatQuantity(value, 'share', { digits: 2, signed: true })
        : formatQuantity(value, '°C', { digits: 1, signed: true });
    case 'share':
    case 'value':
      return levelText(value, metric);
  }
}

const AGAINST: Record<Gate['compare'], string> = {
  absolute: 'as measured',
  vs_previous: 'against before',
  vs_control: 'against the others',
};

/** A gate in the middle of a sentence: "errors", "errors against before". */
export function gateName({ metric, compare }: Pick<Gate, 'metric' | 'compare'>): string {
  const word = gateWord(metric).replace(/^[A-Z]/, (letter) => letter.toLowerCase());
  return compare === 'absolute' ? word : `${word} ${AGAINST[compare]}`;
}

const COMPARED: Record<Gate['compare'], string> = { absolute: '', vs_previous: ' before', vs_control: ' the others' };

/** "≥ 90.0 %", "≤ × 1.20 before" or "≥ −2.0 pt the others". */
export function limitText(gate: Pick<Gate, 'metric' | 'compare' | 'op' | 'limit'>): string {
  return `${gate.op === '>=' ? '≥' : '≤'} ${valueText(gate.limit, gate)}${COMPARED[gate.compare]}`;
}

/** The same in the middle of a sentence: "at least 90 %", "at most 1.2 × before", "at least −2 pt against before". */
export function limitWords(gate: Pick<Gate, 'metric' | 'compare' | 'op'> & { limit: number | null }): string {
  const { compare, op, limit } = gate;
  const side = op === '>=' ? 'at least' : 'at most';
  if (limit === null) return `${side} ?`;
  switch (kindOf(gate)) {
    case 'ratio':
      return `${side} ${short(limit)}${NBSP}×${COMPARED[compare]}`;
    case 'change of share':
      return `${side} ${signed(limit * 100)}${NBSP}pt ${AGAINST[compare]}`;
    case 'change':
      return `${side} ${signed(limit)}${gate.metric === 'drift' ? '' : `${NBSP}°C`} ${AGAINST[compare]}`;
    case 'share':
      return `${side} ${short(limit * 100)}${NBSP}%`;
    case 'value':
      return `${side} ${[short(limit), metricUnit(gate.metric)].filter(Boolean).join(NBSP)}`;
  }
}

/** As many digits as the number has, up to four. */
function short(value: number): string {
  return String(Number(value.toPrecision(4))).replace('-', '−');
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${short(value)}`;
}

const LACKS: Record<NonNullable<Gate['lack']>, string> = {
  devices: 'Needs devices',
  inferences: 'Needs data',
  comparison: 'Nothing to compare with yet',
  before: 'Nothing to compare with',
  spread: 'Needs more windows',
  leaning: 'Leans to a breach',
};

/** What a gate holds its metric against, so that two gates on one metric are told apart; also where it is another thing than planned. */
export function heldAgainst({ compare, instead }: Pick<Gate, 'compare' | 'instead'>): string {
  if (instead === 'others')
    return compare === 'vs_previous' ? 'against others, for want of before' : 'against others now';
  return instead === 'before' ? 'against before, for want of others' : AGAINST[compare];
}

/** What is missing for a verdict, in two words. */
export function lackText({ lack }: Pick<Gate, 'lack'>): string {
  return LACKS[lack ?? 'inferences'];
}

/** A planned length: "10 min", "2 h". */
export function secondsText(seconds: number): string {
  return formatDuration(seconds * 1000);
}

/** " by Ingrid"; a roll back that no person asked for is the engine's, and nothing is said where nobody is known. */
export function byWhom(name: string | null, isRollBack: boolean): string {
  if (name !== null) return ` by ${name}`;
  return isRollBack ? ' by the engine' : '';
}

const NEVER_TOLD: readonly DeploymentState[] = ['queued', 'cancelled', 'superseded'];

/** Was the device told to move? These are the ones that a rollback brings back. */
export function wasTold(state: DeploymentState): boolean {
  return !NEVER_TOLD.includes(state);
}

/** What became of devices that arrived: they serve the release, are back where a roll back brings them, or had moved and went back. */
export type Arrival = 'serve' | 'back' | 'had-moved';

export function arrivalOf({ rollout, release }: Pick<RolloutPage, 'rollout' | 'release'>): Arrival {
  if (release === null) return 'back';
  const { state } = rollout;
  return state === 'rolling-back' || state === 'rolled-back' || state === 'rollback-incomplete' ? 'had-moved' : 'serve';
}

/** "1 device serves it", "3 devices are back". */
export function arrivedWords(count: number, arrival: Arrival): string {
  switch (arrival) {
    case 'serve':
      return count === 1 ? 'serves it' : 'serve it';
    case 'back':
      return count === 1 ? 'is back' : 'are back';
    case 'had-moved':
      return 'had moved';
  }
}

/** Does the device serve the release, as far as is known? */
export function serves(state: DeploymentState): boolean {
  return state === 'succeeded' || state === 'observing';
}
