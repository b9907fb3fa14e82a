import * as z from 'zod';
import { MAX_COMPANIONS, MAX_CONTAINER_ENV, MAX_RELEASE_FILES } from './limits.ts';
import { Quantity, Sha256, SlotName, Uuid } from './primitives.ts';

/** A file name inside a release: relative, forward slashes, no `..`, no hidden part, so that it can never leave its folder. */
export const ReleasePath = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/, 'must be a relative path without ".."');

export const fileRoles = ['model', 'external-data', 'labels', 'golden', 'reference'] as const;

export const ReleaseFile = z.looseObject({
  path: ReleasePath,
  sha256: Sha256,
  sizeBytes: z.number().int().min(0),
  role: z.enum(fileRoles),
});
export type ReleaseFile = z.infer<typeof ReleaseFile>;

/** An image by digest: `host[:port]/repository@sha256:<64 hex digits>`. */
const ImageByDigest = z
  .string()
  .max(512)
  .regex(/@sha256:[0-9a-f]{64}$/, 'must name the image by digest');

const EnvName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be a name of an environment variable');

/** What one container may have of the device. `devices` are `/dev/…` nodes, or CDI names as `nvidia.com/gpu=all`. */
const ContainerLimits = {
  args: z.array(z.string().max(1000)).max(64).optional(),
  memoryMb: z.number().int().min(16),
  cpus: z.number().min(0.05),
  devices: z.array(z.string().max(200)).max(16).optional(),
};

/** Later additions of version 1: absent means none, and no rights. `user` is `uid` or `uid:gid`; root only when it says `0`. */
const ContainerExtras = {
  env: z
    .record(EnvName, z.string().max(4_000))
    .refine((env) => Object.keys(env).length <= MAX_CONTAINER_ENV, 'too many variables')
    .optional(),
  user: z
    .string()
    .regex(/^\d{1,9}(:\d{1,9})?$/, 'must be a numeric uid or uid:gid')
    .optional(),
};

/**
 * Runs beside the release's container, on its network, for as long as it does: what grabs frames of a camera, say. With `backend` it
 * is a server that the release's container asks in its turn: it has the model too, and runs for the proof as well.
 */
export const ReleaseCompanion = z.looseObject({
  name: SlotName,
  image: ImageByDigest,
  ...ContainerLimits,
  ...ContainerExtras,
  backend: z.boolean().optional(),
});
export type ReleaseCompanion = z.infer<typeof ReleaseCompanion>;

/**
 * `port` is where the image serves OIP v2 over HTTP (default 8000). `outbound` lets the containers of this release open
 * connections to other machines.
 */
export const ReleaseRuntime = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('process') }),
  z.looseObject({
    kind: z.literal('container'),
    image: ImageByDigest,
    ...ContainerLimits,
    ...ContainerExtras,
    port: z.number().int().min(1).max(65_535).optional(),
    outbound: z.boolean().optional(),
    companions: z.array(ReleaseCompanion).max(MAX_COMPANIONS).optional(),
  }),
]);
export type ContainerRuntime = Extract<z.infer<typeof ReleaseRuntime>, { kind: 'container' }>;

/**
 * How ONNX Runtime is used. What is absent is chosen on the device, by what it is. `arena` and `spinning` are ONNX Runtime's memory arena
 * and its busy-waiting threads.
 */
export const ReleaseSettings = z.looseObject({
  threads: z.number().int().min(1).max(64).optional(),
  executionProvider: z.string().max(64).optional(),
  arena: z.boolean().optional(),
  spinning: z.boolean().optional(),
});

/**
 * Where the runner's inputs come from. `synthetic` runs the built-in simulation of a rotating machine, with labels; each
 * device seeds it with its own id. `folder` reads `*.json` files of OIP tensors; `http` waits for requests.
 */
export const ReleaseInput = z.discriminatedUnion('source', [
  z.looseObject({ source: z.literal('http') }),
  z.looseObject({
    source: z.literal('folder'),
    path: z.string().min(1).max(1000),
    ratePerS: z.number().min(0.01).max(1000).default(1),
  }),
  z.looseObject({
    source: z.literal('synthetic'),
    generator: z.literal('vibration'),
    ratePerS: z.number().min(0.1).max(1000).default(20),
    speedRpm: z.number().min(600).max(6_000).default(1800),
    noise: z.number().min(0).max(5).default(0.25),
    drift: z.number().min(0).max(1).default(0),
  }),
]);
export type ReleaseInput = z.infer<typeof ReleaseInput>;

/** What a device checks before it serves. `tolerance` is the largest absolute difference of an output element from its golden value. */
export const ReleaseProof = z.looseObject({
  tolerance: z.number().min(0).default(0.001),
  runs: z.number().int().min(1).max(10_000).default(100),
  maxLatencyP95Ms: Quantity.optional(),
  maxRssMb: Quantity.optional(),
  maxEnergyMj: Quantity.optional(),
  minAccuracy: z.number().min(0).max(1).optional(),
});

/** How long, and against what, a device watches a release after the switch before it calls it active. */
export const ReleaseObserve = z.looseObject({
  seconds: z.number().int().min(0).max(86_400).default(10),
  maxErrorRate: z.number().min(0).max(1).default(0.05),
  maxCrashes: z.number().int().min(0).max(1000).default(0),
  /** Of whole requests: waiting in the queue counts. Absent: latency is not judged. */
  maxLatencyP95Ms: Quantity.optional(),
});

/** What a device runs in a slot. Immutable: the same content has the same id. */
export const Release = z.looseObject({
  id: Uuid,
  model: z.looseObject({
    name: z.string().max(128),
    version: z.string().max(64),
    sha256: Sha256,
    opset: z.number().int().min(1).optional(),
  }),
  files: z.array(ReleaseFile).min(1).max(MAX_RELEASE_FILES),
  runtime: ReleaseRuntime,
  settings: ReleaseSettings,
  input: ReleaseInput,
  proof: ReleaseProof,
  observe: ReleaseObserve,
});
export type Release = z.infer<typeof Release>;
