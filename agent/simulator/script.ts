import type { DeviceFacts, ProofMeasure, ProofReport, Release } from '@flotilla/protocol';
import { delay } from '../src/delay.ts';
import { ReasonError } from '../src/reason-error.ts';
import { checkRelease } from '../src/slot/check-release.ts';
import type { WorkPhase } from '../src/slot/inputs.ts';
import { judgeObservation } from '../src/slot/observe.ts';
import type { Progress } from '../src/slot/report.ts';
import type { SlotState } from '../src/slot/state.ts';
import type { Hardware } from './hardware.ts';
import type { Random } from './random.ts';
import type { Scenario } from './scenarios.ts';
import type { Traits } from './traits.ts';

/** How long a step takes on a real board, on the mean. */
const PROVE_MS = 900;
const SWITCH_MS = 120;

/** A download says this often how far it is. */
const PROGRESS_STEPS = 8;

/** Enough inferences for the agent's own judgement of an observation. */
const WATCHED_INFERENCES = 1_000;

export type ScriptPorts = {
  scenario: Scenario;
  traits: Traits;
  hardware: Hardware;
  facts: DeviceFacts;
  random: Random;
  isNew: (release: Release) => boolean;
  isOnline: () => boolean;
  /** Digests that are on the device already. */
  held: Set<string>;
  /** The agent dies. */
  die: () => void;
  now: () => number;
};

type Context = { release: Release; state: SlotState; signal: AbortSignal; onProgress: (progress: Progress) => void };
type Job = (ports: ScriptPorts, context: Context) => Promise<ProofReport | undefined>;

/** What takes the place of downloads, runners and sensors: each phase's time, and the failures that the scenario asks for. */
const jobs: Record<WorkPhase, Job> = {
  async accepted({ facts }, { release }) {
    checkRelease(release, facts);
    return undefined;
  },
  async downloading({ held, traits, isOnline }, { release, signal, onProgress }) {
    const missing = release.files.filter(({ sha256 }) => !held.has(sha256));
    const totalBytes = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (let step = 1; totalBytes > 0 && step <= PROGRESS_STEPS; step += 1) {
      await delay(((totalBytes / traits.linkBytesPerS) * 1000) / PROGRESS_STEPS, signal);
      if (signal.aborted) return undefined;
      if (!isOnline()) throw new ReasonError('download.network', 'the connection broke');
      onProgress({ bytes: Math.round((totalBytes * step) / PROGRESS_STEPS), totalBytes });
    }
    for (const { sha256 } of missing) held.add(sha256);
    return undefined;
  },
  async verifying() {
    return undefined;
  },
  async staging() {
    return undefined;
  },
  async proving(ports, { release, state, signal }) {
    await spend(PROVE_MS, ports, signal);
    const proof = proofOf(ports, release, state);
    if (!ports.traits.isFailing || !ports.isNew(release)) return proof;
    throw new ReasonError('proof.golden', 'golden case 2 differs by 0.31, allowed are 0.001', { proof });
  },
  async switching(ports, { signal }) {
    await spend(SWITCH_MS, ports, signal);
    return undefined;
  },
  async observing(ports, { release, state, signal }) {
    const isFatal = ports.traits.isCrashing && ports.isNew(release);
    const watchMs = release.observe.seconds * 1000 * (isFatal ? ports.random() : 1);
    await delay(Math.max(0, state.since + watchMs - ports.now()), signal);
    if (signal.aborted) return undefined;
    if (isFatal) {
      ports.die();
      await delay(2 ** 31 - 1, signal);
      return undefined;
    }
    const failures = ports.isNew(release) ? Math.round(WATCHED_INFERENCES * ports.scenario.errorRate) : 0;
    judgeObservation({ crashes: 0, totals: { inferences: WATCHED_INFERENCES - failures, failures } }, release.observe);
    return undefined;
  },
  async reverting(ports, { signal }) {
    await spend(SWITCH_MS, ports, signal);
    return undefined;
  },
};

/** The work of a slot's phases, as the agent's controller wants it. */
export function createScriptedWork(ports: ScriptPorts) {
  return async (phase: WorkPhase, state: SlotState, signal: AbortSignal, onProgress: (progress: Progress) => void) => {
    if (!state.target) throw new ReasonError('release.malformed', 'no release to work on');
    return await jobs[phase](ports, { release: state.target.release, state, signal, onProgress });
  };
}

async function spend(meanMs: number, { scenario, random }: ScriptPorts, signal: AbortSignal): Promise<void> {
  const ms = meanMs * scenario.pace * (0.5 + random());
  if (ms > 0) await delay(ms, signal);
}

function proofOf(ports: ScriptPorts, release: Release, { serving }: SlotState): ProofReport {
  return {
    candidate: measureOf(ports, ports.isNew(release)),
    ...(serving && { running: measureOf(ports, ports.isNew(serving.release)) }),
    powerSource: ports.hardware.powerSource,
  };
}

function measureOf({ scenario, traits, hardware, random }: ScriptPorts, isNew: boolean): ProofMeasure {
  const slower = traits.latencyFactor * (isNew ? scenario.latencyFactor : 1) * (0.98 + 0.04 * random());
  return {
    runs: 50,
    latencyP50Ms: hardware.latencyMs * slower,
    latencyP95Ms: hardware.latencyMs * slower * 1.5,
    rssBytes: 90 * 2 ** 20,
    energyMj: hardware.energyMj * traits.powerFactor * (isNew ? scenario.energyFactor : 1),
    goldenCases: 8,
    goldenMaxDifference: 0,
  };
}
