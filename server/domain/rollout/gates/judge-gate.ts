import { type Gate, kindOf, opOf } from './gate.ts';
import { findChange } from './judge-change.ts';
import { findErrorRatio, findShare } from './judge-counts.ts';
import { findInstead } from './judge-instead.ts';
import { withBands } from './judge-stream.ts';
import type { GateSamples } from './samples.ts';
import { type Finding, type GateVerdict, verdictOf } from './verdict.ts';

/**
 * Judges a gate at any moment, as often as one likes: a false breach has probability α over all looks, and over all `family` gates of
 * the bake, together.
 */
export function judgeGate(gate: Gate, samples: GateSamples, family = 1): GateVerdict {
  const op = opOf(gate);
  const isFirst =
    gate.compare !== 'absolute' && samples.devices.length > 0 && samples.devices.every(({ isNew }) => isNew);
  const finding = find(gate, samples, family);
  if (!isFirst) return verdictOf(gate, op, findInstead(gate, samples, family, finding, find));
  const { lack: _, ...judged } = verdictOf(gate, op, finding);
  return { ...judged, verdict: 'pass', isFirst, isProven: true };
}

function find(gate: Gate, samples: GateSamples, family: number): Finding {
  if (gate.metric === 'error_rate' && gate.compare !== 'absolute') return findErrorRatio(gate, samples, family);
  if (kindOf(gate) === 'share') return findShare(gate, samples, family);
  return withBands(gate, samples, family, findChange(gate, samples, family));
}
