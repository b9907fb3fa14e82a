import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReferenceProfile, Window } from '@flotilla/protocol';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { RegisterVersion, registerVersion } from '../services/models/register-version.ts';
import { judgeDrift } from '../services/monitoring/judge-drift.ts';
import { CreateRelease, createRelease } from '../services/releases/create-release.ts';
import { testClock } from './clock.ts';
import { testDatabase } from './database.ts';
import { enrollTestDevice } from './enrollment.ts';
import { demoFile, type Ingest, ingestInto, partsOf, removeArtifacts, type TestDeps, testDeps } from './fleet.ts';
import { createTestOrganization, type TestOrganization } from './organizations.ts';
import { type TestPki, testPki } from './pki.ts';

const HOUR_MS = 3_600_000;
const fixtures = join(import.meta.dirname, '../../agent/protocol/fixtures/v1');
const [{ inputs: _, outputs: __, labelled: ___, predictions: ____, ...plain }] = JSON.parse(
  readFileSync(join(fixtures, 'telemetry-monitored.json'), 'utf8'),
).windows;

/** A version that says nothing of its inputs, in the organization of each test. */
export const ofVersion = { model: 'vibration-fault', version: '1.0.0' };

/** Two devices of a fresh organization for each test of a file, whose windows say what they saw and answered. Their clock is moved by hand. */
export function monitoredFleet() {
  const database = testDatabase();
  let pki: TestPki;
  let clock: ReturnType<typeof testClock>;
  let deps: TestDeps;
  let ours: TestOrganization;
  let ingest: Ingest;
  let pool: pg.Pool;
  let releaseId: string;
  let devices: { id: string; boot: string; seq: number }[];
  beforeAll(async () => {
    pki = await testPki();
  });
  beforeEach(async () => {
    clock = testClock();
    deps = await testDeps(database.db(), pki.dir, clock.now);
    ({ ingest, pool } = ingestInto(database.url(), clock.now));
    ours = await createTestOrganization(database.db());
    releaseId = await releaseWith(null);
    devices = [];
    for (const name of ['a', 'b']) {
      const { deviceId } = await enrollTestDevice(deps, ours.owner, name);
      devices.push({ id: deviceId, boot: uuidv7(), seq: 0 });
    }
  });
  afterEach(async () => {
    await pool.end();
    await removeArtifacts(deps);
  });
  afterAll(() => pki.remove());

  /** A release of the demo model, with what it was trained on or without. */
  async function releaseWith(profile: ReferenceProfile | null, version = '1.0.0'): Promise<string> {
    const onnx = await demoFile('vibration-fault-1.0.0.onnx');
    const labels = await demoFile('labels.json');
    const reference = profile ? [['reference', 'reference.json', Buffer.from(JSON.stringify(profile))] as const] : [];
    const input = RegisterVersion.parse({ ...ofVersion, version });
    const parts = partsOf(
      ['model', 'm.onnx', onnx],
      ['labels', 'labels.json', labels],
      ...reference.map((part) => [...part] as never),
    );
    await registerVersion(deps, ours.owner, input, parts);
    return (await createRelease(deps, ours.owner, CreateRelease.parse({ ...ofVersion, version }))).release.id;
  }

  /** Windows of a device that began so long ago, in one message, which may be sent again. */
  function message(at: number, windows: { ageMs: number; window: Partial<Window> }[], release = releaseId) {
    const device = devices[at];
    if (!device) throw new Error('no such device');
    device.seq += 1;
    const nowMs = clock.now().getTime();
    const body = {
      boot: device.boot,
      seq: device.seq,
      oldestSeq: 1,
      sentAt: nowMs,
      windows: windows.map(({ ageMs, window }) => ({
        ...plain,
        releaseId: release,
        startMs: nowMs - ageMs,
        errors: 0,
        ...window,
      })),
    };
    return { send: () => ingest(device.id, 'telemetry', body) };
  }

  return {
    db: () => database.db(),
    deps: () => deps,
    ours: () => ours,
    pool: () => pool,
    clock: () => clock,
    deviceId: (at: number) => devices[at]?.id ?? '',
    releaseWith,
    message,
    send: (at: number, window: Partial<Window>, release = releaseId) =>
      message(at, [{ ageMs: 20_000, window }], release).send(),
    /** The hour ends, and drift is judged. */
    hourEnds: async () => {
      clock.forwardMs(HOUR_MS + 6 * 60_000);
      await judgeDrift(deps);
    },
  };
}
