import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { isDataError } from '../db/ingest/transaction.ts';
import type { Logger } from '../platform/logger.ts';
import { commitBatch } from './batch.ts';
import { type IncomingMessage, type ParsedMessage, parseMessage, type Refusal } from './parse-message.ts';
import type { DeviceAck } from './spools.ts';

/** Messages waiting for a commit. At the bound the broker is held back, so memory is bounded too. */
export const MAX_QUEUED = 5_000;

/** Messages of one transaction. */
const MAX_BATCH = 1_000;

/** A quiet moment to let a batch grow; short against the 250 ms a person notices. */
const GATHER_MS = 25;

const RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;

export type PipelineDeps = {
  pool: pg.Pool;
  now: () => Date;
  logger: Logger;
  acknowledge: (acks: readonly DeviceAck[]) => void;
};

/** Queue → batch → commit → acknowledge. While the database is away it waits and keeps what it has; a poisonous message costs only itself. */
export class IngestPipeline {
  private readonly deps: PipelineDeps;
  private readonly queue: IncomingMessage[] = [];
  private readonly waiting: (() => void)[] = [];
  private isStopped = false;
  private running: Promise<void> | undefined;
  private wake: () => void = () => undefined;

  constructor(deps: PipelineDeps) {
    this.deps = deps;
  }

  start(): void {
    this.running = this.run();
  }

  /** Resolves at once, or, when the queue is full, as soon as there is room. */
  async push(message: IncomingMessage): Promise<void> {
    this.queue.push(message);
    this.wake();
    if (this.queue.length >= MAX_QUEUED) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Commits what is queued, then ends. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isStopped || this.queue.length > 0) {
      if (this.queue.length === 0) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        continue;
      }
      if (this.queue.length < MAX_BATCH && !this.isStopped) await delay(GATHER_MS);
      await this.commit(this.queue.splice(0, MAX_BATCH));
      for (const resolve of this.waiting.splice(0)) resolve();
    }
  }

  private async commit(batch: readonly IncomingMessage[]): Promise<void> {
    const parsed = batch.map(parseMessage);
    const messages = parsed.flatMap((each) => (each?.ok ? [each.message] : []));
    const refusals = parsed.flatMap((each) => (each && !each.ok ? [each.refusal] : []));
    await this.commitParsed(messages, refusals);
  }

  private async commitParsed(messages: readonly ParsedMessage[], refusals: readonly Refusal[]): Promise<void> {
    if (messages.length === 0 && refusals.length === 0) return;
    for (let attempt = 0; ; attempt += 1) {
      try {
        this.deps.acknowledge(await commitBatch(this.deps.pool, messages, refusals, this.deps.now()));
        return;
      } catch (error) {
        if (isDataError(error)) return this.splitPoison(messages, refusals, error);
        this.deps.logger.error(
          { err: error, messages: messages.length, attempt },
          'could not commit a batch; it is kept and tried again',
        );
        if (this.isStopped && attempt > 3) return;
        await delay(Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** attempt) * (0.5 + Math.random() / 2));
      }
    }
  }

  /** A batch that the database refuses is tried in halves, until the one message at fault stands alone and is counted. */
  private async splitPoison(
    messages: readonly ParsedMessage[],
    refusals: readonly Refusal[],
    error: unknown,
  ): Promise<void> {
    const [first] = messages;
    if (!first) {
      this.deps.logger.warn({ err: error, refusals: refusals.length }, 'refused messages cannot be counted');
      return;
    }
    await this.commitParsed([], refusals);
    if (messages.length === 1) {
      this.deps.logger.warn({ err: error, deviceId: first.deviceId, kind: first.kind }, 'a message cannot be stored');
      const detail = error instanceof Error ? error.message.slice(0, 500) : 'unknown';
      return this.commitParsed([], [{ deviceId: first.deviceId, kind: first.kind, code: 'not_stored', detail }]);
    }
    const middle = Math.ceil(messages.length / 2);
    await this.commitParsed(messages.slice(0, middle), []);
    await this.commitParsed(messages.slice(middle), []);
  }
}
