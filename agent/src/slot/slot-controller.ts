import type { DesiredSlot, ProofReport, SlotReport } from '@flotilla/protocol';
import type { Change } from '../change.ts';
import { type Logger, messageOf } from '../logger.ts';
import type { EventDraft } from '../spool/spool.ts';
import { ToldJournal } from '../spool/told-journal.ts';
import type { JsonFile } from '../state/json-file.ts';
import { isWorking, type SlotEffect, type SlotInput, type WorkPhase } from './inputs.ts';
import { servingAtStart } from './on-started.ts';
import { reduce } from './reduce.ts';
import { type Progress, slotReport } from './report.ts';
import type { PhaseChange, Serving, SlotState } from './state.ts';
import { StepRunner } from './step-runner.ts';

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
  onChange: (change: Change) => void;
  logger: Logger;
  now: () => number;
  random: () => number;
};

/** Drives one slot: decides by the pure machine, writes the decision down, then acts. One input at a time. */
export class SlotController {
  readonly #ports: SlotPorts;
  readonly #journal: ToldJournal<PhaseChange, SlotState>;
  readonly #step: StepRunner<ProofReport | undefined>;
  #queue: Promise<void> = Promise.resolve();
  #hasServed = false;
  readonly #stopping = new AbortController();

  constructor(ports: SlotPorts, state: SlotState) {
    this.#ports = ports;
    this.#step = new StepRunner(ports.now, () => ports.onChange('later'));
    this.#journal = new ToldJournal(this.#journalPorts(), state, this.#stopping.signal);
  }

  get state(): SlotState {
    return this.#journal.state;
  }

  get report(): SlotReport {
    return slotReport(this.state, this.#step.progress);
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
    this.#step.stop();
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
        if (isPhaseChange) this.#step.progress = null;
        onChange(isPhaseChange ? (isWorking(state.phase) ? 'soon' : 'now') : 'later');
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
        this.#step.cancel();
        return;
      case 'await-ack':
        return this.#step.wait(this.#ports.whenCommitted, () => this.#take({ type: 'acknowledged', job: effect.job }));
      case 'wake':
        return this.#step.wakeAt(effect.at, () => this.#take({ type: 'retry' }));
      case 'serve':
        return await this.#serve(this.state.serving);
      case 'prune':
        return await this.#ports.prune();
    }
  }

  #startWork(phase: WorkPhase, job: number): void {
    const { work, random, logger, slot } = this.#ports;
    const { state } = this;
    this.#step.start((signal, onProgress) => work(phase, state, signal, onProgress), {
      done: (proof) => this.#take({ type: 'done', job, ...(proof && { proof }) }),
      failed: ({ code, message: detail, proof }) => {
        logger.log('warn', `slot ${slot}: ${phase} failed`, { code, detail });
        return this.#take({ type: 'failed', job, code, detail, jitter: random(), ...(proof && { proof }) });
      },
    });
  }
}

function eventOf(slot: string, { deployment, releaseId, reason, proof, ...change }: PhaseChange): EventDraft {
  const about = { ...(deployment && { deployment }), ...(releaseId && { releaseId }), ...(reason && { reason }) };
  return { ...change, kind: 'phase', slot, ...about, ...(proof && { proof }) };
}
