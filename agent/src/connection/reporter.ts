import {
  type AgentReport,
  type DeviceFacts,
  REPORT_MIN_INTERVAL_MS,
  type Reported,
  type SlotReport,
} from '@flotilla/protocol';
import { Throttle } from '../throttle.ts';

export type ReporterPorts = {
  /** Sends what happened up to now, so that it is known before where it led to. */
  sendEvents: () => Promise<void>;
  publish: (payload: string) => void;
  state: () => { generation: number; slots: Record<string, SlotReport>; agent?: AgentReport };
  facts: () => DeviceFacts;
};

/**
 * A release that is on the device already goes through half of its phases within milliseconds. Each change is an event of its own; the
 * report is where the slot stands, and ten of them in a breath would cost a fleet's server ten times the work for the last one's sake.
 */
const BREATH_MS = 100;

/** On a device that is slow, or in a fleet that makes a broker slow, phases that take longer than a breath are not told one by one either. */
const PACE_MS = 500;

/**
 * A device with nothing to serve has no telemetry, and the broker tells the server of no keepalive: after a minute without a word the
 * server would take it for hung, and tell it nothing any more. Half of that, so that one that sends a window a minute speaks once in between.
 */
const LONGEST_SILENCE_MS = 30_000;

/**
 * Publishes the whole reported state (it is retained, so it must be whole): on connect and when a phase changed within
 * a tenth of a second, or half a second of the report before, and else at most every two seconds. The events that led to it go in the same breath.
 */
export class Reporter {
  readonly #ports: ReporterPorts;
  readonly #throttle = new Throttle(REPORT_MIN_INTERVAL_MS, () => void this.#publish(), {
    withinMs: BREATH_MS,
    everyMs: PACE_MS,
  });
  #session: number | null = null;
  #rev = 0;

  constructor(ports: ReporterPorts) {
    this.#ports = ports;
  }

  connected(session: number): void {
    this.#session = session;
    this.#rev = 0;
    this.#throttle.ask(true);
  }

  disconnected(): void {
    this.#session = null;
    this.#throttle.cancel();
  }

  changed(isPhaseChange: boolean): void {
    if (this.#session !== null) this.#throttle.ask(isPhaseChange);
  }

  /** To be called now and then, with how long the device has said nothing at all. */
  breakSilence(silentMs: number): void {
    if (silentMs >= LONGEST_SILENCE_MS) this.changed(true);
  }

  async #publish(): Promise<void> {
    // A disk that cannot be read keeps the events, but not where the device stands.
    await this.#ports.sendEvents().catch(() => undefined);
    if (this.#session === null) return;
    this.#rev += 1;
    const { generation, slots, agent } = this.#ports.state();
    const reported: Reported = {
      session: this.#session,
      rev: this.#rev,
      generation,
      slots,
      facts: this.#ports.facts(),
      ...(agent && { agent }),
    };
    this.#ports.publish(JSON.stringify(reported));
  }
}
