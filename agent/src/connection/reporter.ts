import { type DeviceFacts, REPORT_MIN_INTERVAL_MS, type Reported, type SlotReport } from '@flotilla/protocol';
import { Throttle } from '../throttle.ts';

export type ReporterPorts = {
  publish: (payload: string) => void;
  state: () => { generation: number; slots: Record<string, SlotReport> };
  facts: () => DeviceFacts;
};

/**
 * Publishes the whole reported state (it is retained, so it must be whole): on connect, at once when a phase changed, and
 * else at most every two seconds.
 */
export class Reporter {
  readonly #ports: ReporterPorts;
  readonly #throttle = new Throttle(REPORT_MIN_INTERVAL_MS, () => this.#publish());
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

  #publish(): void {
    if (this.#session === null) return;
    this.#rev += 1;
    const { generation, slots } = this.#ports.state();
    const reported: Reported = {
      session: this.#session,
      rev: this.#rev,
      generation,
      slots,
      facts: this.#ports.facts(),
    };
    this.#ports.publish(JSON.stringify(reported));
  }
}
