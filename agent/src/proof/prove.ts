import type { HandOver, handOverSteps, ProofReport, Release } from '@flotilla/protocol';
import { memoryOf } from '../container/check-container.ts';
import type { BenchmarkOrder, BenchmarkResult } from '../runner/contract.ts';
import { pathOfRole } from '../serving/load-order.ts';
import type { Runner } from '../serving/runner.ts';
import type { SlotService } from '../serving/slot-service.ts';
import { judgeProof, measureOf } from './judge.ts';

/** Labelled inputs for the accuracy of a release with a synthetic source: ± 5 points at 95 %, a second of work. */
const ACCURACY_SAMPLES = 400;

/** A sensor that is read once a second needs this long. */
const SENSOR_DURATION_MS = 1_200;

/** What stays free beside two runners. */
const MEMORY_RESERVE_BYTES = 64 * 1024 * 1024;

export type ProofPower = {
  source: string;
  /** Joules that `run` used, as far as the source can tell. */
  measure: <T extends { cpuMs: number; durationMs: number }>(
    run: () => Promise<T>,
  ) => Promise<{ result: T; joules?: number }>;
};

export type ProvePorts = {
  service: SlotService;
  stagedDir: (releaseId: string) => string;
  availableMemoryBytes: () => Promise<number | null>;
  power: ProofPower;
  now: () => number;
};

/**
 * Measures a release on this device before it serves, and the one in service the same way on the same inputs. Where memory
 * allows, both run side by side; else the one in service pauses. Throws the reason when the release fails; then, or when
 * `signal` aborts, the one in service serves as before.
 */
export async function prove(ports: ProvePorts, release: Release, signal: AbortSignal): Promise<ProofReport> {
  const { service } = ports;
  const running = service.current;
  const order = orderFor(ports, release);
  let isPaused = false;
  try {
    const runningSide = running && (await measureRunning(ports, running, order));
    const room = await roomForTwo(ports, release, runningSide?.rssBytes);
    isPaused = running !== null && !room.isEnough;
    const steps: HandOver['steps'] = [];
    const took = (step: (typeof handOverSteps)[number]) => void steps.push({ step, at: ports.now() });
    if (isPaused) {
      took('endpoint-closed');
      await service.pause();
      took('old-stopped');
    }
    const candidate = await service.startCandidate(release);
    took('candidate-started');
    signal.throwIfAborted();
    signal.addEventListener('abort', () => void service.discardCandidate(), { once: true });
    const { result, joules } = await ports.power.measure(() => candidate.benchmark(order));
    took('candidate-proved');
    const { golden } = result;
    const report: ProofReport = {
      candidate: measureOf(result, golden, energyMjOf(joules, result)),
      ...(runningSide && { running: runningSide }),
      ...(joules !== undefined && { powerSource: ports.power.source }),
      ...(running && { handOver: isPaused ? { ...room.figures, kind: 'stop-start', steps } : { kind: 'beside' } }),
    };
    judgeProof(report, golden?.mismatch, release.proof);
    signal.throwIfAborted();
    return report;
  } catch (error) {
    await service.discardCandidate();
    if (isPaused && running) await service.keepServing(running.release);
    throw error;
  }
}

function orderFor({ stagedDir, power }: ProvePorts, release: Release): BenchmarkOrder {
  const goldenPath = pathOfRole(release, 'golden', stagedDir(release.id));
  return {
    ...(goldenPath && { goldenPath }),
    runs: release.proof.runs,
    minDurationMs: power.source === 'estimate' ? 0 : SENSOR_DURATION_MS,
    accuracySamples: release.input.source === 'synthetic' ? ACCURACY_SAMPLES : 0,
  };
}

/** Nothing when the version in service does not take the candidate's inputs: then there is nothing to compare. */
async function measureRunning({ power }: ProvePorts, running: Runner, order: BenchmarkOrder) {
  try {
    const { result, joules } = await power.measure(() => running.benchmark(order));
    return measureOf(result, undefined, energyMjOf(joules, result));
  } catch {
    return undefined;
  }
}

/** May this release run beside the one in service? A container may use all of its limit; a process is taken to need what the one in service does. */
export async function roomForTwo(
  ports: Pick<ProvePorts, 'availableMemoryBytes'>,
  { runtime }: Release,
  runningRssBytes: number | undefined,
): Promise<{ isEnough: boolean; figures: { neededBytes: number; availableBytes?: number } }> {
  const availableBytes = await ports.availableMemoryBytes();
  const neededBytes =
    MEMORY_RESERVE_BYTES + (runtime.kind === 'container' ? memoryOf(runtime) : (runningRssBytes ?? 0));
  if (availableBytes === null) return { isEnough: true, figures: { neededBytes } };
  return { isEnough: availableBytes >= neededBytes, figures: { neededBytes, availableBytes } };
}

function energyMjOf(joules: number | undefined, { runs }: BenchmarkResult): number | undefined {
  return joules === undefined || runs === 0 ? undefined : (joules * 1000) / runs;
}
