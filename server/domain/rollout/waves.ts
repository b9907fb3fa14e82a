import type { RolloutPlan } from './plan.ts';

export type Target = { deviceId: string; isReachable: boolean; name: string };

/**
 * Gives every target a wave. Reachable devices come first, so that an early wave is never made of devices that are switched off;
 * among equals the name decides, so that the same fleet gives the same waves. What the plan leaves over joins the last wave.
 * @returns device ids per wave, in order; a wave may be empty when the fleet is small.
 */
export function assignWaves(plan: RolloutPlan, targets: readonly Target[]): string[][] {
  const ordered = [...targets].sort(
    (a, b) => Number(b.isReachable) - Number(a.isReachable) || compareText(a.name, b.name),
  );
  let from = 0;
  return plan.waves.map(({ size }, position) => {
    const isLast = position === plan.waves.length - 1;
    const until = 'count' in size ? size.count : Math.ceil((ordered.length * size.percent) / 100);
    const to = isLast ? ordered.length : Math.min(ordered.length, Math.max(from, until));
    const members = ordered.slice(from, to).map(({ deviceId }) => deviceId);
    from = to;
    return members;
  });
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
