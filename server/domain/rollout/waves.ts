import type { KnownFacts } from '../device/facts.ts';
import { matchesSelector } from '../device/matches-selector.ts';
import { parseSelector } from '../device/selector.ts';
import { hardwareClassOf } from './hardware-class.ts';
import { pickCanaries } from './pick-canaries.ts';
import type { RolloutPlan, WavePlan } from './plan.ts';

/** Labels and facts are needed where a wave takes its devices by a selector. */
export type Target = {
  deviceId: string;
  isReachable: boolean;
  name: string;
  labels?: Readonly<Record<string, string>>;
  facts?: KnownFacts;
};

/**
 * Gives every target a wave. Reachable devices come first, so that an early wave is never made of devices that are switched off. Among
 * them the waves cover the classes of hardware, every class once before any comes twice, and then each by its share, so that no class
 * meets a release for the first time when all do. Among equals the name decides, so that the same fleet gives the same waves. What the
 * plan leaves over joins the last wave.
 * @returns device ids per wave, in order; a wave may be empty when the fleet is small.
 */
export function assignWaves(plan: RolloutPlan, targets: readonly Target[]): string[][] {
  const byName = targets
    .map((target) => ({ ...target, hardwareClass: hardwareClassOf(target.facts ?? {}) }))
    .sort((a, b) => compareText(a.name, b.name));
  const ordered = [true, false].flatMap((isReachable) =>
    pickCanaries(byName.filter((target) => target.isReachable === isReachable)),
  );
  let left = ordered;
  return plan.waves.map(({ size }, position) => {
    const taken = position === plan.waves.length - 1 ? left : takenBy(size, left, ordered.length);
    const isTaken = new Set(taken);
    left = left.filter((target) => !isTaken.has(target));
    return taken.map(({ deviceId }) => deviceId);
  });
}

function takenBy(size: WavePlan['size'], left: Target[], total: number): Target[] {
  if ('selector' in size) {
    const requirements = parseSelector(size.selector);
    return left.filter(({ labels = {}, facts = {} }) => matchesSelector(requirements, labels, facts));
  }
  const until = 'count' in size ? size.count : Math.ceil((total * size.percent) / 100);
  return left.slice(0, Math.max(0, until - (total - left.length)));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
