import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Reported, Session, type SlotReport, Telemetry, topicOf, type Window } from '@flotilla/protocol';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { createFolderStore } from '../artifacts/folder-store.ts';
import type { Db } from '../db/client.ts';
import { ingestPool } from '../db/ingest/transaction.ts';
import type { StoredRelease } from '../db/releases.ts';
import type { Actor } from '../domain/access/actor.ts';
import { commitBatch } from '../ingest/batch.ts';
import { parseMessage } from '../ingest/parse-message.ts';
import type { DeviceAck } from '../ingest/spools.ts';
import { loadSecretBox } from '../pki/secrets-key.ts';
import { createLogger, type Logger } from '../platform/logger.ts';
import { askPullToken } from '../platform/registry-client.ts';
import type { Deps } from '../services/deps.ts';
import { RegisterVersion, registerVersion, type UploadPart } from '../services/models/register-version.ts';
import { CreateRelease, createRelease } from '../services/releases/create-release.ts';
import { enrollDeps, enrollTestDevice } from './enrollment.ts';

const demoModels = join(import.meta.dirname, '../../agent/demo-models');
const fixtures = join(import.meta.dirname, '../../agent/protocol/fixtures/v1');
const [aWindow] = Telemetry.parse(JSON.parse(readFileSync(join(fixtures, 'telemetry.json'), 'utf8'))).windows;

export type TestDeps = Deps & { logger: Logger; artifactsDir: string };

/** Everything that use cases take: keys of `pkiDir`, and a folder of its own for artifacts. */
export async function testDeps(db: Db, pkiDir: string, now: () => Date): Promise<TestDeps> {
  const artifactsDir = await mkdtemp(join(tmpdir(), 'flotilla-artifacts-'));
  const artifacts = await createFolderStore(artifactsDir);
  const logger = createLogger('test', 'silent');
  const secrets = await loadSecretBox(pkiDir);
  const base = await enrollDeps(db, pkiDir, now);
  return { ...base, artifacts, artifactsDir, secrets, askPullToken, logger, telemetryWindowS: 15 };
}

export function removeArtifacts({ artifactsDir }: TestDeps): Promise<void> {
  return rm(artifactsDir, { recursive: true, force: true });
}

/** A file of the demo models, such as `vibration-fault-1.0.0.onnx`. */
export function demoFile(name: string): Promise<Buffer> {
  return readFile(join(demoModels, name));
}

export async function* partsOf(...parts: [UploadPart['role'], string, Uint8Array][]): AsyncGenerator<UploadPart> {
  for (const [role, path, bytes] of parts) yield { role, path, bytes: streamOf(bytes) };
}

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A release of the demo model in that version, registered by the front door. */
export async function demoRelease(
  deps: TestDeps,
  actor: Actor,
  version: '1.0.0' | '2.0.0' | '3.0.0',
): Promise<StoredRelease> {
  const bytes = await demoFile(`vibration-fault-${version}.onnx`);
  const input = RegisterVersion.parse({ model: 'vibration-fault', version });
  await registerVersion(deps, actor, input, partsOf(['model', 'vibration-fault.onnx', bytes]));
  return (await createRelease(deps, actor, CreateRelease.parse({ model: 'vibration-fault', version }))).release;
}

/** Commits messages as ingest does, each parsed at the edge. */
export type Ingest = (
  deviceId: string,
  kind: Parameters<typeof topicOf>[1],
  ...bodies: unknown[]
) => Promise<DeviceAck[]>;

export function ingestInto(url: string, now: () => Date): { ingest: Ingest; pool: pg.Pool } {
  const pool = ingestPool(url, 2);
  const ingest: Ingest = (deviceId, kind, ...bodies) => {
    const parsed = bodies.map((body) =>
      parseMessage({
        topic: topicOf(deviceId, kind),
        payload: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
        receivedAt: now(),
      }),
    );
    const messages = parsed.flatMap((each) => (each?.ok ? [each.message] : []));
    const refusals = parsed.flatMap((each) => (each && !each.ok ? [each.refusal] : []));
    return commitBatch(pool, messages, refusals, now());
  };
  return { ingest, pool };
}

/** A device as the server sees it: it says that it is there, and what its slot does. */
export class TestDevice {
  readonly id: string;
  private readonly ingest: Ingest;
  private readonly now: () => Date;
  private rev = 0;
  session = 1;
  /** Of the newest telemetry. */
  seq = 0;
  readonly boot = uuidv7();

  constructor(id: string, ingest: Ingest, now: () => Date) {
    this.id = id;
    this.ingest = ingest;
    this.now = now;
  }

  async says(online: boolean, session = this.session): Promise<void> {
    const at = this.now().getTime();
    await this.ingest(
      this.id,
      'session',
      Session.parse({ online, session, boot: this.boot, agentVersion: '0.1.0', protocol: 1, at }),
    );
  }

  /** The next message of telemetry, which may be sent again. */
  telemetry(...windows: Told[]) {
    this.seq += 1;
    const { boot, seq } = this;
    const sentAt = this.now().getTime();
    const whole = windows.map(({ agoMs, ...window }) => ({ ...aWindow, startMs: sentAt - agoMs, ...window }));
    return { boot, seq, oldestSeq: 1, sentAt, windows: whole };
  }

  async measures(...windows: Told[]): Promise<void> {
    await this.ingest(this.id, 'telemetry', this.telemetry(...windows));
  }

  /** Reports the phase of a deployment, serving `serving` when it is given. */
  async reports(
    phase: SlotReport['phase'],
    told: { deployment: string; releaseId: string } | null,
    serving: string | null = null,
    more: Partial<SlotReport> = {},
    slot = 'default',
    facts?: Reported['facts'],
  ): Promise<void> {
    this.rev += 1;
    const since = this.now().getTime();
    const served = serving && {
      releaseId: serving,
      modelName: 'vibration-fault',
      modelVersion: 'x',
      sha256: 'ab'.repeat(32),
      since,
    };
    const report = { phase, since, ...told, ...(served ? { serving: served } : {}), ...more };
    const { session, rev } = this;
    await this.ingest(
      this.id,
      'reported',
      Reported.parse({ session, rev, generation: rev, slots: { [slot]: report }, ...(facts && { facts }) }),
    );
  }
}

/** A window that began so long ago, in all else as the protocol's own example but for what is said; `undefined` leaves out. */
export type Told = { agoMs: number } & { [Name in keyof Window]?: Window[Name] | undefined };

/** Enrolled devices that are online, named a, b, c … */
export async function onlineDevices(
  deps: TestDeps,
  actor: Actor,
  ingest: Ingest,
  names: string,
): Promise<TestDevice[]> {
  const devices: TestDevice[] = [];
  for (const name of names) {
    const { deviceId } = await enrollTestDevice(deps, actor, name);
    const device = new TestDevice(deviceId, ingest, deps.now);
    await device.says(true);
    devices.push(device);
  }
  return devices;
}
