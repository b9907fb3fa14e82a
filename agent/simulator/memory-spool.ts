import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { DeviceEvent, Telemetry, Window } from '@flotilla/protocol';
import type { EventDraft, SpoolKind } from '../src/spool/spool.ts';

/** Messages of one kind that a virtual device keeps: two hours of telemetry at the default window. */
export const MAX_KEPT = 500;

type Stream<T> = { firstSeq: number; payloads: T[] };

/** The rules of the agent's spool without its disk: numbered, kept until acknowledged, bounded, and counting what it dropped. */
export class MemorySpool {
  readonly boot = randomUUID();
  readonly #streams: { events: Stream<EventDraft>; telemetry: Stream<{ windows: Window[] }> } = {
    events: { firstSeq: 1, payloads: [] },
    telemetry: { firstSeq: 1, payloads: [] },
  };
  #dropped = 0;

  nextSeq(kind: SpoolKind): number {
    const { firstSeq, payloads } = this.#streams[kind];
    return firstSeq + payloads.length;
  }

  oldestSeq(kind: SpoolKind): number {
    return this.#streams[kind].firstSeq;
  }

  async addEvent(event: EventDraft): Promise<number> {
    this.#streams.events.payloads.push(event);
    return this.#bound('events');
  }

  /** Of those that were not acknowledged: the others were told without doubt. */
  async hasRecentEvent(event: EventDraft): Promise<boolean> {
    return this.#streams.events.payloads.some((each) => isDeepStrictEqual(each, event));
  }

  async addWindows(windows: Window[]): Promise<number> {
    this.#streams.telemetry.payloads.push({ windows });
    return this.#bound('telemetry');
  }

  async message(kind: SpoolKind, seq: number, now: number): Promise<DeviceEvent | Telemetry | null> {
    const { firstSeq } = this.#streams[kind];
    const head = { boot: this.boot, seq, oldestSeq: firstSeq };
    if (kind === 'events') {
      const event = this.#streams.events.payloads[seq - firstSeq];
      return event ? ({ ...event, ...head } as DeviceEvent) : null;
    }
    const content = this.#streams.telemetry.payloads[seq - firstSeq];
    return content ? { ...head, sentAt: now, ...(this.#dropped > 0 && { dropped: this.#dropped }), ...content } : null;
  }

  async acknowledge(kind: SpoolKind, seq: number): Promise<void> {
    const stream = this.#streams[kind];
    const gone = Math.min(stream.payloads.length, Math.max(0, seq - stream.firstSeq + 1));
    stream.payloads.splice(0, gone);
    stream.firstSeq += gone;
  }

  #bound(kind: SpoolKind): number {
    const stream = this.#streams[kind];
    if (stream.payloads.length > MAX_KEPT) {
      stream.payloads.shift();
      stream.firstSeq += 1;
      if (kind === 'telemetry') this.#dropped += 1;
    }
    return this.nextSeq(kind) - 1;
  }
}
