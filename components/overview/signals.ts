import type { Metric } from '@/server/domain/telemetry/metrics.ts';
import type { Signal } from '@/server/queries/overview.ts';
import { powerNote } from '../devices/power-note.ts';
import { formatQuantity, type Unit } from '../ui/format.ts';

/** How a signal is written: its name, what it is over, its unit, and whether its change is a ratio or a difference. */
type SignalWords = { label: string; note: string; unit: Unit; digits?: number; change: 'ratio' | 'points' };

const WORDS: Partial<Record<Metric, SignalWords>> = {
  throughput_per_s: { label: 'Inferences', note: 'all models', unit: '/s', change: 'ratio' },
  latency_p95_ms: { label: 'Latency p95', note: 'all models', unit: 'ms', change: 'ratio' },
  error_rate: { label: 'Errors', note: 'of all inferences', unit: 'ratio', digits: 2, change: 'points' },
  energy_mj: { label: 'Energy per inference', note: 'where it is known', unit: 'mJ', change: 'ratio' },
  accuracy: { label: 'Accuracy', note: 'of labelled inferences', unit: 'ratio', digits: 1, change: 'points' },
};

/** Below this share of the value before, a change is written as none. */
const SAME = 0.0005;

/** A signal ready to draw. */
export type SignalLine = Omit<SignalWords, 'change'> & { value: number | null; change: string; note: string };

export function signalLine({ metric, value, before, powerSources }: Signal): SignalLine | null {
  const words = WORDS[metric];
  if (!words) return null;
  const { change, ...rest } = words;
  const note = metric === 'energy_mj' ? (powerNote(powerSources) ?? rest.note) : rest.note;
  return { ...rest, note, value, change: changeText(value, before, change, words) };
}

function changeText(value: number | null, before: number | null, kind: SignalWords['change'], words: SignalWords) {
  if (value === null || before === null) return 'nothing before';
  const difference = value - before;
  if (kind === 'points')
    return words.unit === 'ratio'
      ? formatQuantity(difference * 100, 'pt', { signed: true, digits: 2 })
      : formatQuantity(difference, words.unit, { signed: true, digits: words.digits });
  if (before === 0) return difference === 0 ? '±0' : 'nothing before';
  const ratio = difference / before;
  return Math.abs(ratio) < SAME ? '±0' : formatQuantity(ratio, 'ratio', { signed: true, digits: 1 });
}
