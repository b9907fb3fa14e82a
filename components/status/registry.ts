import { alertAxes } from './registry-alert.ts';
import { deviceAxes } from './registry-device.ts';
import type { AxisRegistry, StatusEntry } from './registry-entry.ts';
import { rolloutAxes } from './registry-rollout.ts';
import type { StatusAxis, StatusValues } from './types.ts';

const registry: { [A in StatusAxis]: AxisRegistry<A> } = { ...deviceAxes, ...rolloutAxes, ...alertAxes };

/** The entry of one status. */
export function statusEntry<A extends StatusAxis>(axis: A, value: StatusValues[A]): StatusEntry {
  const entries: AxisRegistry<A> = registry[axis];
  return entries[value];
}

/** An axis's values in the order in which they are shown: calm first, then moving, then trouble, then unknown. */
export function statusValues<A extends StatusAxis>(axis: A): StatusValues[A][] {
  return Object.keys(registry[axis]) as StatusValues[A][];
}

/** Whether a text is a deployment's state, for counts that come keyed by it. */
export function isDeploymentState(text: string): text is StatusValues['deployment'] {
  return Object.hasOwn(registry.deployment, text);
}
