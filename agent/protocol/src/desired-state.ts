import * as z from 'zod';
import { DesiredAgent } from './agent.ts';
import { DEFAULT_WINDOW_S, MAX_SLOTS } from './limits.ts';
import { EpochMs, SlotName, Uuid } from './primitives.ts';
import { Release } from './release.ts';
import { MAX_PREDICTIONS_PER_WINDOW } from './telemetry.ts';

/** A time that comes again: a cron pattern of five fields in an IANA time zone, and how long it lasts from there. */
export const DesiredWindow = z.looseObject({
  cron: z.string().max(100),
  timeZone: z.string().max(64),
  minutes: z.number().int().min(1).max(1_440),
});
export type DesiredWindow = z.infer<typeof DesiredWindow>;

/**
 * `null` in a slot means: run nothing there. `download` and `activate` say when the device may fetch, and when it may switch; absent or
 * `now` means at once. Going back to what was good waits for no window.
 */
export const DesiredSlot = z.looseObject({
  deployment: Uuid,
  release: Release,
  download: z
    .union([
      z.literal('now'),
      z.looseObject({ window: DesiredWindow.optional(), maxBytesPerS: z.number().int().min(1).optional() }),
    ])
    .optional(),
  activate: z.union([z.literal('now'), z.looseObject({ window: DesiredWindow })]).optional(),
});
export type DesiredSlot = z.infer<typeof DesiredSlot>;

/**
 * Which answers a device reports one by one, for labels that come later: this share of all of them, and all below a confidence, up to a
 * number a window. Absent: none.
 */
export const PredictionSampling = z.looseObject({
  share: z.number().min(0).max(1),
  lowConfidenceBelow: z.number().min(0).max(1).optional(),
  maxPerWindow: z.number().int().min(1).max(MAX_PREDICTIONS_PER_WINDOW),
});
export type PredictionSampling = z.infer<typeof PredictionSampling>;

/** There only when the organization allows that inputs are kept: a device refuses to capture without it. */
export const CapturePolicy = z.looseObject({ maxSamples: z.number().int().min(1).max(10_000) });
export type CapturePolicy = z.infer<typeof CapturePolicy>;

/** A key that may sign documents for a device: an Ed25519 public key as JWK, found by `kid`. */
export const TrustedKey = z.looseObject({
  kid: z.string().min(1).max(128),
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().max(64),
});
export type TrustedKey = z.infer<typeof TrustedKey>;

/** The document a device is told to become, signed by the server as a compact JWS (Ed25519). `generation` only grows. */
export const DesiredState = z.looseObject({
  v: z.literal(1),
  deviceId: Uuid,
  generation: z.number().int().min(1),
  issuedAt: EpochMs,
  expiresAt: EpochMs,
  trustedKeys: z.array(TrustedKey).max(8).optional(),
  slots: z
    .record(SlotName, DesiredSlot.nullable())
    .refine((slots) => Object.keys(slots).length <= MAX_SLOTS, 'too many slots'),
  telemetry: z.looseObject({
    windowS: z.number().int().min(1).max(3600).default(DEFAULT_WINDOW_S),
    logLevel: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
    predictions: PredictionSampling.optional(),
    captures: CapturePolicy.optional(),
  }),
  agent: DesiredAgent.optional(),
});
export type DesiredState = z.infer<typeof DesiredState>;
