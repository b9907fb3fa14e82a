import { type Ack, RESEND_AFTER_MS } from '@flotilla/protocol';
import { type Spool, type SpoolKind, spoolKinds } from './spool.ts';

/** What is sent from; a simulated device keeps it elsewhere than on a disk. */
type SentSpool = Pick<Spool, 'boot' | 'nextSeq' | 'oldestSeq' | 'message' | 'acknowledge'>;

/** Messages sent and not yet committed by the server. Bounds the broker's queue for a device that comes back after long. */
export const MAX_IN_FLIGHT = 50;

type Cursor = { sent: number; acked: number };

/**
 * Sends the spool in order and again until it is acknowledged: events before telemetry, never more than
 * {@link MAX_IN_FLIGHT} ahead of the server, everything again after a reconnect or 30 s without progress.
 */
export class SpoolSender {
  readonly #spool: SentSpool;
  readonly #publish: (kind: SpoolKind, payload: string) => void;
  readonly #now: () => number;
  readonly #cursors: Record<SpoolKind, Cursor> = { events: { sent: 0, acked: 0 }, telemetry: { sent: 0, acked: 0 } };
  readonly #ackListeners = new Set<() => void>();
  #isConnected = false;
  #isPumping = false;
  #progressAt = 0;

  constructor(spool: SentSpool, publish: (kind: SpoolKind, payload: string) => void, now: () => number) {
    this.#spool = spool;
    this.#publish = publish;
    this.#now = now;
  }

  get ackedEventSeq(): number {
    return this.#cursors.events.acked;
  }

  /** Starts from the first message the server has not acknowledged. */
  async connected(): Promise<void> {
    this.#isConnected = true;
    this.#rewind();
    await this.pump();
  }

  disconnected(): void {
    this.#isConnected = false;
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
      this.#progressAt = this.#now();
      await this.#spool.acknowledge(kind, acked);
    }
    for (const listener of this.#ackListeners) listener();
    await this.pump();
  }

  /** Resolves when the server has committed the event `seq`; also when `signal` aborts. */
  whenEventAcked(seq: number, signal: AbortSignal): Promise<void> {
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
    if (this.#inFlight() > 0 && this.#now() - this.#progressAt >= RESEND_AFTER_MS) this.#rewind();
    await this.pump();
  }

  /** Sends what may be sent; to be called after every append. */
  async pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (let kind = this.#nextKind(); kind; kind = this.#nextKind()) await this.#sendNext(kind);
    } finally {
      this.#isPumping = false;
    }
  }

  async #sendNext(kind: SpoolKind): Promise<void> {
    const cursor = this.#cursors[kind];
    const seq = Math.max(cursor.sent + 1, this.#spool.oldestSeq(kind));
    if (this.#inFlight() === 0) this.#progressAt = this.#now();
    const message = await this.#spool.message(kind, seq, this.#now());
    if (!this.#isConnected || seq <= cursor.sent) return;
    cursor.sent = seq;
    if (message) this.#publish(kind, JSON.stringify(message));
  }

  #nextKind(): SpoolKind | undefined {
    if (!this.#isConnected || this.#inFlight() >= MAX_IN_FLIGHT) return undefined;
    return spoolKinds.find((kind) => this.#cursors[kind].sent < this.#spool.nextSeq(kind) - 1);
  }

  #inFlight(): number {
    return spoolKinds.reduce((sum, kind) => sum + this.#cursors[kind].sent - this.#floor(kind), 0);
  }

  /** Below this the device holds nothing: acknowledged, or dropped. */
  #floor(kind: SpoolKind): number {
    return Math.min(this.#cursors[kind].sent, Math.max(this.#cursors[kind].acked, this.#spool.oldestSeq(kind) - 1));
  }

  #rewind(): void {
    for (const kind of spoolKinds) this.#cursors[kind].sent = this.#floor(kind);
    this.#progressAt = this.#now();
  }
}
