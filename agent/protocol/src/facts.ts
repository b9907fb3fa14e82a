import * as z from 'zod';

const Text = z.string().max(200);

/** What a device is: sent at enrolment and with `reported` when it changed. Feeds compatibility and selectors (`facts.arch=arm64`). */
export const DeviceFacts = z.looseObject({
  hostname: Text,
  board: Text.optional(),
  arch: z.string().max(32),
  os: Text,
  kernel: Text,
  cpuModel: Text,
  cpuCores: z.number().int().min(1).max(4096),
  memoryBytes: z.number().min(0),
  diskBytes: z.number().min(0).optional(),
  agentVersion: z.string().max(64),
  ortVersion: z.string().max(64),
  executionProviders: z.array(z.string().max(64)).max(32),
  maxOpset: z.number().int().min(1).max(1000),
  runtimes: z.array(z.enum(['process', 'container'])).max(8),
  /** Version of the container engine, when one answers. */
  containerEngine: z.string().max(64).optional(),
  /** How a runner of this device uses ONNX Runtime where a release does not say; `class` is the rule behind it. */
  inference: z
    .looseObject({ class: z.string().max(32), threads: z.number().int().min(1).max(64), processors: z.number().min(0) })
    .optional(),
  accelerators: z.array(Text).max(16).optional(),
  powerSource: z.string().max(32).optional(),
  /** Absent where the firmware cannot tell. */
  secureBoot: z.boolean().optional(),
});
export type DeviceFacts = z.infer<typeof DeviceFacts>;
