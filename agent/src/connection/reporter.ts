import { type DeviceFacts, REPORT_MIN_INTERVAL_MS, type Reported, type SlotReport } from '@flotilla/protocol';

export type ReporterPorts = {
  publish: (payload: string) => void;
  state: () => { generation: number; slots: Record<string, SlotReport> };
  facts: () => DeviceFacts;
};

/**
 * Publishes the whole reported state (it is retained, so it must be whole): on connect with facts, at once when a phase
 * changed, and else at most every two seconds.
 */
export class Reporter {
  readonly #ports: ReporterPorts;
  #session: number | null = null;
  #rev = 0;
  #timer: NodeJS.Timeout | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(ports: ReporterPorts) {
    this.#ports = ports;
  }

  connected(session: number): void {
    this.#session = session;
    this.#rev = 0;
    this.#publish();
  }

  disconnected(): void {
    this.#session = null;
    this.#cancel();
  }

  changed(isPhaseChange: boolean): void {
    if (this.#session === null) return;
    const waitMs = this.#lastMs + REPORT_MIN_INTERVAL_MS - performance.now();
    if (isPhaseChange || waitMs <= 0) this.#publish();
    else this.#timer ??= setTimeout(() => this.#publish(), waitMs);
  }

  #publish(): void {
    this.#cancel();
    if (this.#session === null) return;
    this.#rev += 1;
    this.#lastMs = performance.now();
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

  #cancel(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
