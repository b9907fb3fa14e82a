import type { Gate, GateComparison, GateMetric } from './gate.ts';

/**
 * Why there is not enough evidence: too few devices or inferences, nothing to compare with yet, nothing to compare with that waiting could
 * bring (`before`), no spread known yet, or evidence that leans towards a breach without proving it.
 */
export type Lack = 'devices' | 'inferences' | 'comparison' | 'before' | 'spread' | 'leaning';

/**
 * What a comparison was made with for want of its own: devices that have not moved, as they are now, where nothing is known of the devices
 * before; or the same devices before, where none has stayed.
 */
export type Instead = 'others' | 'before';

/** What a gate says at one look, with the numbers it says it on. Kept with the wave and with the decision. */
export type GateVerdict = {
  metric: GateMetric;
  compare: GateComparison;
  op: '<=' | '>=';
  limit: number;
  verdict: 'pass' | 'breach' | 'not-enough-evidence';
  lack?: Lack;
  /** What stands against the limit: a value, or the ratio or change since before. Absent without observations. */
  value?: number;
  /** Where the truth lies, with the gate's part of the 95 % that hold for all gates and all looks of the bake together. */
  low?: number;
  high?: number;
  /** The metric now, and before, in its unit. */
  current?: number;
  reference?: number;
  devices: number;
  /** Devices that did not move, in a comparison with them. */
  controlDevices?: number;
  instead?: Instead;
  /** Inferences; labelled ones for accuracy. */
  n: number;
  minDevices: number;
  minInferences: number;
  /** Evidence against the gate, and how much of it proves a breach. */
  evidence?: number;
  needed?: number;
  /** It is proven that the gate holds, and not only unproven that it is broken. */
  isProven?: boolean;
  /** The devices served nothing before, so that there is no difference to judge. */
  isFirst?: boolean;
  /** Few devices speak for themselves only. */
  scope?: 'fleet' | 'these devices';
};

/** The bound on a false breach, over all gates and all looks of one bake together. */
export const ALPHA = 0.05;

/** Devices from which on their spread says something about the fleet. */
const FLEET_DEVICES = 5;

/** Evidence from which on a gate leans towards a breach: the bake is not over, though nothing is proven. */
const LEANING = 4;

/** Evidence is kept finite, since JSON knows no infinity. */
const MAX_EVIDENCE = 1e12;

/** What a comparison found. `against` and `favour` are e-values for a breach and for a pass. */
export type Finding = {
  devices: number;
  n: number;
  controlDevices?: number;
  instead?: Instead;
  current?: number;
  reference?: number;
  value?: number;
  low?: number;
  high?: number;
  against: number;
  favour: number;
  needed: number;
  neededInFavour: number;
  lack?: Lack;
};

/** Windows that may be looked at before looking costs: simulation shows that the bound holds over so many with room to spare. */
const FREE_WINDOWS = 64;

/**
 * What must be reached by an e-value that is looked at after every window. At one look k/α suffices for k gates: an e-value reaches it
 * with probability α/k at most, and the shares of k gates add up to α (Bonferroni). Over looks a mixture with known variances is
 * a martingale and needs no more. With variances that are estimated as they go it is not quite one, so that is shown by simulation
 * (bench gates) for 64 windows, and every doubling of the windows from there on has its price, so that the bound holds for
 * any bake there is.
 */
export function neededFor(family: number, windows: number): number {
  return (family / ALPHA) * Math.max(1, 1 + Math.log2(windows / FREE_WINDOWS));
}

/** The verdict on what was found. */
export function verdictOf(gate: Gate, op: '<=' | '>=', finding: Finding): GateVerdict {
  const { against, favour, needed, neededInFavour, lack: missing, ...numbers } = finding;
  const { metric, compare, limit, minDevices, minInferences } = gate;
  const base = {
    ...{ metric, compare, op, limit, minDevices, minInferences, ...numbers },
    evidence: Math.min(MAX_EVIDENCE, against),
    needed,
    scope: finding.devices < FLEET_DEVICES ? ('these devices' as const) : ('fleet' as const),
  };
  if (against >= needed) return { ...base, verdict: 'breach' };
  const lack = missing ?? lackOf(gate, finding);
  if (lack) return { ...base, verdict: 'not-enough-evidence', lack };
  return { ...base, verdict: 'pass', isProven: favour >= neededInFavour };
}

function lackOf({ minDevices, minInferences }: Gate, { devices, n, against }: Finding): Lack | undefined {
  if (devices < minDevices) return 'devices';
  if (n < minInferences) return 'inferences';
  return against >= LEANING ? 'leaning' : undefined;
}
