import {
  type Ack,
  MAX_EVENTS_PER_MESSAGE,
  MAX_IN_FLIGHT,
  MAX_MESSAGE_BYTES,
  RESEND_AFTER_MS,
} from '@flotilla/protocol';
import { Throttle, type Urgency } from '../throttle.ts';
import { type Spool, type SpoolKind, spoolKinds } from './spool.ts';

/** What is sent from; a simulated device keeps it elsewhere than on a disk. */
type SentSpool = Pick<Spool, 'boot' | 'nextSeq' | 'oldestSeq' | 'message' | 'acknowledge'>;

/**
 * A release that is on the device already goes through half of its phases within milliseconds. Told one by one, each would cost broker
 * and server as much as all of them in one message. A report takes them along, and so does who waits for their acknowledgement: this is for
 * events without either.
 */
const BREATH: Urgency = { withinMs: 1_000, everyMs: 0 };

/** What a message of several events has beside them. */
const FRAME_BYTES = 64;

/** `progressAt` is when the server last confirmed something of this kind, or when the first since then was sent. */
type Cursor = { sent: number; acked: number; progressAt: number };

/**
 * Sends the spool in order and again until it is acknowledged: events before telemetry, never more than {@link MAX_IN_FLIGHT} ahead of the
 * server, which bounds the broker's queue for a device that comes back after long; everything again after a reconnect, and each kind after
 * 30 s without progress of its own: events that were lost are sent again though telemetry goes on.
 */
export class SpoolSender {
  readonly #spool: SentSpool;
  readonly #publish: (kind: SpoolKind, payload: string) => void;
  readonly #now: () => number;
  readonly #cursors: Record<SpoolKind, Cursor> = {
    events: { sent: 0, acked: 0, progressAt: 0 },
    telemetry: { sent: 0, acked: 0, progressAt: 0 },
  };
  readonly #ackListeners = new Set<() => void>();
  readonly #breath = new Throttle(() => this.#pumpLater());
  #isConnected = false;
  #isPumping = false;
  #sending: Promise<void> = Promise.resolve();

  constructor(spool: SentSpool, publish: (kind: SpoolKind, payload: string) => void, now: () => number) {
    this.#spool = spool;
    this.#publish = publish;
    this.#now = now;
  }

  get ackedEventSeq(): number {
    return this.#cursors.events.acked;
  }

  /** Are there events on their way to the server that it has not acknowledged? */
  get isAwaited(): boolean {
    return this.#inFlightOf('events') > 0;
  }

  /** Starts from the first message the server has not acknowledged. */
  async connected(): Promise<void> {
    this.#isConnected = true;
    for (const kind of spoolKinds) this.#rewind(kind);
    await this.pump();
  }

  disconnected(): void {
    this.#isConnected = false;
    this.#breath.cancel();
  }

  /** An ack of another life of the spool says nothing about this one. */
  async acknowledged(ack: Ack): Promise<void> {
    if (ack.boot !== this.#spool.boot) return;
    for (const [kind, seq] of [
      ['events', ack.eventSeq],
      ['telemetry', ack.telemetrySeq],
    ] as const) {
      const cursor = this.#cursors[kind];
      const acked = Math.min(seq, this.#spool.nextSeq(kind) - 1);
      if (acked <= cursor.acked) continue;
      cursor.acked = acked;
      cursor.sent = Math.max(cursor.sent, acked);
      cursor.progressAt = this.#now();
      await this.#spool.acknowledge(kind, acked);
    }
    for (const listener of this.#ackListeners) listener();
    await this.pump();
  }

  /** Sends what waits, and resolves when the server has committed the event `seq`; also when `signal` aborts. */
  whenEventAcked(seq: number, signal: AbortSignal): Promise<void> {
    this.#pumpLater();
    return new Promise((resolve) => {
      const look = () => {
        if (this.ackedEventSeq < seq && !signal.aborted) return;
        this.#ackListeners.delete(look);
        signal.removeEventListener('abort', look);
        resolve();
      };
      this.#ackListeners.add(look);
      signal.addEventListener('abort', look);
      look();
    });
  }

  /** To be called now and then: sends again what the server has not confirmed for too long. */
  async tick(): Promise<void> {
    for (const kind of spoolKinds) {
      const isLate = this.#now() - this.#cursors[kind].progressAt >= RESEND_AFTER_MS;
      if (isLate && this.#inFlightOf(kind) > 0) this.#rewind(kind);
    }
    await this.pump();
  }

  /** To be called after every event: it is sent with what else happens in the same breath. */
  told(): void {
    if (this.#isConnected) this.#breath.ask(BREATH);
  }

  /**
   * Sends the events that there are, and resolves when they are sent, whoever sends them: a report must not overtake what led to it. It
   * does not wait for what is behind them, which may be a week of telemetry. Rejects when the spool cannot be read.
   */
  async sendEvents(): Promise<void> {
    const last = this.#spool.nextSeq('events') - 1;
    this.#pumpLater();
    while (this.#isPumping && this.#cursors.events.sent < last) await this.#sending;
  }

  /** Sends what may be sent, now; to be called after every append of telemetry. */
  async pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (let kind = this.#nextKind(); kind; kind = this.#nextKind()) {
        this.#sending = this.#sendNext(kind);
        await this.#sending;
      }
    } finally {
      this.#isPumping = false;
    }
  }

  /** For nobody who waits. A spool that cannot be read now is read again at the next tick. */
  #pumpLater(): void {
    this.pump().catch(() => undefined);
  }

  async #sendNext(kind: SpoolKind): Promise<void> {
    const cursor = this.#cursors[kind];
    const { sent } = cursor;
    const seq = Math.max(sent + 1, this.#spool.oldestSeq(kind));
    if (this.#inFlightOf(kind) === 0) cursor.progressAt = this.#now();
    const message = await this.#spool.message(kind, seq, this.#now());
    const together = message && kind === 'events' ? await this.#together(message, seq) : { message, last: seq };
    // Acknowledged, rewound or disconnected meanwhile: what is next is decided anew.
    if (!this.#isConnected || cursor.sent !== sent) return;
    cursor.sent = together.last;
    if (together.message) this.#publish(kind, JSON.stringify(together.message));
  }

  /** An event and those behind it, as many as one message may hold and the server may be behind. */
  async #together(first: object, seq: number): Promise<{ message: object; last: number }> {
    const most = Math.min(MAX_EVENTS_PER_MESSAGE, MAX_IN_FLIGHT - this.#inFlight());
    const last = Math.min(this.#spool.nextSeq('events') - 1, seq + most - 1);
    const more: object[] = [];
    let bytes = FRAME_BYTES + Buffer.byteLength(JSON.stringify(first));
    for (let next = seq + 1; next <= last; next += 1) {
      const message = await this.#spool.message('events', next, this.#now());
      if (!message) continue;
      const { boot: _, oldestSeq: _oldest, ...event } = message;
      bytes += Buffer.byteLength(JSON.stringify(event)) + 1;
      if (bytes > MAX_MESSAGE_BYTES) return { message: { ...first, more }, last: next - 1 };
      more.push(event);
    }
    return { message: more.length > 0 ? { ...first, more } : first, last: Math.max(seq, last) };
  }

  #nextKind(): SpoolKind | undefined {
    if (!this.#isConnected || this.#inFlight() >= MAX_IN_FLIGHT) return undefined;
    return spoolKinds.find((kind) => this.#cursors[kind].sent < this.#spool.nextSeq(kind) - 1);
  }

  #inFlight(): number {
    return spoolKinds.reduce((sum, kind) => sum + this.#inFlightOf(kind), 0);
  }

  #inFlightOf(kind: SpoolKind): number {
    return this.#cursors[kind].sent - this.#floor(kind);
  }

  /** Below this the device holds nothing: acknowledged, or dropped. */
  #floor(kind: SpoolKind): number {
    return Math.min(this.#cursors[kind].sent, Math.max(this.#cursors[kind].acked, this.#spool.oldestSeq(kind) - 1));
  }

  #rewind(kind: SpoolKind): void {
    this.#cursors[kind].sent = this.#floor(kind);
    this.#cursors[kind].progressAt = this.#now();
  }
}
