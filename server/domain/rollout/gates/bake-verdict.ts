import type { WavePlan } from '../plan.ts';
import type { Gate } from './gate.ts';
import { type GateSamples, type GateVerdict, judgeGate } from './judge-gate.ts';

/** What follows for a wave that bakes: it goes on, has passed, broke a gate, or a person must be asked for want of data. */
export type BakeVerdict = { gates: GateVerdict[] } & (
  | { outcome: 'go-on' | 'pass' | 'no-data' }
  | { outcome: 'breach'; gate: Gate }
);

/** A gate that waits for data waits this many bakes, and at least this long, before a person is asked: every rollout ends. */
const LONGEST_BAKE = 10;
const SHORTEST_EXTENSION_S = 300;

/** Judges a bake `elapsedS` after it began, as often as one likes. */
export function bakeVerdict(bake: WavePlan['bake'], samples: GateSamples, elapsedS: number): BakeVerdict {
  const gates = bake.gates.map((gate) => judgeGate(gate, samples[gate.metric]));
  const broken = bake.gates.find((_, at) => gates[at]?.verdict === 'breach');
  if (broken) return { gates, outcome: 'breach', gate: broken };
  if (elapsedS < bake.seconds) return { gates, outcome: 'go-on' };
  const undecided = bake.gates.filter(
    (gate, at) => gates[at]?.verdict === 'not-enough-evidence' && gate.onNoData !== 'pass',
  );
  if (undecided.length === 0) return { gates, outcome: 'pass' };
  const isOverdue = elapsedS >= bake.seconds * LONGEST_BAKE + SHORTEST_EXTENSION_S;
  return { gates, outcome: isOverdue || undecided.some(({ onNoData }) => onNoData === 'pause') ? 'no-data' : 'go-on' };
}
