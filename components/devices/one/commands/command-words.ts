import type { CommandRow } from '@/server/queries/device-commands.ts';
import type { GlyphName } from '../../../status/glyph.tsx';
import type { Tone } from '../../../status/types.ts';

type Shape = { glyph: GlyphName; tone: Tone; word: string };

const STATES: Record<CommandRow['state'], Shape> = {
  issued: { glyph: 'hourglass', tone: 'progress', word: 'Waits for the device' },
  sent: { glyph: 'hourglass', tone: 'progress', word: 'Sent' },
  accepted: { glyph: 'pie', tone: 'progress', word: 'Acknowledged' },
  running: { glyph: 'pie', tone: 'progress', word: 'Under way' },
  done: { glyph: 'check', tone: 'ok', word: 'Done' },
  failed: { glyph: 'square-x', tone: 'critical', word: 'Failed' },
  refused: { glyph: 'diamond', tone: 'attention', word: 'Refused' },
  expired: { glyph: 'struck-ring', tone: 'quiet', word: 'Not answered' },
};

const NAMES: Record<string, string> = {
  ping: 'Ping',
  'restart-runner': 'Restart the runner',
  diagnostics: 'Collect diagnostics',
  benchmark: 'Benchmark',
  'set-log-level': 'Log level',
  capture: 'Capture samples',
};

/** What was asked, in words. */
export function commandName({ op, args }: Pick<CommandRow, 'op' | 'args'>): string {
  const name = NAMES[op] ?? op;
  if (op === 'set-log-level') return `${name} ${String(args.level)} for ${String(args.minutes)} min`;
  if (op === 'benchmark') return `${name}, ${String(args.runs)} runs`;
  if (op === 'capture') return `Capture ${String(args.samples)} samples`;
  return name;
}

export function commandShape({ state }: Pick<CommandRow, 'state'>): Shape {
  return STATES[state];
}

/** One step of a command's way that it has reached. */
export type CommandStep = { name: string; at: Date };

/** Its way as far as it went. A step that the server heard of by a later one has that one's time, and is left out. */
export function commandSteps(command: CommandRow): CommandStep[] {
  const { state, issuedAt, sentAt, acceptedAt, finishedAt } = command;
  const steps = [
    { name: 'Issued', at: issuedAt },
    { name: 'Sent', at: sentAt },
    { name: 'Acknowledged', at: acceptedAt },
    { name: STATES[state].word, at: finishedAt },
  ];
  return steps.flatMap(({ name, at }) => (at ? [{ name, at }] : []));
}

/** The rows of a benchmark's table: what was measured, and the value with the unit that `Quantity` knows. */
export type ResultRow = { label: string; value: number; unit: 'ms' | 'bytes' | 'mJ' | 'count' };

const MEASURES: readonly { key: string; label: string; unit: ResultRow['unit'] }[] = [
  { key: 'runs', label: 'Runs', unit: 'count' },
  { key: 'latencyP50Ms', label: 'Latency, median', unit: 'ms' },
  { key: 'latencyP95Ms', label: 'Latency, p95', unit: 'ms' },
  { key: 'energyMj', label: 'Energy per inference', unit: 'mJ' },
  { key: 'rssBytes', label: 'Memory of the runner', unit: 'bytes' },
  { key: 'goldenMaxDifference', label: 'Farthest from a golden output', unit: 'count' },
];

/** Of a benchmark's result what is there and a number; it is a device's word. */
export function benchmarkRows(result: unknown): ResultRow[] {
  const measured = typeof result === 'object' && result !== null ? (result as Record<string, unknown>) : {};
  return MEASURES.flatMap(({ key, label, unit }) => {
    const value = measured[key];
    return typeof value === 'number' ? [{ label, value, unit }] : [];
  });
}

/** A result that is no table, as one sentence; null when there is nothing to say. */
export function resultSentence({ op, result }: Pick<CommandRow, 'op' | 'result'>): string | null {
  const said = typeof result === 'object' && result !== null ? (result as Record<string, unknown>) : {};
  if (op === 'ping' && typeof said.agentVersion === 'string')
    return `Agent ${said.agentVersion}, ONNX Runtime ${String(said.ortVersion)}, up for ${Math.round(Number(said.uptimeMs) / 60_000)} min.`;
  if (op === 'restart-runner' && typeof said.restarted === 'number')
    return said.restarted === 1 ? 'One runner was replaced.' : `${said.restarted} runners were replaced.`;
  if (op === 'capture' && typeof said.samples === 'number') return `${said.samples} samples.`;
  if (op === 'benchmark' && typeof said.version === 'string') return `Version ${said.version}, beside service.`;
  return null;
}
