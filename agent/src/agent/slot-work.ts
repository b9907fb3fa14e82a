import type { DeviceFacts, ProofReport, Release } from '@flotilla/protocol';
import type { Images } from '../container/image/images.ts';
import { type ProvePorts, prove, roomForTwo } from '../proof/prove.ts';
import { ReasonError } from '../reason-error.ts';
import type { SlotService } from '../serving/slot-service.ts';
import { checkRelease } from '../slot/check-release.ts';
import type { WorkPhase } from '../slot/inputs.ts';
import { observe } from '../slot/observe.ts';
import type { Progress } from '../slot/report.ts';
import type { SlotState } from '../slot/state.ts';
import { checkWindows, paceOf } from '../slot/windows.ts';
import type { FileSystem } from '../state/file-system.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import type { DownloadPorts } from '../store/download.ts';
import { distinct, downloadRelease } from '../store/download-release.ts';
import { Pace } from '../store/pace.ts';
import { stage } from '../store/stage.ts';
import { withinWindow } from './download-window.ts';

export type SlotWorkPorts = ProvePorts &
  Pick<DownloadPorts, 'open' | 'slowest'> & {
    fs: FileSystem;
    /** Absent where nothing runs in containers. */
    images?: Pick<Images, 'missing' | 'load' | 'roomFor'>;
    store: ArtifactStore;
    service: SlotService;
    facts: () => DeviceFacts;
    /** Has a container engine answered in this life of the agent? */
    isEngineKnown?: () => boolean;
    freeBytes: () => Promise<number>;
    prune: () => Promise<void>;
    now: () => number;
  };

type Context = { release: Release; state: SlotState; signal: AbortSignal; onProgress: (progress: Progress) => void };
type Job = (ports: SlotWorkPorts, context: Context) => Promise<ProofReport | undefined>;

/** One job a phase. Each may be cut at any point and be run again from its start. */
const jobs: Record<WorkPhase, Job> = {
  async accepted({ service, facts, isEngineKnown }, { release, state }) {
    await service.discardCandidate();
    checkRelease(release, facts(), isEngineKnown?.());
    checkWindows(state);
  },
  async downloading(ports, { release, state, signal, onProgress }) {
    await ports.prune();
    const blobs = (await ports.images?.missing(release, signal)) ?? [];
    const unpackedBytes = ports.images?.roomFor(blobs) ?? 0;
    const items = [...release.files, ...blobs];
    await withinWindow(state, ports, items, signal, async (signalOfWindow) => {
      const paced = { ...ports, pace: new Pace(paceOf(state)) };
      await downloadRelease(paced, items, signalOfWindow, onProgress, unpackedBytes);
    });
  },
  async verifying({ store, images }, { release, signal }) {
    const blobs = (await images?.missing(release, signal)) ?? [];
    for (const file of distinct([...release.files, ...blobs])) {
      signal.throwIfAborted();
      await store.verify(file);
    }
  },
  async staging({ fs, store, images, stagedDir }, { release, signal }) {
    await stage(fs, store, release, stagedDir(release.id));
    await images?.load(release, signal);
  },
  async proving(ports, { release, signal }) {
    return await prove(ports, release, signal);
  },
  async switching({ service }, { release }) {
    await service.switchTo(release);
    service.resetCrashes();
  },
  async observing({ service, now }, { release, state, signal }) {
    const watch = async () => {
      const totals = (await service.current?.totals().catch(() => null)) ?? null;
      return { crashes: service.crashes, totals };
    };
    await observe(release, state.since + release.observe.seconds * 1000, { watch, now }, signal);
  },
  async reverting(ports, { state }) {
    const { service } = ports;
    if (!state.good) throw new ReasonError('runner.start', 'there is no version to go back to');
    if (service.current?.release.id === state.good.release.id) return;
    const room = await roomForTwo(ports, state.good.release, state.proof?.running?.rssBytes);
    if (!room.isEnough) await service.pause();
    await service.switchTo(state.good.release);
  },
};

/** The work of a slot's phases, as the controller wants it. */
export function createSlotWork(ports: SlotWorkPorts) {
  return async (phase: WorkPhase, state: SlotState, signal: AbortSignal, onProgress: (progress: Progress) => void) => {
    if (!state.target) throw new ReasonError('release.malformed', 'no release to work on');
    return await jobs[phase](ports, { release: state.target.release, state, signal, onProgress });
  };
}
