import type { PowerSource } from '@flotilla/protocol';

/** What a sensor says: power at this moment, or a counter of joules that only grows. */
export type PowerReading = { watts: number } | { joulesSoFar: number };

/** One way to know this board's power. `read` gives null when it cannot tell, now or ever; never a zero instead. */
export type PowerReader = {
  source: PowerSource;
  read(): Promise<PowerReading | null>;
  /** Each reading is of the whole time since the one before it, so nothing is missed by asking seldom. */
  isOfInterval?: boolean;
};
