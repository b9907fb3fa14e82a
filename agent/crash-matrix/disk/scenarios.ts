import type { DesiredSlot } from '@flotilla/protocol';
import { slotOf } from './world.ts';

/**
 * What happens to a device that serves version 1: the documents that wait for it, and where it must be in the end. With
 * `late`, the last document comes while the one before it is being worked on.
 */
export type Scenario = {
  name: string;
  documents: DesiredSlot[];
  failing: string[];
  ends: { phase: string; serving: string };
};

const one = '1.0.0';
const two = '2.0.0';
const three = '3.0.0';

export const scenarios: Scenario[] = [
  { name: 'upgrade', documents: [slotOf(2)], failing: [], ends: { phase: 'active', serving: two } },
  { name: 'revert', documents: [slotOf(2)], failing: [two], ends: { phase: 'reverted', serving: one } },
  { name: 'supersede', documents: [slotOf(2), slotOf(3)], failing: [], ends: { phase: 'active', serving: three } },
  {
    name: 'there and back',
    documents: [slotOf(2), slotOf(1, 9)],
    failing: [],
    ends: { phase: 'active', serving: one },
  },
];
