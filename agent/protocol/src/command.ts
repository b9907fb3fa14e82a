import * as z from 'zod';
import { EpochMs, Sha256, SlotName, Uuid } from './primitives.ts';
import { Reason } from './reasons.ts';

export const commandOps = [
  'ping',
  'restart-runner',
  'diagnostics',
  'benchmark',
  'set-log-level',
  'capture',
  'decommission',
] as const;
export type CommandOp = (typeof commandOps)[number];

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;

/** Largest archive that a device hands up. */
export const MAX_ARCHIVE_BYTES = 16 * 1024 * 1024;

/** Largest part of an archive that captured samples may fill before they are compressed. */
const MAX_CAPTURE_BYTES = 12 * 1024 * 1024;

/** Of the slot in service of that name; the only one when absent. */
const Slot = SlotName.optional();

/** What each operation takes. `runs` are inferences; a capture ends with the first of its bounds. */
export const commandArgs = {
  ping: z.looseObject({}),
  'restart-runner': z.looseObject({}),
  diagnostics: z.looseObject({}),
  benchmark: z.looseObject({ slot: Slot, runs: z.number().int().min(1).max(10_000).default(200) }),
  'set-log-level': z.looseObject({
    level: z.enum(logLevels),
    minutes: z.number().int().min(1).max(1_440).default(60),
  }),
  capture: z.looseObject({
    slot: Slot,
    samples: z.number().int().min(1).max(10_000).default(100),
    seconds: z.number().int().min(1).max(3_600).default(300),
    maxBytes: z.number().int().min(1_024).max(MAX_CAPTURE_BYTES).default(MAX_CAPTURE_BYTES),
  }),
  decommission: z.looseObject({}),
} as const satisfies Record<CommandOp, z.ZodType>;

/** Signed like a desired state, and carried out once per id. */
export const Command = z.looseObject({
  id: Uuid,
  deviceId: Uuid,
  op: z.string().max(64),
  args: z.record(z.string(), z.unknown()).default({}),
  issuedAt: EpochMs,
  expiresAt: EpochMs,
});
export type Command = z.infer<typeof Command>;

/** `progress` comes with `running`; `percent` is of the whole operation. */
export const Reply = z.looseObject({
  id: Uuid,
  status: z.enum(['accepted', 'running', 'done', 'failed', 'refused']),
  result: z.unknown().optional(),
  reason: Reason.optional(),
  progress: z.looseObject({ percent: z.number().min(0).max(100), note: z.string().max(200).optional() }).optional(),
});
export type Reply = z.infer<typeof Reply>;

/** Answers `PUT commands/{commandId}/archive`. */
export const ArchiveReceipt = z.looseObject({ sha256: Sha256, sizeBytes: z.number().int().min(0) });
export type ArchiveReceipt = z.infer<typeof ArchiveReceipt>;

/** Lines of one batch. */
export const MAX_LOG_LINES = 100;

/** `suppressed`: lines that the device held back since its last batch, because there were too many. */
export const LogBatch = z.looseObject({
  lines: z
    .array(z.looseObject({ at: EpochMs, level: z.enum(logLevels), message: z.string().max(2000) }))
    .max(MAX_LOG_LINES),
  suppressed: z.number().int().min(0).optional(),
});
export type LogBatch = z.infer<typeof LogBatch>;
