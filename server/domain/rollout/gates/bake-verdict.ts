import { type Bake, longestOf } from './bake.ts';
import type { Gate } from './gate.ts';
import { judgeGate } from './judge-gate.ts';
import type { GateSamples } from './samples.ts';
import type { GateVerdict } from './verdict.ts';

/** What follows for a wave that bakes: it goes on, has passed, broke a gate, or a person must be asked for want of data. */
export type BakeVerdict = { gates: GateVerdict[] } & (
  | { outcome: 'go-on' | 'pass' | 'no-data' }
  | { outcome: 'breach'; gate: Gate }
);

/**
 * Judges a bake `elapsedS` after it began, as often as one likes. A breach ends it at once, proof of every gate may end it early. What lacks
 * evidence goes on, unless waiting brings none.
 */
export function bakeVerdict(bake: Bake, samples: GateSamples, elapsedS: number): BakeVerdict {
  const gates = judgeGates(bake.gates, samples);
  const broken = bake.gates.find((_, at) => gates[at]?.verdict === 'breach');
  if (broken) return { gates, outcome: 'breach', gate: broken };
  if (elapsedS < bake.seconds) {
    const mayEnd = bake.minSeconds !== undefined && elapsedS >= bake.minSeconds && gates.length > 0;
    return { gates, outcome: mayEnd && gates.every(({ isProven }) => isProven) ? 'pass' : 'go-on' };
  }
  const undecided = bake.gates.filter(
    (gate, at) => gates[at]?.verdict === 'not-enough-evidence' && gate.onNoData !== 'pass',
  );
  if (undecided.length === 0) return { gates, outcome: 'pass' };
  const isInVain = gates.some(({ lack }, at) => lack === 'before' && bake.gates[at]?.onNoData !== 'pass');
  const isOverdue = isInVain || elapsedS >= longestOf(bake);
  return { gates, outcome: isOverdue || undecided.some(({ onNoData }) => onNoData === 'pause') ? 'no-data' : 'go-on' };
}

/** All gates of a bake, which share the bound on a false breach. */
export function judgeGates(gates: readonly Gate[], samples: GateSamples): GateVerdict[] {
  return gates.map((gate) => judgeGate(gate, samples, gates.length));
}
