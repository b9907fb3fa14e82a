import { join } from 'node:path';
import { type DesiredState, MAX_SLOTS, SlotName, type SlotReport } from '@flotilla/protocol';
import type { Images } from '../container/image/images.ts';
import type { Logger } from '../logger.ts';
import { messageOf } from '../logger.ts';
import type { SlotService } from '../serving/slot-service.ts';
import { SlotController, type SlotPorts } from '../slot/slot-controller.ts';
import { emptySlot, SlotState } from '../slot/state.ts';
import type { FileSystem } from '../state/file-system.ts';
import { JsonFile } from '../state/json-file.ts';
import type { Layout } from '../state/layout.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import { pruneStaged } from '../store/stage.ts';

export type SlotsPorts = {
  fs: FileSystem;
  layout: Layout;
  store: ArtifactStore;
  /** Absent where nothing runs in containers. */
  images?: Pick<Images, 'neededBlobs' | 'prune'>;
  /** Files of the store that are somebody else's; absent: none. */
  keptArtifacts?: () => string[];
  logger: Logger;
  now: () => number;
  /** Everything of a slot but its journal. */
  portsOf: (slot: string, service: SlotService) => Omit<SlotPorts, 'slot' | 'journal' | 'prune'>;
  serviceOf: (slot: string) => SlotService;
};
export type SlotEntry = { controller: SlotController; service: SlotService };

/** All slots of this device: those with a journal on disk, and those that a desired state brings. */
export class Slots {
  readonly #ports: SlotsPorts;
  readonly #entries = new Map<string, SlotEntry>();

  constructor(ports: SlotsPorts) {
    this.#ports = ports;
  }

  get entries(): ReadonlyMap<string, SlotEntry> {
    return this.#entries;
  }

  get reports(): Record<string, SlotReport> {
    return Object.fromEntries([...this.#entries].map(([slot, { controller }]) => [slot, controller.report]));
  }

  /** Names of the slots that answer now. */
  get serving(): string[] {
    return [...this.#entries].flatMap(([name, { service }]) => (service.current ? [name] : []));
  }

  /** Is a slot in the midst of a change that would be undone if the agent ended now? */
  get isChanging(): boolean {
    const phases = ['proving', 'switching', 'observing', 'reverting'];
    return [...this.#entries.values()].some(({ controller }) => phases.includes(controller.state.phase));
  }

  /** Brings every journalled slot back to where it was. */
  async start(): Promise<void> {
    const files = await this.#ports.fs.list(this.#ports.layout.slotJournals);
    const names = files.map((file) => file.replace(/\.json$/, '')).filter((name) => SlotName.safeParse(name).success);
    for (const name of names) await this.#open(name);
    await Promise.all([...this.#entries.values()].map(({ controller }) => controller.start()));
  }

  /** A slot that the document does not name stays as it is; one that it names `null` stops. */
  async desire(document: DesiredState): Promise<void> {
    for (const [name, slot] of Object.entries(document.slots)) {
      const entry = this.#entries.get(name) ?? (slot && (await this.#open(name)));
      await entry?.controller.desire(slot);
    }
  }

  /** The container engine answers, and did not before: what waited for it goes on. */
  async able(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ controller }) => controller.able()));
  }

  /** Replaces every runner by a fresh one of the same release, without a gap. Returns how many there were. */
  async restartRunners(): Promise<{ restarted: number }> {
    const running = [...this.#entries.values()].filter(({ service }) => service.current);
    for (const { service } of running) if (service.current) await service.switchTo(service.current.release);
    return { restarted: running.length };
  }

  async stop(): Promise<void> {
    const all = [...this.#entries.values()];
    await Promise.all(all.map(({ controller, service }) => Promise.all([controller.stop(), service.stop()])));
  }

  /** Stops for good: the container engine keeps none of this agent's images either. */
  async leave(): Promise<void> {
    await this.stop();
    await this.#ports.images?.prune([]);
  }

  /** Deletes every artifact and staged folder that no slot serves, served before or is about to serve. */
  async prune(): Promise<void> {
    const { fs, layout, store, images } = this.#ports;
    const releases = [...this.#entries.values()].flatMap(({ controller: { state } }) => [
      state.serving?.release,
      state.good?.release,
      state.before?.release,
      state.target?.release,
      state.next?.release,
    ]);
    const kept = releases.filter((release) => release !== undefined);
    const files = kept.flatMap((release) => release.files.map(({ sha256 }) => sha256));
    await store.prune(
      new Set([...files, ...((await images?.neededBlobs(kept)) ?? []), ...(this.#ports.keptArtifacts?.() ?? [])]),
    );
    await images?.prune(kept);
    const ids = new Set(kept.map(({ id }) => id));
    for (const slot of await fs.list(layout.slots)) await pruneStaged(fs, join(layout.slots, slot), ids);
  }

  async #open(name: string): Promise<SlotEntry | null> {
    const { fs, layout, logger, now } = this.#ports;
    if (this.#entries.size >= MAX_SLOTS) return null;
    const journal = new JsonFile(fs, layout.slotJournal(name), SlotState);
    const found = await journal.load().catch((error: unknown) => {
      logger.log('error', `slot ${name} starts empty: ${messageOf(error)}`);
      return null;
    });
    const service = this.#ports.serviceOf(name);
    const prune = async () => {
      await service.discardCandidate();
      await this.prune();
    };
    const ports = { ...this.#ports.portsOf(name, service), slot: name, journal, prune };
    const entry = { controller: new SlotController(ports, found ?? emptySlot(now())), service };
    this.#entries.set(name, entry);
    return entry;
  }
}
