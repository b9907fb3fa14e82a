import { listen } from '../../db/listen.ts';
import { LIVE_CHANNEL, LiveHint } from '../../db/notify.ts';

/** Hints that one slow browser may leave unread; then it is told to fetch everything again. */
const MAX_BUFFERED = 200;

export type LiveMessage = { type: 'changed'; kind: LiveHint['kind']; id: string } | { type: 'resync' };

type Subscriber = { organizationId: string; buffer: LiveMessage[]; wake: () => void };

/** One LISTEN connection per process, fanned out to the open consoles of each organization. Hints only: the browser fetches what it shows. */
export class LiveHub {
  private readonly databaseUrl: string;
  private readonly subscribers = new Set<Subscriber>();
  private stopListening: (() => Promise<void>) | undefined;

  constructor(databaseUrl: string) {
    this.databaseUrl = databaseUrl;
  }

  start(): void {
    this.stopListening = listen(
      this.databaseUrl,
      LIVE_CHANNEL,
      (payload) => this.publish(payload),
      () => this.resyncAll(),
    );
  }

  async stop(): Promise<void> {
    await this.stopListening?.();
  }

  /** Hints of one organization until the signal aborts. Begins with a `resync`: what happened before is not known here. */
  async *subscribe(organizationId: string, signal: AbortSignal): AsyncGenerator<LiveMessage> {
    const subscriber: Subscriber = { organizationId, buffer: [{ type: 'resync' }], wake: () => undefined };
    this.subscribers.add(subscriber);
    const onAbort = () => subscriber.wake();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        const message = subscriber.buffer.shift();
        if (message) yield message;
        else
          await new Promise<void>((resolve) => {
            subscriber.wake = resolve;
          });
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.subscribers.delete(subscriber);
    }
  }

  private publish(payload: string): void {
    const hint = LiveHint.safeParse(parse(payload)).data;
    if (!hint) return;
    for (const subscriber of this.subscribers) {
      if (subscriber.organizationId === hint.organizationId)
        push(subscriber, { type: 'changed', kind: hint.kind, id: hint.id });
    }
  }

  private resyncAll(): void {
    for (const subscriber of this.subscribers) push(subscriber, { type: 'resync' });
  }
}

/** A hint that waits already is not added again. */
function push(subscriber: Subscriber, message: LiveMessage): void {
  const { buffer } = subscriber;
  const isWaiting = buffer.some(
    (each) =>
      each.type === 'resync' ||
      (each.type === message.type &&
        message.type === 'changed' &&
        each.kind === message.kind &&
        each.id === message.id),
  );
  if (!isWaiting) buffer.push(message);
  if (buffer.length > MAX_BUFFERED) buffer.splice(0, buffer.length, { type: 'resync' });
  subscriber.wake();
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return null;
  }
}
