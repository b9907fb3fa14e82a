import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { DesiredState, Release } from '@flotilla/protocol';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { beforeAll, beforeEach, expect } from 'vitest';
import { Inbox } from '../agent/inbox.ts';
import { Accepted, DesiredStore } from '../desired/desired-store.ts';
import { createLogger } from '../logger.ts';
import type { EventDraft } from '../spool/spool.ts';
import { JsonFile } from '../state/json-file.ts';
import { MemoryFileSystem } from '../state/testing/memory-file-system.ts';
import { ArtifactStore } from '../store/artifact-store.ts';
import type { SpeedLimit } from '../store/download.ts';
import { downloadRelease } from '../store/download-release.ts';
import { makeRelease, uuid } from './release.ts';

export const DEVICE = uuid(1);
export const NOW = 1_800_000_000_000;
const never = new AbortController().signal;
const slow: SpeedLimit = { minBytes: 1024, perMs: 50 };

export type Signer = { kid: string; privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']; x: string };

/** As a device holds the key of somebody whom it obeys. */
export const trusted = ({ kid, x }: Signer) => ({ kid, kty: 'OKP' as const, crv: 'Ed25519' as const, x });

export function sign(payload: object, signer: Signer, kid = signer.kid): Promise<string> {
  const bytes = Buffer.from(JSON.stringify(payload));
  return new CompactSign(bytes).setProtectedHeader({ alg: 'EdDSA', kid }).sign(signer.privateKey);
}

/** A good next document for the device, but for `changes`. */
export const documentOf = (changes: Partial<DesiredState> | Record<string, unknown> = {}) => ({
  ...{ v: 1, deviceId: DEVICE, generation: 6, issuedAt: NOW, expiresAt: NOW + 1000, slots: {} },
  telemetry: { windowS: 15, logLevel: 'info' },
  ...changes,
});

/** For each test of a file a device that obeys generation 5, on a disk of its own, the server whom it obeys, and somebody else. */
export function useAttackedDevice() {
  const device = {
    server: undefined as unknown as Signer,
    attacker: undefined as unknown as Signer,
    disk: new MemoryFileSystem(),
    desired: undefined as unknown as DesiredStore,
    inbox: undefined as unknown as Inbox,
    obeyed: [] as DesiredState[],
    events: [] as EventDraft[],
    /** Not obeyed, nothing of it kept, and the event names the suspicion. */
    async expectRefused(jws: string, code: string): Promise<void> {
      await device.inbox.receiveDesired(jws);
      expect(device.obeyed).toEqual([]);
      expect(device.desired.generation).toBe(5);
      expect(await device.disk.list('/d')).toEqual([]);
      expect(device.events).toMatchObject([{ kind: 'refused', reason: { code, retry: 'never' } }]);
    },
    /** The device behind a mirror that answers as it likes. */
    behind(mirror: (sha256: string, from: number) => Iterable<Buffer> | AsyncIterable<Buffer>) {
      const { disk } = device;
      const store = new ArtifactStore(disk, '/d/artifacts');
      const open = async (sha256: string, from: number, signal: AbortSignal) => {
        const stream = Readable.from(mirror(sha256, from));
        signal.addEventListener('abort', () => stream.destroy(new Error('aborted')), { once: true });
        return Object.assign(stream, { statusCode: from > 0 ? 206 : 200 }) as unknown as IncomingMessage;
      };
      const freeBytes = async () => 2 ** 40;
      const ports = { fs: disk, store, open, slowest: slow, freeBytes };
      const get = ({ files }: Release) => downloadRelease(ports, files, never, () => {});
      const verify = async ({ files }: Release) => {
        for (const file of files) await store.verify(file);
      };
      return { store, get, verify };
    },
  };
  beforeAll(async () => {
    const make = async (kid: string): Promise<Signer> => {
      const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
      return { kid, privateKey, x: (await exportJWK(publicKey)).x ?? '' };
    };
    device.server = await make('server');
    device.attacker = await make('attacker');
  });
  beforeEach(() => {
    device.disk = new MemoryFileSystem();
    device.obeyed = [];
    device.events = [];
    const accepted: Accepted = { generation: 5, trustedKeys: [trusted(device.server)], document: null };
    const file = new JsonFile(device.disk, '/d/desired.json', Accepted);
    device.desired = new DesiredStore(file, accepted, DEVICE, () => NOW);
    device.inbox = new Inbox({
      desired: device.desired,
      onDesired: async (document) => void device.obeyed.push(document),
      onAck: async () => {},
      onCommand: async () => {},
      addEvent: async (event) => void device.events.push(event),
      logger: createLogger(
        () => {},
        () => NOW,
      ),
      now: () => NOW,
    });
  });
  return device;
}

/** A signed release of files with these contents, the first of them the model. */
export function releaseOf(contents: Record<string, Buffer>): Release {
  const files = Object.entries(contents).map(([path, bytes], index) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const role = index === 0 ? ('model' as const) : ('external-data' as const);
    return { path, sha256, sizeBytes: bytes.length, role };
  });
  return makeRelease(2, { files });
}
