import { addToSketch, emptySketch, sketchToWire } from '@flotilla/protocol';
import { v7 as uuidv7 } from 'uuid';
import type { StoredRule } from '../db/alerts-rules.ts';
import type { Actor } from '../domain/access/actor.ts';
import { evaluateAlerts } from '../services/alerts/evaluate-alerts.ts';
import { type SaveRule, saveRule } from '../services/alerts/save-rule.ts';
import { demoRelease, type Ingest, onlineDevices, type TestDeps, type TestDevice } from './fleet.ts';

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
  private readonly releaseId: string;

  private constructor(
    deps: TestDeps,
    owner: Actor,
    rest: { devices: TestDevice[]; releaseId: string; versionId: string },
  ) {
    this.deps = deps;
    this.owner = owner;
    this.devices = rest.devices;
    this.releaseId = rest.releaseId;
    this.versionId = rest.versionId;
  }

  static async start(deps: TestDeps, owner: Actor, ingest: Ingest, names: string): Promise<AlertFleet> {
    const release = await demoRelease(deps, owner, '1.0.0');
    const devices = await onlineDevices(deps, owner, ingest, names);
    return new AlertFleet(deps, owner, { devices, releaseId: release.id, versionId: release.versionId });
  }

  /** One window of these devices, or of all. */
  async measures(measured: Measured, devices: readonly TestDevice[] = this.devices): Promise<void> {
    const { latencyMs = 5, ...more } = measured;
    const window = { inferences: 300, errors: 0, tempC: 50, diskFreeBytes: 9e9, agoMs: 15_000, ...more };
    const run = emptySketch();
    for (let n = 0; n < window.inferences; n += 1) addToSketch(run, latencyMs);
    const { releaseId } = this;
    for (const device of devices)
      await device.measures({ ...window, releaseId, durationMs: 15_000, latencyMs: { run: sketchToWire(run) } });
  }

  /** A rule of the owner: a metric, bad at once and good at once, unless said otherwise. */
  rule(rule: Partial<SaveRule['rule']> & Pick<SaveRule['rule'], 'condition'>): Promise<StoredRule> {
    return saveRule(this.deps, this.owner, { rule: { name: `Rule ${uuidv7().slice(-6)}`, ...rule } });
  }

  /** One look at the organization's alerts, as the worker does. */
  looks(): Promise<void> {
    return lookAtAlerts(this.deps, this.owner.organizationId);
  }
}

/** One look at an organization's alerts, as the worker does. */
export async function lookAtAlerts({ db, now, logger }: TestDeps, organizationId: string): Promise<void> {
  await evaluateAlerts({ db, now, logger, url: 'https://fleet.test' }, organizationId);
}

export const errorsAbove = (more: object = {}) =>
  ({ kind: 'metric', metric: 'error_rate', op: 'above', limit: 0.05, minSamples: 20, ...more }) as const;
