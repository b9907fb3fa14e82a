import type { Release } from '@flotilla/protocol';
import type { InferenceSession } from 'onnxruntime-node';

/**
 * What this process may use of its machine. `processors` may be a fraction, as quotas are. `fastCores` are physical cores of the fastest
 * kind.
 */
export type UsableMachine = { processors: number; fastCores: number };

/**
 * By cores that a model may have to itself: `single` has one for everything, `pair` two; a `board` has three or four, and a `host` more.
 */
export const deviceClasses = ['single', 'pair', 'board', 'host'] as const;
export type DeviceClass = (typeof deviceClasses)[number];

/** How a session is made. Everything that ONNX Runtime would choose for a machine of its own is said here. */
export type SessionSettings = {
  threads: number;
  arena: boolean;
  spinning: boolean;
  executionProvider: string;
};

/** More threads share one inference worse and worse: a layer of an edge model is too small to be cut into more pieces. */
const MOST_THREADS = 8;

/** ONNX Runtime splits work into equal parts, so the slowest core decides; what a quota does not give stands still for the rest of its period. */
export function deviceClassOf({ processors, fastCores }: UsableMachine): DeviceClass {
  const cores = usableCores(processors, fastCores);
  if (cores <= 1) return 'single';
  if (cores === 2) return 'pair';
  return cores <= 4 ? 'board' : 'host';
}

const threadsOf: Record<DeviceClass, (cores: number) => number> = {
  single: () => 1,
  pair: () => 1,
  board: (cores) => cores - 1,
  host: (cores) => Math.min(MOST_THREADS, Math.floor(cores / 2)),
};

/**
 * What the release says, and for the rest what suits the device: `agent/docs/onnxruntime.md` has the measured effect of each. Spinning and
 * the arena are off in every class, however much memory there is: the one costs several times the energy, the other keeps the memory of the
 * largest batch for ever, and neither was faster.
 */
export function sessionSettings(machine: UsableMachine, wanted: Release['settings']): SessionSettings {
  const { processors, fastCores } = machine;
  return {
    threads: wanted.threads ?? threadsOf[deviceClassOf(machine)](usableCores(processors, fastCores)),
    arena: wanted.arena ?? false,
    spinning: wanted.spinning ?? false,
    executionProvider: wanted.executionProvider ?? 'cpu',
  };
}

/** The same in ONNX Runtime's words. */
export function sessionOptions(settings: SessionSettings): InferenceSession.SessionOptions {
  const { threads, arena, spinning, executionProvider } = settings;
  return {
    executionProviders: [executionProvider],
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    enableCpuMemArena: arena,
    enableMemPattern: true,
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  };
}

function usableCores(processors: number, fastCores: number): number {
  return Math.max(1, Math.floor(Math.min(processors, fastCores)));
}
