import { setImmediate as breathe } from 'node:timers/promises';
import { DEFAULT_WINDOW_S, type Release } from '@flotilla/protocol';
import { delay } from '../src/delay.ts';
import type { Logger } from '../src/logger.ts';
import { startWindowClock } from '../src/telemetry/window-clock.ts';
import { atOnce } from './at-once.ts';
import type { EnrolledFleet } from './identities.ts';
import { Ledger, type LedgerReport } from './ledger.ts';
import { deviceRandom, type Random } from './random.ts';
import type { Scenario } from './scenarios.ts';
import { VirtualDevice } from './virtual-device.ts';

/** Connections on their way: a TLS handshake costs both sides a millisecond or two of a core. */
const CONNECT_AT_ONCE = 50;

/** A device that has not connected by then goes on by itself; the others need not wait for it. */
const CONNECT_PATIENCE_MS = 15_000;

/** Devices measured before anything else may run. */
const MEASURE_SLICE = 50;

/** How often links are looked at, and spools once in as many looks as this. */
const LOOK_EVERY_MS = 1_000;
const TICK_EVERY = 5;
const GOODBYE_MS = 1_000;
const STOP_AT_ONCE = 200;

export type FleetOptions = {
  enrolled: EnrolledFleet;
  scenario: Scenario;
  seed: number;
  /** The version that behaves as the scenario says; null means every version but the first. */
  badVersion: string | null;
  firstVersion: string | null;
  logger: Logger;
};

export type FleetReport = {
  devices: number;
  connected: number;
  firstVersion: string | null;
  versions: Record<string, number>;
  ledger: LedgerReport;
};

/** All virtual devices of one process, and the script they live by. */
export class Fleet {
  readonly devices: readonly VirtualDevice[];
  readonly #options: FleetOptions;
  readonly #ledger = new Ledger();
  readonly #links: Random[];
  readonly #ending = new AbortController();
  #firstVersion: string | null;
  #isScriptOn = false;
  #stopClock: () => void = () => undefined;
  #looking: NodeJS.Timeout | null = null;

  constructor(options: FleetOptions) {
    const { enrolled, scenario, seed, logger } = options;
    this.#options = options;
    this.#firstVersion = options.firstVersion;
    const ports = {
      scenario,
      logger,
      isNew: (release: Release) => this.#isNew(release),
      onTarget: (release: Release) => {
        this.#firstVersion ??= release.model.version;
      },
      onMessage: (deviceId: string, topic: string, payload: Buffer) => this.#ledger.note(deviceId, topic, payload),
    };
    this.devices = enrolled.identities.map(
      (identity) => new VirtualDevice(ports, seed, identity, enrolled.trustedKeys),
    );
    this.#links = enrolled.identities.map(({ index }) => deviceRandom(seed, index, 'link'));
  }

  get firstVersion(): string | null {
    return this.#firstVersion;
  }

  get connected(): number {
    return this.devices.reduce((count, device) => count + (device.isConnected ? 1 : 0), 0);
  }

  /** Connects every device, some at a time. Resolves when each has had its turn. */
  async connect(onProgress: (connected: number) => void): Promise<void> {
    const windowMs = () => this.devices.find((each) => each.windowMs)?.windowMs ?? DEFAULT_WINDOW_S * 1000;
    this.#stopClock = startWindowClock(windowMs, Date.now, (startMs, endMs) => this.#measure(startMs, endMs));
    let looks = 0;
    this.#looking = setInterval(() => this.#look(looks++), LOOK_EVERY_MS);
    let turns = 0;
    await atOnce(CONNECT_AT_ONCE, this.devices, async (device) => {
      if (this.#ending.signal.aborted) return;
      await this.#orGiveUp(device.start());
      turns += 1;
      onProgress(turns);
    });
  }

  /** The trouble begins. */
  begin(): void {
    if (this.#isScriptOn) return;
    this.#isScriptOn = true;
    const { offlineForS } = this.#options.scenario;
    const dark = this.devices.filter(({ traits }) => traits.isDark);
    for (const device of dark) void device.stop(GOODBYE_MS);
    if (offlineForS > 0) void this.#comeBack(dark, offlineForS * 1000);
  }

  /** Says goodbye for every device. */
  async stop(): Promise<void> {
    this.#ending.abort();
    this.#stopClock();
    if (this.#looking) clearInterval(this.#looking);
    await atOnce(STOP_AT_ONCE, this.devices, (device) => device.stop(GOODBYE_MS));
  }

  report(): FleetReport {
    const versions: Record<string, number> = {};
    for (const { model } of this.devices.flatMap((device) => device.served))
      versions[`${model.name} ${model.version}`] = (versions[`${model.name} ${model.version}`] ?? 0) + 1;
    return {
      devices: this.devices.length,
      connected: this.connected,
      firstVersion: this.#firstVersion,
      versions,
      ledger: this.#ledger.report,
    };
  }

  #isNew({ model }: Release): boolean {
    const { badVersion } = this.#options;
    if (!this.#isScriptOn) return false;
    return badVersion === null ? model.version !== this.#firstVersion : model.version === badVersion;
  }

  async #comeBack(devices: readonly VirtualDevice[], afterMs: number): Promise<void> {
    await delay(afterMs, this.#ending.signal);
    await atOnce(CONNECT_AT_ONCE, devices, async (device) => {
      if (!this.#ending.signal.aborted) await this.#orGiveUp(device.start());
    });
  }

  async #orGiveUp(connected: Promise<void>): Promise<void> {
    const patience = new AbortController();
    const signal = AbortSignal.any([patience.signal, this.#ending.signal]);
    await Promise.race([connected, delay(CONNECT_PATIENCE_MS, signal)]);
    patience.abort();
  }

  #look(look: number): void {
    const { flakyEveryS } = this.#options.scenario;
    for (const [at, device] of this.devices.entries()) {
      if (at % TICK_EVERY === look % TICK_EVERY) void device.tick();
      const draw = device.traits.isFlaky ? (this.#links[at]?.() ?? 1) : 1;
      if (this.#isScriptOn && draw < LOOK_EVERY_MS / 1000 / flakyEveryS) device.cutLink();
    }
  }

  async #measure(startMs: number, endMs: number): Promise<void> {
    for (const [at, device] of this.devices.entries()) {
      if (this.#ending.signal.aborted) return;
      await device.measure(Math.round(startMs), Math.round(endMs));
      if (at % MEASURE_SLICE === 0) await breathe();
    }
  }
}
