/** A gate to draw: the measured value with its interval, against a limit. */
export type Gate = {
  value: number;
  /** 95 % interval of the value, if it is known. */
  low?: number | undefined;
  high?: number | undefined;
  limit: number;
  /** Whether the gate passes below its limit or above it. */
  passes: 'below' | 'above';
};

/** Where the limit stands on every scale, so that the limits of a table's rows make one line. */
export const LIMIT_AT = 0.75;

/** Room kept free at both ends, as a share of the whole. */
const MARGIN = 0.03;

/** Places on a scale from 0 (best) to 1: whatever lies right of the limit is a breach. Each row is scaled by itself. */
export function placeGate(gate: Gate): { value: number; low: number; high: number } {
  const direction = gate.passes === 'below' ? 1 : -1;
  const beyond = (value: number) => (value - gate.limit) * direction;
  const all = [gate.value, gate.low ?? gate.value, gate.high ?? gate.value].map(beyond);
  const better = Math.max(0, ...all.map((value) => -value)) / (LIMIT_AT - MARGIN);
  const worse = Math.max(0, ...all) / (1 - LIMIT_AT - MARGIN);
  const unit = Math.max(better, worse) || 1;
  const place = (value: number) => Math.min(1, Math.max(0, LIMIT_AT + beyond(value) / unit));
  const ends = [place(gate.low ?? gate.value), place(gate.high ?? gate.value)];
  return { value: place(gate.value), low: Math.min(...ends), high: Math.max(...ends) };
}
