import type { Release, TrustedKey } from '@flotilla/protocol';
import type { Logger } from '../src/logger.ts';
import { factsOf, type Hardware, hardwareOf } from './hardware.ts';
import type { DeviceIdentity } from './identities.ts';
import { MemorySpool } from './memory-spool.ts';
import { deviceRandom, type Random } from './random.ts';
import type { Scenario } from './scenarios.ts';
import { createScriptedWork } from './script.ts';
import { drawTraits, type Traits } from './traits.ts';
import { VirtualAgent, type VirtualDisk } from './virtual-agent.ts';
import { type Drift, makeWindow } from './windows.ts';

/** After a crash the agent is started again after this, as by systemd. */
const RESTART_MS = 2_000;

export type DevicePorts = {
  scenario: Scenario;
  /** Behaves this release as the scenario says of a new version? */
  isNew: (release: Release) => boolean;
  /** A device begins to work on a release. */
  onTarget: (release: Release) => void;
  onMessage: (deviceId: string, topic: string, payload: Buffer) => void;
  logger: Logger;
};

/** One device: its board, its chance, its disk, and the agent that lives on it now. */
export class VirtualDevice {
  readonly identity: DeviceIdentity;
  readonly traits: Traits;
  readonly #ports: DevicePorts;
  readonly #hardware: Hardware;
  readonly #disk: VirtualDisk;
  readonly #held = new Set<string>();
  readonly #measuring: Random;
  readonly #acting: Random;
  readonly #drift: Drift = { latency: 0, accuracy: 0 };
  readonly #startedAt = Date.now();
  #agent: VirtualAgent | null = null;
  #restart: NodeJS.Timeout | null = null;
  #onConnected: () => void = () => undefined;

  constructor(ports: DevicePorts, seed: number, identity: DeviceIdentity, trustedKeys: TrustedKey[]) {
    this.#ports = ports;
    this.identity = identity;
    const { index } = identity;
    this.#hardware = hardwareOf(seed, index);
    this.traits = drawTraits(ports.scenario, deviceRandom(seed, index, 'traits'));
    this.#measuring = deviceRandom(seed, index, 'measuring');
    this.#acting = deviceRandom(seed, index, 'acting');
    const accepted = { generation: 0, trustedKeys, document: null };
    this.#disk = { spool: new MemorySpool(), accepted, journals: new Map(), session: 0 };
  }

  get isConnected(): boolean {
    return this.#agent?.isConnected ?? false;
  }

  get generation(): number {
    return this.#disk.accepted.generation;
  }

  get windowMs(): number | undefined {
    return this.#agent?.windowMs;
  }

  get served(): Release[] {
    return [...this.#disk.journals.values()].flatMap(({ serving }) => (serving ? [serving.release] : []));
  }

  /** Starts the agent, unless it runs. Resolves at its first connection. */
  start(): Promise<void> {
    const connected = new Promise<void>((resolve) => {
      this.#onConnected = resolve;
    });
    this.#agent ??= this.#boot();
    return connected;
  }

  async stop(goodbyeMs: number): Promise<void> {
    if (this.#restart) clearTimeout(this.#restart);
    this.#restart = null;
    const agent = this.#agent;
    this.#agent = null;
    await agent?.stop(goodbyeMs);
  }

  cutLink(): void {
    this.#agent?.cutLink();
  }

  tick(): Promise<void> | undefined {
    return this.#agent?.tick();
  }

  /** Measures from `startMs` to `endMs` of the server's time, and sends it when it can. */
  async measure(startMs: number, endMs: number): Promise<void> {
    const agent = this.#agent;
    if (!agent) return;
    const context = { ...this.#ports, traits: this.traits, hardware: this.#hardware, random: this.#measuring };
    for (const [slot, { serving }] of this.#disk.journals) {
      if (!serving) continue;
      const { release } = serving;
      const isNew = this.#ports.isNew(release);
      const own = startMs + this.traits.clockSkewMs;
      const uptimeMs = Math.max(0, startMs - this.#startedAt);
      const order = { slot, release, isNew, startMs: own, durationMs: endMs - startMs, uptimeMs };
      await this.#disk.spool.addWindows([makeWindow(context, this.#drift, order)]);
    }
    await agent.pump();
  }

  #boot(): VirtualAgent {
    const { logger, scenario, isNew, onMessage, onTarget } = this.#ports;
    const { deviceId, name } = this.identity;
    const facts = factsOf(name, this.#hardware);
    const now = () => Date.now() + this.traits.clockSkewMs;
    const script = createScriptedWork({
      scenario,
      traits: this.traits,
      hardware: this.#hardware,
      facts,
      random: this.#acting,
      isNew,
      isOnline: () => this.isConnected,
      held: this.#held,
      die: () => void this.#crash(),
      now,
    });
    const agent = new VirtualAgent({
      disk: this.#disk,
      target: this.identity.target,
      facts,
      work: (phase, state, signal, onProgress) => {
        if (phase === 'accepted' && state.target) onTarget(state.target.release);
        return script(phase, state, signal, onProgress);
      },
      onConnect: () => this.#onConnected(),
      onMessage: (topic, payload) => onMessage(deviceId, topic, payload),
      logger,
      now,
      random: this.#acting,
    });
    void agent.start();
    return agent;
  }

  async #crash(): Promise<void> {
    await this.stop(0);
    this.#restart = setTimeout(() => void this.start(), RESTART_MS);
  }
}
