import type { DesiredSlot, ProofReport, SlotReport } from '@flotilla/protocol';
import { type Logger, messageOf } from '../logger.ts';
import { reasonErrorOf } from '../reason-error.ts';
import type { EventDraft } from '../spool/spool.ts';
import { ToldJournal } from '../spool/told-journal.ts';
import type { JsonFile } from '../state/json-file.ts';
import type { SlotEffect, SlotInput, WorkPhase } from './inputs.ts';
import { servingAtStart } from './on-started.ts';
import { reduce } from './reduce.ts';
import { type Progress, slotReport } from './report.ts';
import type { PhaseChange, Serving, SlotState } from './state.ts';

/** A wait is looked at this often, because the device's clock may be set while it lasts. */
const LONGEST_TIMER_MS = 60_000;

/** Why a step's work ends: one for all, because making an error costs more than the step of a release that is here already. */
const GIVEN_UP = new Error('the step was given up');

export type SlotPorts = {
  slot: string;
  journal: Pick<JsonFile<SlotState>, 'save'>;
  /** Does a phase's work; rejects with a reason. */
  work: (
    phase: WorkPhase,
    state: SlotState,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ) => Promise<ProofReport | undefined>;
  serve: (serving: Serving | null) => Promise<void>;
  prune: () => Promise<void>;
  addEvent: (event: EventDraft) => Promise<unknown>;
  /** Is this very event on disk already? Asked at a start, for what a crash left in doubt. */
  isTold: (event: EventDraft) => Promise<boolean>;
  /** Resolves when the server has committed every event so far, or when `signal` aborts. */
  whenCommitted: (signal: AbortSignal) => Promise<void>;
  onChange: (isPhaseChange: boolean) => void;
  logger: Logger;
  now: () => number;
  random: () => number;
};

/** Drives one slot: decides by the pure machine, writes the decision down, then acts. One input at a time. */
export class SlotController {
  readonly #ports: SlotPorts;
  readonly #journal: ToldJournal<PhaseChange, SlotState>;
  #progress: Progress | null = null;
  #queue: Promise<void> = Promise.resolve();
  #job = new AbortController();
  #working: Promise<unknown> = Promise.resolve();
  #wake: NodeJS.Timeout | null = null;
  #hasServed = false;
  readonly #stopping = new AbortController();

  constructor(ports: SlotPorts, state: SlotState) {
    this.#ports = ports;
    this.#journal = new ToldJournal(this.#journalPorts(), state, this.#stopping.signal);
  }

  get state(): SlotState {
    return this.#journal.state;
  }

  get report(): SlotReport {
    return slotReport(this.state, this.#progress);
  }

  /** What a crash kept from being told comes first; what it told before it could write that down is not told again. */
  start(): Promise<void> {
    this.#queue = this.#journal.tellRest();
    return this.#take({ type: 'started', jitter: this.#ports.random() });
  }

  desire(slot: DesiredSlot | null): Promise<void> {
    return this.#take({ type: 'desired', slot });
  }

  /** The container engine of this device answers, and did not before. */
  able(): Promise<void> {
    return this.#take({ type: 'able' });
  }

  /** Ends the work under way; what is on disk goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#job.abort();
    if (this.#wake) clearTimeout(this.#wake);
    await this.#queue;
  }

  #take(input: SlotInput): Promise<void> {
    const taken = this.#queue.then(() => this.#handle(input));
    this.#queue = taken.catch((error: unknown) => {
      this.#ports.logger.log('error', `slot ${this.#ports.slot}: ${messageOf(error)}`, { input: input.type });
    });
    return this.#queue;
  }

  async #handle(input: SlotInput): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const before = this.state;
    const { state, effects } = reduce(before, input, this.#ports.now());
    if (state !== before) await this.#journal.commit(state);
    for (const effect of effects) await this.#run(effect);
  }

  #journalPorts() {
    const { slot, logger, journal, addEvent, isTold, onChange } = this.#ports;
    return {
      journal,
      addEvent,
      isTold,
      logger,
      eventOf: (change: PhaseChange) => eventOf(slot, change),
      onSaved: (state: SlotState, before: SlotState) => {
        const isPhaseChange = state.phase !== before.phase || state.target !== before.target;
        if (isPhaseChange) this.#progress = null;
        onChange(isPhaseChange);
      },
      onTell: ({ from, to, deployment, reason }: PhaseChange) =>
        logger.log('info', `slot ${slot}: ${from} → ${to}`, { deployment, reason: reason?.code }),
      onStuck: async () => {
        if (!this.#hasServed) await this.#serve(servingAtStart(this.state));
      },
    };
  }

  /** A disk that takes no journal stops every change, but not what served before. */
  async #serve(serving: Serving | null): Promise<void> {
    this.#hasServed = true;
    await this.#ports.serve(serving);
  }

  async #run(effect: SlotEffect): Promise<void> {
    switch (effect.kind) {
      case 'work':
        return this.#startWork(effect.phase, effect.job);
      case 'cancel':
        this.#cancel();
        return;
      case 'await-ack':
        return this.#awaitAck(effect.job);
      case 'wake':
        return this.#wakeAt(effect.at);
      case 'serve':
        return await this.#serve(this.state.serving);
      case 'prune':
        return await this.#ports.prune();
    }
  }

  /** Work that was given up ends first, so that two never touch the same files or runners. */
  #startWork(phase: WorkPhase, job: number): void {
    const { signal } = this.#cancel();
    const onProgress = (progress: Progress) => {
      if (signal.aborted) return;
      this.#progress = progress;
      this.#ports.onChange(false);
    };
    const state = this.state;
    const working = this.#working.then(() => {
      signal.throwIfAborted();
      return this.#ports.work(phase, state, signal, onProgress);
    });
    this.#working = working.catch(() => {});
    working.then(
      (proof) => this.#take({ type: 'done', job, ...(proof && { proof }) }),
      (error: unknown) => {
        if (signal.aborted) return;
        const { code, message: detail, proof } = reasonErrorOf(error);
        const jitter = this.#ports.random();
        this.#ports.logger.log('warn', `slot ${this.#ports.slot}: ${phase} failed`, { code, detail });
        return this.#take({ type: 'failed', job, code, detail, jitter, ...(proof && { proof }) });
      },
    );
  }

  #awaitAck(job: number): void {
    const { signal } = this.#cancel();
    void this.#ports.whenCommitted(signal).then(() => {
      if (!signal.aborted) return this.#take({ type: 'acknowledged', job });
    });
  }

  #cancel(): AbortController {
    this.#job.abort(GIVEN_UP);
    this.#job = new AbortController();
    return this.#job;
  }

  #wakeAt(at: number): void {
    if (this.#wake) clearTimeout(this.#wake);
    const waitMs = Math.min(LONGEST_TIMER_MS, Math.max(0, at - this.#ports.now()));
    this.#wake = setTimeout(() => {
      if (this.#ports.now() < at) this.#wakeAt(at);
      void this.#take({ type: 'retry' });
    }, waitMs);
  }
}

function eventOf(slot: string, { deployment, releaseId, reason, proof, ...change }: PhaseChange): EventDraft {
  const about = { ...(deployment && { deployment }), ...(releaseId && { releaseId }), ...(reason && { reason }) };
  return { ...change, kind: 'phase', slot, ...about, ...(proof && { proof }) };
}
