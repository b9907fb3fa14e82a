import { delay } from '../delay.ts';
import { ReasonError } from '../reason-error.ts';
import type { Progress } from '../slot/report.ts';
import type { DownloadPorts } from '../store/download.ts';
import { downloadRelease } from '../store/download-release.ts';
import type { BeforeSwitch, UpgradeWork } from './inputs.ts';
import { markOf, readLaunchNote, writeLaunchNote } from './launch-note.ts';
import { folderOf, isUnpacked, unpackProgram } from './programs.ts';
import { proveAgent } from './prove-agent.ts';
import type { UpgradeState, UpgradeTarget } from './state.ts';

/** Between two looks at whether slots rest, or serve again. */
const LOOK_EVERY_MS = 250;

export type UpgradeWorkPorts = DownloadPorts & {
  /** The agent's own folder, and where its programs lie in it. */
  dataDir: string;
  dir: string;
  /** Was this agent started by a launcher that can take it back? */
  isUpgradable: boolean;
  freeBytes: () => Promise<number>;
  /** Names of the slots that answer now. */
  serving: () => string[];
  isConnected: () => boolean;
  /** Is any slot in the midst of a change that a restart would undo? */
  isChanging: () => boolean;
  /** Resolves when the server has acknowledged every event so far, or when `signal` aborts. */
  whenCommitted: (signal: AbortSignal) => Promise<void>;
  /** Ends this process in good order and has the launcher start what its note says. */
  restart: () => void;
};

type Context = {
  state: UpgradeState;
  target: UpgradeTarget & { package: NonNullable<UpgradeTarget['package']> };
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
};
type Job = (ports: UpgradeWorkPorts, context: Context) => Promise<BeforeSwitch | undefined>;

/** One job a phase. Each may be cut at any point and be run again from its start. */
const jobs: Record<UpgradeWork, Job> = {
  async downloading(ports, { target, signal, onProgress }) {
    if (!ports.isUpgradable) throw new ReasonError('upgrade.unsupported', 'no launcher started it');
    const item = { ...target.package, path: `agent ${target.version}` };
    if (await isUnpacked(programs(ports), target.package.sha256)) return undefined;
    await downloadRelease(ports, [item], signal, onProgress, target.package.unpackedBytes);
    return undefined;
  },
  async verifying(ports, { target }) {
    if (!(await isUnpacked(programs(ports), target.package.sha256))) await ports.store.verify(target.package);
    return undefined;
  },
  async staging(ports, { target, signal }) {
    await unpackProgram(programs(ports), target.package, signal);
    return undefined;
  },
  async proving(ports, { target, signal }) {
    const folder = folderOf(ports.dir, target.package.sha256);
    await proveAgent(ports.fs, { folder, version: target.version, dir: ports.dataDir }, signal);
    while (ports.isChanging() && !signal.aborted) await delay(LOOK_EVERY_MS, signal);
    signal.throwIfAborted();
    return { served: ports.serving(), before: (await readLaunchNote(ports.fs, ports.dir)).confirmed };
  },
  async switching({ fs, dir, restart }, { target, signal }) {
    const { confirmed } = await readLaunchNote(fs, dir);
    const trial = { program: target.package.sha256, starts: 0, seconds: target.confirmWithinS + target.stableS };
    await writeLaunchNote(fs, dir, { confirmed, trial });
    restart();
    return whenAborted(signal);
  },
  async observing(ports, { state, target, signal }) {
    const { fs, dir } = ports;
    const { sha256 } = target.package;
    if (markOf(await readLaunchNote(fs, dir), sha256) === 'none') return undefined;
    const startedMs = performance.now();
    await confirm(ports, state, target.confirmWithinS * 1000, signal);
    await watch(ports, state, { ...target, startedMs }, signal);
    await writeLaunchNote(fs, dir, { confirmed: sha256 });
    return undefined;
  },
  async reverting({ fs, dir, restart }, { signal }) {
    const { confirmed } = await readLaunchNote(fs, dir);
    await writeLaunchNote(fs, dir, { confirmed });
    restart();
    return whenAborted(signal);
  },
};

/** Resolves when the server has answered and every slot that served serves again. @throws ReasonError when the time is over before. */
async function confirm(ports: UpgradeWorkPorts, { served }: UpgradeState, withinMs: number, signal: AbortSignal) {
  const isOver = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  await ports.whenCommitted(isOver);
  signal.throwIfAborted();
  if (isOver.aborted) throw new ReasonError('upgrade.no_server', `no answer within ${withinMs / 1000} s`);
  const missing = () => served.filter((slot) => !ports.serving().includes(slot));
  while (missing().length > 0 && !isOver.aborted) await delay(LOOK_EVERY_MS, isOver);
  signal.throwIfAborted();
  if (missing().length > 0) throw new ReasonError('upgrade.slots', `not served again: ${missing().join(', ')}`);
}

/**
 * Resolves when the agent has served and been connected without a break for as long as it must. A break is mended as a rule (a runner that is
 * started again, a broker that moves), so that the time begins anew; what is broken when all time is over makes it go back.
 * @throws ReasonError
 */
async function watch(
  ports: UpgradeWorkPorts,
  { served }: UpgradeState,
  { startedMs, confirmWithinS, stableS }: UpgradeTarget & { startedMs: number },
  signal: AbortSignal,
): Promise<void> {
  const endMs = startedMs + (confirmWithinS + stableS) * 1000;
  for (let sinceMs = performance.now(); performance.now() - sinceMs < stableS * 1000; ) {
    await delay(LOOK_EVERY_MS, signal);
    signal.throwIfAborted();
    const trouble = troubleOf(ports, served);
    if (!trouble) continue;
    if (performance.now() >= endMs) throw trouble;
    sinceMs = performance.now();
  }
}

function troubleOf({ serving, isConnected }: UpgradeWorkPorts, served: readonly string[]): ReasonError | null {
  const missing = served.filter((slot) => !serving().includes(slot));
  if (missing.length > 0) return new ReasonError('upgrade.slots', `do not keep serving: ${missing.join(', ')}`);
  return isConnected() ? null : new ReasonError('upgrade.no_server', 'the connection does not hold');
}

/** The work of an upgrade's phases, as the upgrader wants it. */
export function createUpgradeWork(ports: UpgradeWorkPorts) {
  return async (
    phase: UpgradeWork,
    state: UpgradeState,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<BeforeSwitch | undefined> => {
    const { target } = state;
    if (!target?.package) throw new ReasonError('upgrade.platform', `${process.platform}-${process.arch}`);
    return await jobs[phase](ports, { state, target: { ...target, package: target.package }, signal, onProgress });
  };
}

const programs = ({ fs, dir, store }: UpgradeWorkPorts) => ({ fs, dir, store });

/** What comes after a restart is another process's. */
function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
