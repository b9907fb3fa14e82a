import { type AgentReport, DEFAULT_CONFIRM_WITHIN_S, DEFAULT_STABLE_S, type DesiredAgent } from '@flotilla/protocol';
import type { Change } from '../change.ts';
import { type Logger, messageOf } from '../logger.ts';
import type { Progress } from '../slot/report.ts';
import { StepRunner } from '../slot/step-runner.ts';
import type { EventDraft } from '../spool/spool.ts';
import { ToldJournal } from '../spool/told-journal.ts';
import type { JsonFile } from '../state/json-file.ts';
import type { BeforeSwitch, TrialMark, UpgradeEffect, UpgradeInput, UpgradeWork } from './inputs.ts';
import { reduceUpgrade } from './reduce.ts';
import type { UpgradeChange, UpgradeState, UpgradeTarget } from './state.ts';

export type UpgraderPorts = {
  /** Of the agent that runs. */
  version: string;
  isUpgradable: boolean;
  journal: Pick<JsonFile<UpgradeState>, 'save'>;
  /** What the launcher's note says of this package. */
  markOf: (program: string | undefined) => Promise<TrialMark>;
  work: (
    phase: UpgradeWork,
    state: UpgradeState,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ) => Promise<BeforeSwitch | undefined>;
  prune: (state: UpgradeState) => Promise<void>;
  addEvent: (event: EventDraft) => Promise<unknown>;
  isTold: (event: EventDraft) => Promise<boolean>;
  whenCommitted: (signal: AbortSignal) => Promise<void>;
  onChange: (change: Change) => void;
  logger: Logger;
  now: () => number;
  random: () => number;
};

/** Drives the agent's own upgrade: decides by the pure machine, writes the decision down, then acts. One input at a time. */
export class Upgrader {
  readonly #ports: UpgraderPorts;
  readonly #stopping = new AbortController();
  readonly #journal: ToldJournal<UpgradeChange, UpgradeState>;
  readonly #step: StepRunner<BeforeSwitch | undefined>;
  #queue: Promise<void> = Promise.resolve();

  constructor(ports: UpgraderPorts, state: UpgradeState) {
    this.#ports = ports;
    this.#step = new StepRunner(ports.now, () => ports.onChange('later'));
    this.#journal = new ToldJournal(this.#journalPorts(), state, this.#stopping.signal);
  }

  get state(): UpgradeState {
    return this.#journal.state;
  }

  get report(): AgentReport {
    const { version, isUpgradable } = this.#ports;
    const { phase, since, target, attempts, reason } = this.state;
    if (!target) return { version, isUpgradable };
    return {
      version,
      isUpgradable,
      phase,
      since,
      order: target.order,
      target: target.version,
      ...(this.#step.progress && { progress: this.#step.progress }),
      ...(attempts > 0 && { attempts }),
      ...(reason && { reason }),
    };
  }

  /** What a crash kept from being told comes first. */
  async start(): Promise<void> {
    const { version, markOf } = this.#ports;
    const mark = await markOf(this.state.target?.package?.sha256);
    this.#queue = this.#journal.tellRest();
    await this.#take({ type: 'started', version, mark });
  }

  /** Absent: whatever runs is right. */
  desire(agent: DesiredAgent | undefined): Promise<void> {
    return this.#take({ type: 'desired', version: this.#ports.version, target: agent ? targetOf(agent) : null });
  }

  /** Ends the work under way; what is on disk goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#step.stop();
    await this.#queue;
  }

  #take(input: UpgradeInput): Promise<void> {
    const taken = this.#queue.then(() => this.#handle(input));
    this.#queue = taken.catch((error: unknown) => {
      this.#ports.logger.log('error', `upgrade: ${messageOf(error)}`, { input: input.type });
    });
    return this.#queue;
  }

  async #handle(input: UpgradeInput): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const before = this.state;
    const { state, effects } = reduceUpgrade(before, input, this.#ports.now());
    if (state !== before) await this.#journal.commit(state);
    for (const effect of effects) await this.#run(effect);
  }

  async #run(effect: UpgradeEffect): Promise<void> {
    switch (effect.kind) {
      case 'work':
        return this.#startWork(effect.phase, effect.job);
      case 'cancel':
        this.#step.cancel();
        return;
      case 'await-answer':
        return this.#step.wait(this.#ports.whenCommitted, () => this.#take({ type: 'answered' }));
      case 'wake':
        return this.#step.wakeAt(effect.at, () => this.#take({ type: 'retry' }));
      case 'prune':
        return await this.#ports.prune(this.state);
    }
  }

  #startWork(phase: UpgradeWork, job: number): void {
    const { work, random, logger } = this.#ports;
    const { state } = this;
    this.#step.start((signal, onProgress) => work(phase, state, signal, onProgress), {
      done: (found) => this.#take({ type: 'done', job, ...(found && { found }) }),
      failed: ({ code, message: detail }) => {
        logger.log('warn', `upgrade: ${phase} failed`, { code, detail });
        return this.#take({ type: 'failed', job, code, detail, jitter: random() });
      },
    });
  }

  #journalPorts() {
    const { journal, addEvent, isTold, logger, onChange } = this.#ports;
    return {
      journal,
      addEvent,
      isTold,
      logger,
      eventOf,
      onSaved: (state: UpgradeState, before: UpgradeState) => {
        const isPhaseChange = state.phase !== before.phase || state.target !== before.target;
        if (isPhaseChange) this.#step.progress = null;
        onChange(isPhaseChange ? 'now' : 'later');
      },
      onTell: ({ from, to, fromVersion, toVersion, reason }: UpgradeChange) =>
        logger.log('info', `upgrade: ${from} → ${to}`, { fromVersion, toVersion, reason: reason?.code }),
      onStuck: async () => {},
    };
  }
}

function targetOf({ order, version, packages, confirmWithinS, stableS }: DesiredAgent): UpgradeTarget {
  const found = packages[`${process.platform}-${process.arch}`];
  return {
    order,
    version,
    confirmWithinS: confirmWithinS ?? DEFAULT_CONFIRM_WITHIN_S,
    stableS: stableS ?? DEFAULT_STABLE_S,
    ...(found && { package: { sha256: found.sha256, sizeBytes: found.sizeBytes, unpackedBytes: found.unpackedBytes } }),
  };
}

function eventOf({ at, from, to, order, fromVersion, toVersion, reason }: UpgradeChange): EventDraft {
  const upgrade = { order, from: fromVersion, to: toVersion };
  return { at, kind: 'upgrade', from, to, upgrade, ...(reason && { reason }) };
}
