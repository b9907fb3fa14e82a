import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceFacts, Reason, Release } from '@flotilla/protocol';
import type { Change } from '../change.ts';
import type { Containers } from '../container/containers.ts';
import type { Logger } from '../logger.ts';
import type { ProofPower } from '../proof/prove.ts';
import type { OipEndpoint } from '../serving/endpoint.ts';
import { loadOrderOf } from '../serving/load-order.ts';
import type { Runner } from '../serving/runner.ts';
import { RunnerProcess } from '../serving/runner-process.ts';
import { SlotService } from '../serving/slot-service.ts';
import type { SlotPorts } from '../slot/slot-controller.ts';
import type { EventDraft } from '../spool/spool.ts';
import type { FileSystem } from '../state/file-system.ts';
import type { Layout } from '../state/layout.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import { type OpenArtifact, SLOWEST } from '../store/download.ts';
import { readMemory } from '../telemetry/system/memory.ts';
import { freeDiskBytes } from '../telemetry/system/sample.ts';
import { createSlotWork } from './slot-work.ts';

/** Longest path of a unix socket, with room for the file's own name. */
const MAX_SOCKET_DIR_LENGTH = 85;

export type SlotFactoryPorts = {
  fs: FileSystem;
  layout: Layout;
  store: ArtifactStore;
  endpoint: OipEndpoint;
  containers: Containers;
  runnerEntry: string;
  procfs: string;
  deviceId: string;
  facts: () => DeviceFacts;
  isEngineKnown: () => boolean;
  power: ProofPower;
  openArtifact: OpenArtifact;
  addEvent: (event: EventDraft) => Promise<unknown>;
  isTold: (event: EventDraft) => Promise<boolean>;
  whenCommitted: (signal: AbortSignal) => Promise<void>;
  prune: () => Promise<void>;
  onChange: (change: Change) => void;
  logger: Logger;
  now: () => number;
  random: () => number;
};

/** Makes what one slot needs of the real world. */
export function createSlotFactory(ports: SlotFactoryPorts) {
  const { layout, deviceId, logger, now, random } = ports;
  const socketDir = layout.run.length <= MAX_SOCKET_DIR_LENGTH ? layout.run : mkdtempSync(join(tmpdir(), 'flotilla-'));
  let runners = 0;

  type Launch = { signal: AbortSignal; onTrouble: (reason: Reason) => void };
  async function launch(slot: string, release: Release, { signal, onTrouble }: Launch): Promise<Runner> {
    const { runtime } = release;
    if (runtime.kind === 'container') {
      return await ports.containers.launch(
        { slot, release, stagedDir: layout.staged(slot, release.id), signal, onTrouble },
        runtime,
      );
    }
    const socketPath = join(socketDir, `runner-${process.pid}-${++runners}.sock`);
    const order = loadOrderOf(release, layout.staged(slot, release.id), socketPath, deviceId);
    const runner = new RunnerProcess(ports.runnerEntry, release, socketPath, ports.procfs);
    try {
      await runner.load(order);
      return runner;
    } catch (error) {
      await runner.stop();
      throw error;
    }
  }

  function serviceOf(slot: string): SlotService {
    const onTrouble = (releaseId: string, reason: Reason) => {
      logger.log('warn', `slot ${slot}: ${reason.detail}`, { code: reason.code });
      void ports.addEvent({ at: now(), kind: 'runner', slot, releaseId, reason }).catch(() => {});
    };
    return new SlotService({
      slot,
      endpoint: ports.endpoint,
      launch: (release, signal) =>
        launch(slot, release, { signal, onTrouble: (reason) => onTrouble(release.id, reason) }),
      onTrouble,
      onChange: () => ports.onChange('later'),
      random,
    });
  }

  function portsOf(slot: string, service: SlotService): Omit<SlotPorts, 'slot' | 'journal' | 'prune'> {
    const work = createSlotWork({
      fs: ports.fs,
      store: ports.store,
      images: ports.containers.images,
      service,
      open: ports.openArtifact,
      slowest: SLOWEST,
      stagedDir: (releaseId) => layout.staged(slot, releaseId),
      availableMemoryBytes: async () => (await readMemory(ports.procfs))?.availableBytes ?? null,
      power: ports.power,
      facts: ports.facts,
      isEngineKnown: ports.isEngineKnown,
      freeBytes: async () => (await freeDiskBytes(layout.dir)) ?? Number.POSITIVE_INFINITY,
      prune: ports.prune,
      now,
    });
    const serve: SlotPorts['serve'] = (serving) => service.keepServing(serving?.release ?? null);
    const { addEvent, isTold, whenCommitted, onChange } = ports;
    return { work, serve, addEvent, isTold, whenCommitted, onChange, logger, now, random };
  }

  return { serviceOf, portsOf };
}
