import * as z from 'zod';
import { LabelKey } from '../device/labels.ts';
import { Window } from './windows.ts';

const DAY_S = 86_400;
const Seconds = z
  .number()
  .int()
  .min(0)
  .max(30 * DAY_S);
const Moment = z.iso.datetime({ offset: true });

/** How fast devices are told to move. `exponential` starts at its base and grows by `factor` with every `every` devices that succeeded. */
export const Rate = z
  .object({
    maxPerMinute: z.number().int().min(1).max(100_000).nullable().default(null),
    exponential: z
      .object({
        basePerMinute: z.number().int().min(1).max(10_000),
        factor: z.number().min(1.1).max(5),
        every: z.number().int().min(1).max(100_000),
      })
      .nullable()
      .default(null),
  })
  .refine((rate) => rate.maxPerMinute !== null || rate.exponential !== null, 'Say a rate: flat, exponential or both.');
export type Rate = z.infer<typeof Rate>;

/**
 * How many devices of one group may be on their way at the same time. A group is the devices of the rollout with the same values of
 * the labels. `minAvailable` counts devices that are reachable and not on their way; at or above the size of a group it is clamped, so
 * that one device at a time may always move.
 */
export const Budget = z
  .object({
    groupBy: z.array(LabelKey).min(1).max(3),
    maxUnavailable: z.number().int().min(1).max(100_000).nullable().default(null),
    minAvailable: z.number().int().min(0).max(100_000).nullable().default(null),
  })
  .refine(
    (budget) => budget.maxUnavailable !== null || budget.minAvailable !== null,
    'Say how many may be unavailable, or how many must be available.',
  );
export type Budget = z.infer<typeof Budget>;

/**
 * Dark devices: how long a wave waits for them, and what then. `skip`: the rollout goes on and ends without them, but tells those that
 * come back before its end. `fail`: they count as errors. `keep-waiting`: the rollout goes on, and stays open until they are back.
 * `notifyDark` tells devices while they are dark: a roll back does, so that a device that comes back weeks later finds it waiting.
 */
export const Offline = z.object({
  waitS: Seconds.default(300),
  andThen: z.enum(['skip', 'fail', 'keep-waiting']).default('skip'),
  notifyDark: z.boolean().default(false),
});

/**
 * A device that failed for now, or ran out of time, is told again `count` times, after a wait that doubles each time. The wait is at
 * least a minute, which is what the rate looks back on.
 */
export const Retries = z.object({
  count: z.number().int().min(0).max(10).default(0),
  backoffS: z.number().int().min(60).max(DAY_S).default(60),
});
export type Retries = z.infer<typeof Retries>;

/** When devices may download, and when they may switch. The server tells nobody while the download window is closed; devices keep to both. */
export const Windows = z.object({
  download: Window.nullable().default(null),
  activate: Window.nullable().default(null),
});

/** The moment at which the rollout must be over, and what happens to one that is not. */
export const MustEndBy = z.object({
  at: Moment,
  andThen: z.enum(['pause', 'abort', 'roll-back']).default('abort'),
});

/** What a plan may say beside its waves. Every field has a default, so that plans of before read as they were meant. */
export const planLimits = {
  /** `continuous` takes in devices that match later: they go through the gates of the last wave. */
  target: z.enum(['snapshot', 'continuous']).default('snapshot'),
  rate: Rate.nullable().default(null),
  /** Devices on their way at the same time. */
  concurrency: z.number().int().min(1).max(100_000).nullable().default(null),
  budget: Budget.nullable().default(null),
  offline: Offline.prefault({}),
  /** From being told to a finished state. While the activation window is closed the clock stands still. */
  timeoutS: z
    .number()
    .int()
    .min(10)
    .max(30 * DAY_S)
    .default(3_600),
  /** In any one step after the device has taken up the release. */
  stepTimeoutS: z
    .number()
    .int()
    .min(10)
    .max(30 * DAY_S)
    .nullable()
    .default(null),
  retries: Retries.prefault({}),
  windows: Windows.prefault({}),
  /** Most bytes per second that one device downloads with. */
  maxBytesPerS: z.number().int().min(1_000).max(1_000_000_000).nullable().default(null),
  /** Once started, the rollout waits for this moment. */
  startsAt: Moment.nullable().default(null),
  mustEndBy: MustEndBy.nullable().default(null),
  /** Another person than the one who planned it must approve it, whatever its devices are. */
  fourEyes: z.boolean().default(false),
};
