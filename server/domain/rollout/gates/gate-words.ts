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
  const { metric, n, devices, compare } = verdict;
  const seen = verdict.value === undefined ? '' : ` ${sayValue(verdict, verdict.value)}`;
  const beside = compare === 'vs_control' ? ' beside devices that did not move' : '';
  const what = metric === 'accuracy' ? 'labelled inferences' : 'inferences';
  return `${WORDS[metric]}${seen}${beside}, limit ${sayLimit(verdict)}, on ${n} ${what} of ${devices === 1 ? '1 device' : `${devices} devices`}`;
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
