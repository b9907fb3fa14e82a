import { createHash } from 'node:crypto';
import { Ack, type DesiredState, parseTopic } from '@flotilla/protocol';
import type { DesiredStore } from '../desired/desired-store.ts';
import { type Logger, messageOf } from '../logger.ts';
import { type ReasonError, reasonErrorOf } from '../reason-error.ts';
import type { EventDraft } from '../spool/spool.ts';

/** Refused documents remembered, so that a retained one is reported once and not at every reconnect. */
const MAX_REFUSED = 64;

export type InboxPorts = {
  desired: DesiredStore;
  onDesired: (document: DesiredState) => Promise<void>;
  onAck: (ack: Ack) => Promise<void>;
  onCommand: (id: string, jws: string) => Promise<void>;
  addEvent: (event: EventDraft) => Promise<unknown>;
  logger: Logger;
  now: () => number;
};

/** A document that the disk did not take is tried again after this. The broker would not send it again before a reconnect. */
const STORAGE_RETRY_MS = 5_000;

/** Everything the server sends comes through here, is parsed once, and is handled one after another. */
export class Inbox {
  readonly #ports: InboxPorts;
  readonly #refused = new Set<string>();
  #queue: Promise<void> = Promise.resolve();
  /** The newest document that the disk did not take. */
  #waiting: string | null = null;

  constructor(ports: InboxPorts) {
    this.#ports = ports;
  }

  receive(topic: string, payload: Buffer): void {
    const parsed = parseTopic(topic);
    const text = payload.toString('utf8');
    if (parsed?.kind === 'ack') void this.#receiveAck(text);
    if (parsed?.kind === 'desired' && text !== '') void this.receiveDesired(text);
    if (parsed?.kind === 'cmd' && parsed.id !== undefined) void this.#receiveCommand(parsed.id, text);
  }

  /** Resolves when the document was taken or refused, or waits for room on the disk. */
  receiveDesired(jws: string): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      try {
        const document = await this.#ports.desired.accept(jws);
        this.#waiting = null;
        if (document) await this.#ports.onDesired(document);
      } catch (error) {
        const reason = reasonErrorOf(error);
        if (reason.code.startsWith('storage.')) this.#tryLater(jws, reason);
        else await this.#refuse(jws, reason);
      }
    });
    return this.#queue;
  }

  #tryLater(jws: string, reason: ReasonError): void {
    this.#ports.logger.log('error', `a desired state waits for the disk: ${reason.message}`, { code: reason.code });
    this.#waiting = jws;
    setTimeout(() => {
      if (this.#waiting === jws) void this.receiveDesired(jws);
    }, STORAGE_RETRY_MS).unref();
  }

  async #receiveAck(text: string): Promise<void> {
    try {
      await this.#ports.onAck(Ack.parse(JSON.parse(text)));
    } catch (error) {
      this.#ports.logger.log('warn', `an acknowledgement was not understood: ${messageOf(error)}`);
    }
  }

  /** Not in the queue: a command may take long, and the next desired state must not wait for it. */
  async #receiveCommand(id: string, jws: string): Promise<void> {
    await this.#ports.onCommand(id, jws).catch((error: unknown) => this.#refuse(jws, reasonErrorOf(error)));
  }

  async #refuse(document: string, error: ReasonError): Promise<void> {
    const digest = createHash('sha256').update(document).digest('base64');
    if (this.#refused.has(digest)) return;
    if (this.#refused.size >= MAX_REFUSED) this.#refused.clear();
    this.#refused.add(digest);
    const reason = { code: error.code, detail: error.message.slice(0, 1000), retry: 'never' as const };
    this.#ports.logger.log('warn', `refused: ${error.message}`, { code: error.code });
    await this.#ports.addEvent({ at: this.#ports.now(), kind: 'refused', reason }).catch(() => {
      this.#refused.delete(digest);
    });
  }
}
