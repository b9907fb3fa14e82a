import {
  type AgentReport,
  type DeviceFacts,
  REPORT_MIN_INTERVAL_MS,
  type Reported,
  type SlotReport,
} from '@flotilla/protocol';
import type { Change } from '../change.ts';
import { Throttle, type Urgency } from '../throttle.ts';

export type ReporterPorts = {
  /** Sends what happened up to now, so that it is known before where it led to. */
  sendEvents: () => Promise<void>;
  /** Has the server events of ours that it did not acknowledge yet? */
  isAwaited: () => boolean;
  publish: (payload: string) => void;
  state: () => { generation: number; slots: Record<string, SlotReport>; agent?: AgentReport };
  facts: () => DeviceFacts;
};

/**
 * A release that is on the device already goes through all of its phases in a moment. Each change is an event of its own; the report is where
 * the slot stands, and to tell each station of the way would cost a fleet's server several times the work for the last one's sake.
 */
const URGENCIES: Record<Change, Urgency> = {
  now: { withinMs: 100, everyMs: 500 },
  soon: { withinMs: REPORT_MIN_INTERVAL_MS, everyMs: 0 },
  later: { withinMs: 0, everyMs: REPORT_MIN_INTERVAL_MS },
};

/**
 * A server that has not acknowledged what happened is behind, and the events tell it of the same stations: those wait for its word, but no
 * longer than this.
 */
const LONGEST_HELD_MS = 10_000;

/**
 * A device with nothing to serve has no telemetry, and the broker tells the server of no keepalive: after a minute without a word the
 * server would take it for hung, and tell it nothing any more. Half of that, so that one that sends a window a minute speaks once in between.
 */
const LONGEST_SILENCE_MS = 30_000;

/**
 * Publishes the whole reported state (it is retained, so it must be whole): on connect and where a way has ended within a tenth of a second,
 * or half a second of the report before, and else at most every two seconds, when the server keeps up. The events that led to it go in the same
 * breath.
 */
export class Reporter {
  readonly #ports: ReporterPorts;
  readonly #throttle = new Throttle(() => this.#due());
  #isEnd = false;
  #heldSinceMs: number | null = null;
  #session: number | null = null;
  #rev = 0;

  constructor(ports: ReporterPorts) {
    this.#ports = ports;
  }

  connected(session: number): void {
    this.#session = session;
    this.#rev = 0;
    this.changed('now');
  }

  disconnected(): void {
    this.#session = null;
    this.#throttle.cancel();
  }

  changed(change: Change): void {
    if (this.#session === null) return;
    this.#isEnd ||= change === 'now';
    this.#throttle.ask(URGENCIES[change]);
  }

  /** To be called now and then, with how long the device has said nothing at all. */
  breakSilence(silentMs: number): void {
    if (silentMs >= LONGEST_SILENCE_MS) this.changed('now');
  }

  /** False when it is held back. */
  #due(): boolean {
    if (!this.#isEnd && this.#ports.isAwaited()) {
      this.#heldSinceMs ??= performance.now();
      if (performance.now() - this.#heldSinceMs < LONGEST_HELD_MS) {
        this.#throttle.ask(URGENCIES.soon);
        return false;
      }
    }
    this.#isEnd = false;
    this.#heldSinceMs = null;
    void this.#publish();
    return true;
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
