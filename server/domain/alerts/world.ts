import type { Listening } from '../device/axes.ts';
import type { KnownFacts } from '../device/facts.ts';
import { matchesSelector } from '../device/matches-selector.ts';
import { parseSelector } from '../device/selector.ts';
import type { RolloutState } from '../rollout/states.ts';
import type { RollupNumbers } from '../telemetry/rollup.ts';

export type AlertDevice = {
  id: string;
  name: string;
  labels: Record<string, string>;
  facts: KnownFacts;
  online: boolean;
  onlineChangedAt: Date | null;
  lastHeardAt: Date | null;
  /** End of its newest certificate that is not revoked. */
  certificateEndsAt: Date | null;
};

/** `latency`: sketches as bytes, one after another; empty where nobody asked for them. */
export type DeviceSums = { deviceId: string; versionId: string | null; sums: RollupNumbers; latency: Uint8Array };
export type BoardReading = { deviceId: string; at: Date; diskFreeBytes: number | null; memoryUsedBytes: number | null };
export type RolloutStanding = {
  id: string;
  name: string;
  state: RolloutState;
  stateSince: Date;
  reason: { code: string; detail: string } | null;
};
/** What drifts on one device, or on the fleet as a whole, as the judgement of drift found it over a stretch of time. Who has none does not drift. */
export type DriftFinding = {
  /** Null: the fleet, whose samples show together what no device has enough of. */
  deviceId: string | null;
  versionId: string;
  /** Features that drift, the one that drifts most first; empty when none does. */
  features: readonly string[];
  /** Inputs that were looked at. */
  samples: number;
  from: Date;
  to: Date;
};

export type Stretch = { from: Date; to: Date };
export type SummedStretch = Stretch & {
  devices: ReadonlyMap<string, readonly DeviceSums[]>;
  /** The fleet's own rows, by version, under no device's id. */
  fleet: readonly DeviceSums[];
};
export type SummedOver = keyof Omit<SummedStretch, keyof Stretch>;

/** All that the rules of one organization look at, loaded once for all of them. */
export type AlertWorld = {
  now: Date;
  /** When devices could be heard last without a gap; null where that is not known. */
  listening: Listening | null;
  devices: readonly AlertDevice[];
  versionNames: ReadonlyMap<string, string>;
  /** By length of the window, in seconds. */
  windows: ReadonlyMap<number, SummedStretch>;
  /** The day before each window. */
  daysBefore: ReadonlyMap<number, SummedStretch>;
  boards: ReadonlyMap<string, BoardReading>;
  rollouts: readonly RolloutStanding[];
  drift: readonly DriftFinding[];
};

/** The devices that a selector holds. */
export function selectedOf({ devices }: AlertWorld, selector: string): readonly AlertDevice[] {
  const requirements = parseSelector(selector);
  return requirements.length === 0
    ? devices
    : devices.filter(({ labels, facts }) => matchesSelector(requirements, labels, facts));
}
