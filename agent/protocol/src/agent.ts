import * as z from 'zod';
import { MAX_AGENT_PACKAGE_BYTES, MAX_AGENT_PLATFORMS } from './limits.ts';
import { Sha256, Uuid } from './primitives.ts';

/** A version and its build, `0.1.0+3f2a9c04d1e7`: two agents of other content never have the same. */
export const AgentVersion = z
  .string()
  .max(63)
  .regex(/^[0-9A-Za-z][0-9A-Za-z.+-]*$/, 'must be a version');

/** An archive as `install.sh` unpacks it. `unpackedBytes` is what its files take together, and no more is unpacked. */
export const AgentPackage = z.looseObject({
  sha256: Sha256,
  sizeBytes: z.number().int().min(1).max(MAX_AGENT_PACKAGE_BYTES),
  unpackedBytes: z.number().int().min(1).max(MAX_AGENT_PACKAGE_BYTES),
});
export type AgentPackage = z.infer<typeof AgentPackage>;

/** By platform, as `process.platform` and `process.arch` name it: `linux-x64`. */
export const AgentPackages = z
  .record(z.string().regex(/^[a-z0-9]{1,16}-[a-z0-9]{1,16}$/, 'must be a platform'), AgentPackage)
  .refine((packages) => Object.keys(packages).length <= MAX_AGENT_PLATFORMS, 'too many platforms');
export type AgentPackages = z.infer<typeof AgentPackages>;

/** Seconds that a new agent has to confirm itself, unless the order says otherwise. */
export const DEFAULT_CONFIRM_WITHIN_S = 300;

/**
 * Seconds for which a new agent must serve and hold its connection without a break before it is confirmed, unless the order says otherwise:
 * four windows of telemetry, and time for what fails on a timer rather than at the start.
 */
export const DEFAULT_STABLE_S = 60;

/** A new agent is watched for a day at most. */
export const MAX_STABLE_S = 86_400;

/**
 * The agent that a device shall run; absent: the one that it runs. What failed for good is not tried again under the same `order`.
 */
export const DesiredAgent = z.looseObject({
  order: Uuid,
  version: AgentVersion,
  packages: AgentPackages,
  confirmWithinS: z.number().int().min(5).max(86_400).optional(),
  stableS: z.number().int().min(0).max(MAX_STABLE_S).optional(),
});
export type DesiredAgent = z.infer<typeof DesiredAgent>;
