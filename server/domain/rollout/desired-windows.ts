import type { DesiredSlot } from '@flotilla/protocol';
import type { RolloutPlan } from './plan.ts';

/** When a device may download and switch, in the words of the protocol. What the plan leaves open is absent. */
export function desiredWindows({
  windows,
  maxBytesPerS,
}: Pick<RolloutPlan, 'windows' | 'maxBytesPerS'>): Pick<DesiredSlot, 'download' | 'activate'> {
  const { download, activate } = windows;
  const limits = { ...(download && { window: download }), ...(maxBytesPerS !== null && { maxBytesPerS }) };
  return {
    ...(Object.keys(limits).length > 0 && { download: limits }),
    ...(activate && { activate: { window: activate } }),
  };
}
