import { type GateMetric, kindOf } from './gate.ts';
import type { GateVerdict } from './verdict.ts';

const WORDS: Record<GateMetric, string> = {
  latency_p50: 'latency p50',
  latency_p95: 'latency p95',
  latency_p99: 'latency p99',
  error_rate: 'error rate',
  accuracy: 'accuracy',
  estimated_accuracy: 'estimated accuracy',
  energy_mj: 'energy per inference',
  power_w: 'power',
  rss_mb: 'memory',
  temperature: 'temperature',
  drift: 'drift',
};

const UNITS: Record<GateMetric, string> = {
  ...{
    latency_p50: 'ms',
    latency_p95: 'ms',
    latency_p99: 'ms',
    error_rate: '%',
    accuracy: '%',
    estimated_accuracy: '%',
  },
  ...{ energy_mj: 'mJ', power_w: 'W', rss_mb: 'MB', temperature: '°C', drift: '' },
};

/** A gate with its numbers, as the record of a rollout says it: "latency p95 is 1.43 times what it was, limit 1.2, on 10 devices". */
export function gateSentence(verdict: GateVerdict): string {
  const { metric, n, devices, compare, instead } = verdict;
  const seen =
    verdict.value === undefined
      ? ''
      : ` ${instead === 'others' ? sayBeside(verdict, verdict.value) : sayValue(verdict, verdict.value)}`;
  const beside = compare === 'vs_control' || instead === 'others' ? ' beside devices that did not move' : '';
  const what = nounOf(metric);
  return `${WORDS[metric]}${seen}${beside}, limit ${sayLimit(verdict)}, on ${n} ${what} of ${devices === 1 ? '1 device' : `${devices} devices`}`;
}

/** What a gate without a verdict lacks: "latency p95 has nothing to compare with, …". Null with a verdict. */
export function lackSentence(verdict: GateVerdict): string | null {
  if (verdict.verdict !== 'not-enough-evidence') return null;
  const { metric, n, devices, minInferences, minDevices, lack } = verdict;
  const word = WORDS[metric];
  switch (lack) {
    case 'before':
      return `${word} has nothing to compare with: its devices were not measured before they moved, and too few of their kind have not moved`;
    case 'comparison':
      return `${word} has nothing to compare with yet`;
    case 'devices':
      return `${word} is measured on ${devices} of ${minDevices} devices`;
    case 'spread':
      return `${word} has too few windows to tell how much it varies`;
    case 'leaning':
      return `${word} leans towards a breach that is not proven`;
    default:
      return `${word} has ${n} of ${minInferences} ${nounOf(metric)}`;
  }
}

function nounOf(metric: GateMetric): string {
  return metric === 'accuracy' ? 'labelled inferences' : 'inferences';
}

/** Beside others a ratio is one to theirs, and a change a difference from them. */
function sayBeside(gate: Compared, value: number): string {
  switch (kindOf(gate)) {
    case 'change of share':
      return `differs by ${signed(value * 100)} points`;
    case 'change':
      return `differs by ${withUnit(signed(value), gate.metric)}`;
    default:
      return `is ${round(value)} times as much`;
  }
}

type Compared = Pick<GateVerdict, 'metric' | 'compare'>;

function sayValue(gate: Compared, value: number): string {
  switch (kindOf(gate)) {
    case 'ratio':
      return `is ${round(value)} times what it was`;
    case 'change of share':
      return `changed by ${signed(value * 100)} points`;
    case 'change':
      return `changed by ${withUnit(signed(value), gate.metric)}`;
    case 'share':
      return `is ${round(value * 100)} %`;
    case 'value':
      return `is ${withUnit(round(value), gate.metric)}`;
  }
}

function sayLimit({ limit, ...gate }: Compared & { limit: number }): string {
  switch (kindOf(gate)) {
    case 'ratio':
      return `${round(limit)}`;
    case 'change of share':
      return `${signed(limit * 100)}`;
    case 'change':
      return `${signed(limit)}`;
    case 'share':
      return `${round(limit * 100)} %`;
    case 'value':
      return withUnit(round(limit), gate.metric);
  }
}

function withUnit(text: string, metric: GateMetric): string {
  return `${text} ${UNITS[metric]}`.trim();
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${round(value)}`.replace('-', '−');
}
