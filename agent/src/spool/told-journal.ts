import { delay } from '../delay.ts';
import { type Logger, messageOf } from '../logger.ts';
import type { JsonFile } from '../state/json-file.ts';
import type { EventDraft } from './spool.ts';

/** A disk that cannot take the journal is asked again after this; nothing is done that is not written down. */
const JOURNAL_RETRY_MS = 5_000;

export type ToldJournalPorts<Change, State> = {
  journal: Pick<JsonFile<State>, 'save'>;
  eventOf: (change: Change) => EventDraft;
  addEvent: (event: EventDraft) => Promise<unknown>;
  /** Is this very event on disk already? Asked at a start, for what a crash left in doubt. */
  isTold: (event: EventDraft) => Promise<boolean>;
  /** The state is on disk, the events it brought are not yet told. */
  onSaved: (state: State, before: State) => void;
  onTell: (change: Change) => void;
  /** The disk does not take what is written, and will be asked again. */
  onStuck: () => Promise<void>;
  logger: Logger;
};

/** The state of a machine on disk, and what it has to tell: each change is told once, whatever crash comes between. */
export class ToldJournal<Change, State extends { outbox: Change[] }> {
  readonly #ports: ToldJournalPorts<Change, State>;
  readonly #stopping: AbortSignal;
  #state: State;

  constructor(ports: ToldJournalPorts<Change, State>, state: State, stopping: AbortSignal) {
    this.#ports = ports;
    this.#state = state;
    this.#stopping = stopping;
  }

  get state(): State {
    return this.#state;
  }

  /** State first, then the events it brought; then again without them, so that a restart does not tell them twice. */
  async commit(state: State): Promise<void> {
    const before = this.#state;
    await this.#persist(() => this.#ports.journal.save(state));
    this.#state = state;
    this.#ports.onSaved(state, before);
    await this.#tell(state.outbox);
  }

  /** What a crash kept from being told; what was told before that could be written down is not told again. */
  async tellRest(): Promise<void> {
    const { eventOf, isTold } = this.#ports;
    const { outbox } = this.#state;
    const isKnown = await Promise.all(outbox.map((change) => isTold(eventOf(change))));
    await this.#tell(outbox.filter((_, at) => !isKnown[at]));
  }

  async #tell(outbox: readonly Change[]): Promise<void> {
    if (this.#state.outbox.length === 0) return;
    this.#state = { ...this.#state, outbox: [] };
    for (const change of outbox) {
      this.#ports.onTell(change);
      await this.#persist(() => this.#ports.addEvent(this.#ports.eventOf(change)));
    }
    await this.#persist(() => this.#ports.journal.save(this.#state));
  }

  async #persist(write: () => Promise<unknown>): Promise<void> {
    while (true) {
      try {
        await write();
        return;
      } catch (error) {
        this.#ports.logger.log('error', `cannot write the journal: ${messageOf(error)}`);
        if (this.#stopping.aborted) throw error;
        await this.#ports.onStuck();
        await delay(JOURNAL_RETRY_MS, this.#stopping);
      }
    }
  }
}
