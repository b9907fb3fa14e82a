import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addToSketch, emptySketch, sketchToWire } from '@flotilla/protocol';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { StoredRule } from '../db/alerts-rules.ts';
import type { Db } from '../db/client.ts';
import type { Actor } from '../domain/access/actor.ts';
import { evaluateAlerts } from '../services/alerts/evaluate-alerts.ts';
import { type SaveRule, saveRule } from '../services/alerts/save-rule.ts';
import { testClock } from './clock.ts';
import {
  demoRelease,
  type Ingest,
  ingestInto,
  onlineDevices,
  removeArtifacts,
  type TestDeps,
  type TestDevice,
  testDeps,
} from './fleet.ts';
import { createTestOrganization, type TestOrganization } from './organizations.ts';
import { type TestPki, testPki } from './pki.ts';

const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../agent/protocol/fixtures/v1/telemetry.json'), 'utf8'),
);

export type Measured = {
  inferences?: number;
  errors?: number;
  latencyMs?: number;
  tempC?: number;
  diskFreeBytes?: number;
  /** When the window began. */
  agoMs?: number;
};

/** Devices of one organization that send telemetry, and the looks of the alerts at them. */
export class AlertFleet {
  readonly devices: TestDevice[];
  readonly versionId: string;
  private readonly deps: TestDeps;
  private readonly owner: Actor;
  private readonly ingest: Ingest;
  private readonly pool: pg.Pool;
  private readonly releaseId: string;
  private readonly seqs = new Map<string, number>();

  private constructor(
    deps: TestDeps,
    owner: Actor,
    rest: { ingest: Ingest; pool: pg.Pool; devices: TestDevice[]; releaseId: string; versionId: string },
  ) {
    this.deps = deps;
    this.owner = owner;
    this.ingest = rest.ingest;
    this.pool = rest.pool;
    this.devices = rest.devices;
    this.releaseId = rest.releaseId;
    this.versionId = rest.versionId;
  }

  static async start(deps: TestDeps, owner: Actor, databaseUrl: string, names: string): Promise<AlertFleet> {
    const { ingest, pool } = ingestInto(databaseUrl, deps.now);
    const release = await demoRelease(deps, owner, '1.0.0');
    const devices = await onlineDevices(deps, owner, ingest, names);
    return new AlertFleet(deps, owner, { ingest, pool, devices, releaseId: release.id, versionId: release.versionId });
  }

  stop(): Promise<void> {
    return this.pool.end();
  }

  /** One window of these devices, or of all. */
  async measures(measured: Measured, devices: readonly TestDevice[] = this.devices): Promise<void> {
    const { inferences = 300, errors = 0, latencyMs = 5, tempC = 50, diskFreeBytes = 9e9, agoMs = 15_000 } = measured;
    const nowMs = this.deps.now().getTime();
    for (const device of devices) {
      const seq = (this.seqs.get(device.id) ?? 0) + 1;
      this.seqs.set(device.id, seq);
      const run = emptySketch();
      for (let n = 0; n < inferences; n += 1) addToSketch(run, latencyMs);
      const window = {
        ...fixture.windows[0],
        releaseId: this.releaseId,
        startMs: nowMs - agoMs,
        durationMs: 15_000,
        inferences,
        errors,
        latencyMs: { run: sketchToWire(run) },
        tempC,
        diskFreeBytes,
      };
      await this.ingest(device.id, 'telemetry', {
        boot: device.boot,
        seq,
        oldestSeq: 1,
        sentAt: nowMs,
        windows: [window],
      });
    }
  }

  /** A rule of the owner: a metric, bad at once and good at once, unless said otherwise. */
  rule(rule: Partial<SaveRule['rule']> & Pick<SaveRule['rule'], 'condition'>): Promise<StoredRule> {
    return saveRule(this.deps, this.owner, { rule: { name: `Rule ${uuidv7().slice(-6)}`, ...rule } });
  }

  /** One look at the organization's alerts, as the worker does. */
  async looks(): Promise<void> {
    const { organizationId } = this.owner;
    const { db, now, logger } = this.deps;
    await evaluateAlerts({ db, now, logger, url: 'https://fleet.test' }, organizationId);
  }
}

export type AlertStand = {
  clock: ReturnType<typeof testClock>;
  deps: TestDeps;
  ours: TestOrganization;
  fleet: AlertFleet;
};

/** Before each test of a file, a fleet in an organization of its own, whose clock is moved by hand. */
export function eachWithAlertFleet(
  database: { db: () => Db; url: () => string },
  names: string,
  onReady: (stand: AlertStand) => void,
): void {
  let pki: TestPki;
  let stand: AlertStand;
  beforeAll(async () => {
    pki = await testPki();
  });
  beforeEach(async () => {
    const clock = testClock();
    const deps = await testDeps(database.db(), pki.dir, clock.now);
    const ours = await createTestOrganization(database.db());
    const fleet = await AlertFleet.start(deps, ours.owner, database.url(), names);
    stand = { clock, deps, ours, fleet };
    onReady(stand);
  });
  afterEach(async () => {
    await stand.fleet.stop();
    await removeArtifacts(stand.deps);
  });
  afterAll(() => pki.remove());
}

export const errorsAbove = (more: object = {}) =>
  ({ kind: 'metric', metric: 'error_rate', op: 'above', limit: 0.05, minSamples: 20, ...more }) as const;
