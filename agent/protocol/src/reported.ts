import * as z from 'zod';
import { DeviceFacts } from './facts.ts';
import { MAX_SLOTS } from './limits.ts';
import { Count, EpochMs, Quantity, Sha256, SlotName, Uuid } from './primitives.ts';
import { Reason } from './reasons.ts';

/** The steps of one slot, in order; the last four are where a way can end or turn. */
export const phases = [
  'idle',
  'accepted',
  'downloading',
  'verifying',
  'staging',
  'proving',
  'switching',
  'observing',
  'active',
  'failed',
  'reverting',
  'reverted',
  'superseded',
] as const;
export const Phase = z.enum(phases);
export type Phase = z.infer<typeof Phase>;

/** One side of a proof: what a version measured on this device. Absent means not measured. */
export const ProofMeasure = z.looseObject({
  runs: Count,
  latencyP50Ms: Quantity.optional(),
  latencyP95Ms: Quantity.optional(),
  rssBytes: Quantity.optional(),
  energyMj: Quantity.optional(),
  goldenCases: Count.optional(),
  goldenMaxDifference: Quantity.optional(),
  accuracy: z.number().min(0).max(1).optional(),
});
export type ProofMeasure = z.infer<typeof ProofMeasure>;

/**
 * How a candidate was proved while a version was in service: `beside` it, which answers all the while; or `stop-start`, for want of
 * memory, with what was done in which order. From `endpoint-closed` on nobody is answered until the candidate serves.
 */
export const HandOver = z.looseObject({
  kind: z.enum(['beside', 'stop-start']),
  neededBytes: Quantity.optional(),
  availableBytes: Quantity.optional(),
  steps: z
    .array(z.looseObject({ step: z.string().max(32), at: EpochMs }))
    .max(16)
    .optional(),
});
export type HandOver = z.infer<typeof HandOver>;

/** In the order in which an agent takes them. */
export const handOverSteps = ['endpoint-closed', 'old-stopped', 'candidate-started', 'candidate-proved'] as const;

/** The evidence of a proof: the candidate, and the version in service measured beside it when there was one. */
export const ProofReport = z.looseObject({
  candidate: ProofMeasure,
  running: ProofMeasure.optional(),
  powerSource: z.string().max(32).optional(),
  /** Absent when nothing was in service. */
  handOver: HandOver.optional(),
});
export type ProofReport = z.infer<typeof ProofReport>;

export const ServedRelease = z.looseObject({
  releaseId: Uuid,
  deployment: Uuid.optional(),
  modelName: z.string().max(128),
  modelVersion: z.string().max(64),
  sha256: Sha256,
  since: EpochMs,
});
export type ServedRelease = z.infer<typeof ServedRelease>;

/** Where one slot stands: `serving` is what answers now, `deployment` and `releaseId` what the phase is about. */
export const SlotReport = z.looseObject({
  phase: Phase,
  since: EpochMs,
  deployment: Uuid.optional(),
  releaseId: Uuid.optional(),
  serving: ServedRelease.optional(),
  progress: z.looseObject({ bytes: Count, totalBytes: Count }).optional(),
  reason: Reason.optional(),
  proof: ProofReport.optional(),
  attempts: Count.optional(),
});
export type SlotReport = z.infer<typeof SlotReport>;

/**
 * The agent itself: its version, and where an upgrade to `target` stands, in the phases of a slot. An agent that was not started by a
 * launcher is not `isUpgradable`: there is nobody to take it back.
 */
export const AgentReport = z.looseObject({
  version: z.string().max(64),
  isUpgradable: z.boolean(),
  phase: Phase.optional(),
  since: EpochMs.optional(),
  order: Uuid.optional(),
  target: z.string().max(64).optional(),
  progress: z.looseObject({ bytes: Count, totalBytes: Count }).optional(),
  attempts: Count.optional(),
  reason: Reason.optional(),
});
export type AgentReport = z.infer<typeof AgentReport>;

/** `rev` grows with every report of one session; an older pair (session, rev) that arrives late is ignored. */
export const Reported = z.looseObject({
  session: Count,
  rev: Count,
  generation: Count,
  slots: z.record(SlotName, SlotReport).refine((slots) => Object.keys(slots).length <= MAX_SLOTS, 'too many slots'),
  facts: DeviceFacts.optional(),
  agent: AgentReport.optional(),
});
export type Reported = z.infer<typeof Reported>;

/** Birth and last will. A will whose `session` is not the newest birth is ignored. */
export const Session = z.looseObject({
  online: z.boolean(),
  session: Count,
  boot: Uuid,
  agentVersion: z.string().max(64),
  protocol: z.number().int(),
  at: EpochMs,
});
export type Session = z.infer<typeof Session>;
