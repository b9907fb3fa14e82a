import * as z from 'zod';
import { MAX_WINDOWS_PER_MESSAGE } from './limits.ts';
import { BootId, Count, EpochMs, Quantity, Seq, SlotName, Uuid } from './primitives.ts';
import { SketchWire } from './sketch.ts';

export const powerSources = ['ina3221', 'rapl', 'hwmon', 'battery', 'pmic', 'estimate'] as const;
export const PowerSource = z.enum(powerSources);
export type PowerSource = z.infer<typeof PowerSource>;

/** Most classes a confusion matrix may have on the wire. */
const MAX_CLASSES = 64;

/** Row-major counts, `[actual · classes + predicted]`. */
export const Confusion = z
  .looseObject({
    classes: z.number().int().min(2).max(MAX_CLASSES),
    counts: z.array(Count).max(MAX_CLASSES * MAX_CLASSES),
  })
  .refine(({ classes, counts }) => counts.length === classes * classes, 'counts must have classes × classes elements');
export type Confusion = z.infer<typeof Confusion>;

/**
 * One slot's and release's telemetry for a short interval. A value that was not measured is absent, never 0.
 * Latencies in ms: `run` inside ONNX Runtime, `queue` before it, `total` both. `cpuPct` is of the whole machine (0–100).
 */
export const Window = z.looseObject({
  slot: SlotName,
  releaseId: Uuid,
  startMs: EpochMs,
  durationMs: z.number().int().min(1).max(3_600_000),
  /** Milliseconds since the machine booted, at `startMs`: tells a clock that jumped from time that passed. */
  uptimeMs: Count.optional(),
  inferences: Count,
  errors: Count,
  errorCodes: z.record(z.string().max(64), Count).optional(),
  latencyMs: z.looseObject({ run: SketchWire, total: SketchWire.optional(), queue: SketchWire.optional() }),
  energyJ: Quantity.optional(),
  idleEnergyJ: Quantity.optional(),
  powerW: Quantity.optional(),
  powerSource: PowerSource.optional(),
  cpuPct: z.number().min(0).max(100).optional(),
  rssBytes: Quantity.optional(),
  runnerRssBytes: Quantity.optional(),
  memoryUsedBytes: Quantity.optional(),
  tempC: z.number().min(-100).max(250).optional(),
  throttled: z.boolean().optional(),
  batteryPct: z.number().min(0).max(100).optional(),
  diskFreeBytes: Quantity.optional(),
  outputs: z
    .looseObject({
      classCounts: z.array(Count).max(MAX_CLASSES).optional(),
      confidence: z.array(Count).length(20).optional(),
      meanEntropy: Quantity.optional(),
    })
    .optional(),
  labelled: z
    .looseObject({
      n: Count,
      correct: Count.optional(),
      confusion: Confusion.optional(),
      absErrorSum: Quantity.optional(),
      sqErrorSum: Quantity.optional(),
    })
    .optional(),
});
export type Window = z.infer<typeof Window>;

/** `dropped`: windows this boot lost so far because the spool was full. */
export const Telemetry = z.looseObject({
  boot: BootId,
  seq: Seq,
  /** Lowest sequence number of this boot the device still holds. */
  oldestSeq: Seq,
  sentAt: EpochMs,
  dropped: Count.optional(),
  windows: z.array(Window).max(MAX_WINDOWS_PER_MESSAGE),
});
export type Telemetry = z.infer<typeof Telemetry>;

/** What the server has committed to its database: everything up to and including these numbers, of this boot. */
export const Ack = z.looseObject({ boot: BootId, telemetrySeq: Count, eventSeq: Count });
export type Ack = z.infer<typeof Ack>;
