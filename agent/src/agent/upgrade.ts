import { messageOf } from '../logger.ts';
import type { SlotPorts } from '../slot/slot-controller.ts';
import type { FileSystem } from '../state/file-system.ts';
import { JsonFile } from '../state/json-file.ts';
import type { Layout } from '../state/layout.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import { type OpenArtifact, SLOWEST } from '../store/download.ts';
import { freeDiskBytes } from '../telemetry/system/sample.ts';
import { markOf, readLaunchNote, writeLaunchNote } from '../upgrade/launch-note.ts';
import { prunePrograms } from '../upgrade/programs.ts';
import { noUpgrade, UpgradeState } from '../upgrade/state.ts';
import { Upgrader } from '../upgrade/upgrader.ts';
import { createUpgradeWork } from '../upgrade/work.ts';
import type { AgentOptions } from './options.ts';
import type { Slots } from './slots.ts';

type Ports = Pick<SlotPorts, 'addEvent' | 'isTold' | 'whenCommitted' | 'onChange'> & {
  store: ArtifactStore;
  /** What an earlier life of either agent left. */
  state: UpgradeState;
  slots: () => Slots;
  isConnected: () => boolean;
  openArtifact: OpenArtifact;
  restart: () => void;
};

/** What the journal holds; damage means that nothing is known of an upgrade, and the launcher's note decides alone. */
export async function openUpgrade({
  fs,
  layout,
  logger,
  now,
}: Pick<AgentOptions, 'fs' | 'layout' | 'logger' | 'now'>): Promise<UpgradeState> {
  const found = await upgradeFile(fs, layout)
    .load()
    .catch((error: unknown) => void logger.log('error', `nothing is known of an upgrade: ${messageOf(error)}`));
  return found ?? noUpgrade(now());
}

export function upgradeFile(fs: FileSystem, layout: Layout): JsonFile<UpgradeState> {
  return new JsonFile(fs, layout.upgrade, UpgradeState);
}

/** Files of the store that an upgrade still needs. */
export function neededPackage({ phase, target }: UpgradeState): string[] {
  const isNeeded = phase === 'downloading' || phase === 'verifying' || phase === 'staging' || phase === 'failed';
  return isNeeded && target?.package ? [target.package.sha256] : [];
}

/** Makes what the agent's own upgrade needs of the real world. */
export function createUpgrader(options: AgentOptions, ports: Ports): Upgrader {
  const { fs, layout, logger, now, random, version, isUpgradable } = options;
  const { store, slots, isConnected, openArtifact, restart, addEvent, isTold, whenCommitted, onChange } = ports;
  const dir = layout.programs;
  const work = createUpgradeWork({
    fs,
    store,
    open: openArtifact,
    slowest: SLOWEST,
    dataDir: layout.dir,
    dir,
    isUpgradable,
    freeBytes: async () => (await freeDiskBytes(layout.dir)) ?? Number.POSITIVE_INFINITY,
    serving: () => slots().serving,
    isConnected,
    isChanging: () => slots().isChanging,
    whenCommitted,
    restart,
  });
  const prune = async (state: UpgradeState) => {
    const note = await readLaunchNote(fs, dir);
    const isOnTrial = ['switching', 'observing', 'reverting'].includes(state.phase);
    if (note.trial && !isOnTrial) await writeLaunchNote(fs, dir, { confirmed: note.confirmed });
    const isTriedAgain = state.reason?.retry === 'later';
    await prunePrograms({ fs, dir, store }, [state.before, isTriedAgain ? state.target?.package?.sha256 : undefined]);
    await slots().prune();
  };
  return new Upgrader(
    {
      version,
      isUpgradable,
      journal: upgradeFile(fs, layout),
      markOf: async (program) => markOf(await readLaunchNote(fs, dir), program),
      work,
      prune,
      addEvent,
      isTold,
      whenCommitted,
      onChange,
      logger,
      now,
      random,
    },
    ports.state,
  );
}
