import { unreachable } from '../errors.ts';
import { type MetricUnit, metricWords as telemetryWords } from '../telemetry/metric-words.ts';
import type { AlertCondition, AlertMetric, RolloutEvent } from './condition.ts';
import type { Evidence } from './evaluate.ts';

const NBSP = '\u00a0';

/** What a metric is called in sentences, and the unit of its number. */
export const metricWords: Record<AlertMetric, { name: string; unit: MetricUnit }> = {
  ...telemetryWords,
  memory_used_share: { name: 'Memory used', unit: 'ratio' },
  disk_free_share: { name: 'Disk free', unit: 'ratio' },
};

export const rolloutEventWords: Record<RolloutEvent, string> = {
  paused: 'paused',
  'waiting-approval': 'waits for approval',
  'rolled-back': 'was rolled back',
  aborted: 'was aborted',
};

/** A number as a sentence says it: three significant digits, its unit behind a space that does not break. */
export function metricText(metric: AlertMetric, value: number): string {
  const { unit } = metricWords[metric];
  if (unit === 'ratio') return `${number(value * 100)}${NBSP}%`;
  if (unit === 'bytes') return `${number(value / 1e6)}${NBSP}MB`;
  return `${number(value)}${NBSP}${unit}`;
}

/** A length of time in the largest unit that divides it. */
export function durationText(seconds: number): string {
  const [size, unit] = (
    [
      [86_400, 'd'],
      [3_600, 'h'],
      [60, 'min'],
    ] as const
  ).find(([each]) => seconds >= each && seconds % each === 0) ?? [1, 's'];
  return `${number(seconds / size)}${NBSP}${unit}`;
}

/** What a rule looks for, in one sentence without its end: "Error rate above 5 % over 5 min, each device". */
export function conditionText(condition: AlertCondition): string {
  switch (condition.kind) {
    case 'metric': {
      const { metric, op, limit, compare, windowS, per, minSamples } = condition;
      const what = compare === 'value' ? metricText(metric, limit) : `${number(limit)} times that of the day before`;
      const whose = { together: 'all devices together', version: 'each version', device: 'each device' }[per];
      const sample = minSamples > 0 ? `, from ${number(minSamples)} observations on` : '';
      return `${metricWords[metric].name} ${op} ${what} over ${durationText(windowS)}, ${whose}${sample}`;
    }
    case 'offline':
      return `Not heard for more than ${durationText(condition.afterS)}`;
    case 'certificate':
      return `Certificate ends within ${number(condition.withinDays)}${NBSP}days`;
    case 'rollout':
      return `Rollout ${condition.events.map((event) => rolloutEventWords[event]).join(' or ')}`;
    case 'drift':
      return condition.features === 1 ? 'A feature drifts' : `At least ${condition.features} features drift`;
    default:
      return unreachable(condition);
  }
}

/** What was measured, in one sentence without its end: "Error rate 12.4 % in 3,120 observations, limit 5 %". */
export function evidenceText(
  condition: AlertCondition,
  { value, limit, samples, baseline, detail, isNoData }: Evidence,
): string {
  if (isNoData) return value === null ? 'Nothing was measured' : `Only ${number(samples)} observations`;
  if (value === null) return detail ?? 'It holds';
  switch (condition.kind) {
    case 'metric': {
      const { metric, compare } = condition;
      const { name } = metricWords[metric];
      const sample = samples > 0 ? ` in ${number(samples)} observations` : '';
      if (compare === 'value')
        return `${name} ${metricText(metric, value)}${sample}, limit ${metricText(metric, limit)}`;
      const now =
        baseline === null ? '' : `, ${metricText(metric, baseline * value)} against ${metricText(metric, baseline)}`;
      return `${name} ${number(value)} times the day before${now}${sample}, limit ${number(limit)} times`;
    }
    case 'offline':
      return `Not heard for ${durationText(Math.max(60, Math.floor(value / 60) * 60))}`;
    case 'certificate':
      return value < 0 ? 'The certificate has ended' : `The certificate ends in ${number(value)}${NBSP}days`;
    case 'rollout':
      return detail ?? conditionText(condition);
    case 'drift':
      return `${number(value)} ${value === 1 ? 'feature drifts' : 'features drift'}${detail ? `: ${detail}` : ''}`;
    default:
      return unreachable(condition);
  }
}

/** "Error rate on 3 devices", "Rollout rolled back: vibration-fault 1.5.0". */
export function alertTitle(
  ruleName: string,
  subjects: { kinds: readonly string[]; names: readonly string[]; count: number },
): string {
  const { kinds, names, count } = subjects;
  const [first] = names;
  const [kind = 'fleet', ...others] = new Set(kinds);
  if (kind === 'fleet') return ruleName;
  if (count <= 1) return first === undefined ? ruleName : `${ruleName}: ${first}`;
  // A device, and the version on the whole fleet: there is no one noun for them.
  if (others.length > 0) return `${ruleName}: ${first} and ${(count - 1).toLocaleString('en-US')} more`;
  return `${ruleName}: ${count.toLocaleString('en-US')} ${kind}s`;
}

function number(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = value !== 0 && Math.abs(value) < 1000 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 };
  return value.toLocaleString('en-US', digits);
}
