import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { isDataError } from '../db/ingest/transaction.ts';
import type { Logger } from '../platform/logger.ts';
import { commitBatch } from './batch.ts';
import { Lane } from './lane.ts';
import type { IncomingMessage, ParsedMessage, Refusal } from './parse-message.ts';
import { parseSome } from './parse-some.ts';
import type { DeviceAck } from './spools.ts';

/** Waiting for a commit, in each lane. At a bound the broker is held back, so memory is bounded too. */
const LIMITS = { maxItems: 15_000, maxBytes: 64 * 2 ** 20 };

/** Transactions under way at once, each on a connection of its own: one of status, one of telemetry. */
export const INGEST_CONNECTIONS = 2;

/**
 * Windows in one transaction, but for those of the message that reaches it, or messages of other kinds, of which a device sends several where the
 * last says it all.
 */
const MAX_BATCH = { telemetry: 5_000, status: 10_000 };

/** Between the beginnings of two batches, so that they grow; short against the 250 ms a person notices. */
const GATHER_MS = 50;

/**
 * In a flood of status, so many wait when a batch is committed, and the next one gathers three times the time which that one took, never longer than
 * this: a few large ones cost the database much less than many small ones. Telemetry grows its batches by itself while one is committed; to
 * wait on top of that would keep them large when the flood is over.
 */
const FLOOD = 500;
const FLOOD_GATHER = 3;
const MAX_GATHER_MS = 1_500;

/** How the topics end that have a lane of their own. */
const TELEMETRY_TOPIC = '/telemetry';

const RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;

export type PipelineDeps = {
  pool: pg.Pool;
  now: () => Date;
  logger: Logger;
  acknowledge: (acks: readonly DeviceAck[]) => void;
};

/**
 * Queue → parse → batch → commit → acknowledge. What a device is and what happened to it has a lane of its own, and so never waits behind
 * what it measured. While the database is away all wait and keep what they have; a poisonous message costs only itself. What waits is bytes: as
 * objects it would be several times as large, and copied by each collection of garbage.
 */
export class IngestPipeline {
  private readonly deps: PipelineDeps;
  private readonly status = new Lane<IncomingMessage>(LIMITS);
  private readonly telemetry = new Lane<IncomingMessage>(LIMITS);
  private isStopped = false;
  private running: Promise<unknown> | undefined;

  constructor(deps: PipelineDeps) {
    this.deps = deps;
  }

  start(): void {
    this.running = Promise.all([this.run('status', this.status), this.run('telemetry', this.telemetry)]);
  }

  /** Resolves at once, or, when too much of its kind waits, as soon as there is room. What comes after `stop` is not taken. */
  async push(message: IncomingMessage): Promise<void> {
    if (this.isStopped) return;
    const lane = message.topic.endsWith(TELEMETRY_TOPIC) ? this.telemetry : this.status;
    await lane.add(message, message.payload.length);
  }

  /** Commits what is queued, then ends. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const lane of [this.status, this.telemetry]) lane.close();
    await this.running;
  }

  private async run(kind: keyof typeof MAX_BATCH, lane: Lane<IncomingMessage>): Promise<void> {
    let dueMs = 0;
    while (await lane.hasSome()) {
      await lane.gather(MAX_BATCH[kind], Math.max(0, dueMs - performance.now()));
      const takenAtMs = performance.now();
      const { messages, refusals } = parseSome(lane.take(), MAX_BATCH[kind]);
      await this.commitParsed(messages, refusals);
      const doneMs = performance.now();
      const isFlood = kind === 'status' && lane.size >= FLOOD;
      const floodMs = isFlood ? Math.min(FLOOD_GATHER * (doneMs - takenAtMs), MAX_GATHER_MS) : 0;
      dueMs = Math.max(takenAtMs + GATHER_MS, doneMs + floodMs);
    }
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
