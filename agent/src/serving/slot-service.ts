import type { Reason, Release } from '@flotilla/protocol';
import { backoffMs } from '../backoff.ts';
import { delay } from '../delay.ts';
import { ReasonError, reasonErrorOf } from '../reason-error.ts';
import type { RunnerWindow } from '../runner/contract.ts';
import { Backend, type OipEndpoint } from './endpoint.ts';
import type { Runner, RunnerExit } from './runner.ts';

/** Requests that an old runner still has get this long to end before it is stopped. */
const DRAIN_TIMEOUT_MS = 10_000;

/** A runner that lived this long starts its back-off anew. */
const HEALTHY_AFTER_MS = 60_000;

export type ServicePorts = {
  slot: string;
  endpoint: OipEndpoint;
  /** Starts and loads a runner; rejects with the reason. `signal` aborts when it is not wanted any more. */
  launch: (release: Release, signal: AbortSignal) => Promise<Runner>;
  /** Something an operator should read: a crash, a start that failed. */
  onTrouble: (releaseId: string, reason: Reason) => void;
  onChange: () => void;
  random: () => number;
};

/** Statistics of a runner that was replaced within a window. */
export type RetiredWindow = { releaseId: string; window: RunnerWindow };

/**
 * What serves in one slot: the runner behind the endpoint, kept alive, and at most one candidate beside it. Changing over
 * leaves no moment without a runner.
 */
export class SlotService {
  crashes = 0;
  readonly #ports: ServicePorts;
  #wanted: Release | null = null;
  #current: Runner | null = null;
  #backend: Backend | null = null;
  #candidate: Runner | null = null;
  #retired: RetiredWindow[] = [];
  #startedAtMs = 0;
  #failures = 0;
  /** A runner that ended, as long as it is in doubt whose fault that was. */
  #fall: { releaseId: string; reason: Reason } | null = null;
  #pause = new AbortController();
  /** Of the launch under way in turn: bringing back a lost image may take long, and another version may be wanted meanwhile. */
  #launching = new AbortController();
  #stopping = new AbortController();
  #switching: Promise<unknown> = Promise.resolve();
  #stops = 0;

  constructor(ports: ServicePorts) {
    this.#ports = ports;
  }

  get current(): Runner | null {
    return this.#current?.isRunning ? this.#current : null;
  }

  /** Starts a runner beside the one in service. */
  async startCandidate(release: Release): Promise<Runner> {
    await this.discardCandidate();
    this.#candidate = await this.#ports.launch(release, this.#stopping.signal);
    return this.#candidate;
  }

  async discardCandidate(): Promise<void> {
    const candidate = this.#candidate;
    this.#candidate = null;
    await candidate?.stop();
  }

  /** Lets this release serve, its proved candidate if there is one. On failure the one in service stays. */
  switchTo(release: Release): Promise<void> {
    this.#launching.abort();
    return this.#inTurn(async () => {
      this.#blameFall();
      await this.#switchTo(release);
    });
  }

  /**
   * One change after the other. A runner that fell and is being started again may take long; were it not waited for, it would take the
   * place of the version that was switched to meanwhile.
   */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#switching.then(change);
    this.#switching = changed.catch(() => undefined);
    return changed;
  }

  async #switchTo(release: Release): Promise<void> {
    this.#pause.abort();
    const stops = this.#stops;
    const isProved = this.#candidate?.isRunning && this.#candidate.release.id === release.id;
    const fresh = isProved && this.#candidate ? this.#candidate : await this.#launch(release);
    if (isProved) this.#candidate = null;
    const backend = new Backend(release.model.name, fresh);
    await fresh.start().catch(async (error: unknown) => {
      await fresh.stop();
      throw error;
    });
    if (stops !== this.#stops) {
      await fresh.stop();
      throw new ReasonError('runner.start', 'the slot was stopped meanwhile');
    }
    const old = { runner: this.#current, backend: this.#backend };
    this.#wanted = release;
    this.#current = fresh;
    this.#backend = backend;
    this.#startedAtMs = performance.now();
    this.#ports.endpoint.point(this.#ports.slot, backend);
    void fresh.exited.then((exit) => this.#ended(fresh, exit));
    await this.#retire(old.runner, old.backend);
    await this.discardCandidate();
    this.#ports.onChange();
  }

  #launch(release: Release): Promise<Runner> {
    this.#launching = new AbortController();
    return this.#ports.launch(release, AbortSignal.any([this.#launching.signal, this.#stopping.signal]));
  }

  /** Sees to it that this release serves, now or as soon as it starts; null: nothing. Never rejects. */
  async keepServing(release: Release | null): Promise<void> {
    if (release === null) return await this.stop();
    await this.#inTurn(() => {
      this.#wanted = release;
      return this.#serve(release);
    });
  }

  async #serve(release: Release): Promise<void> {
    if (this.current?.release.id === release.id) return;
    await this.#switchTo(release).then(
      () => this.#blameFall(),
      (error: unknown) => this.#startFailed(release, error),
    );
  }

  /** Stops the runner in service for as long as a proof needs its memory. */
  async pause(): Promise<void> {
    const { runner, backend } = { runner: this.#current, backend: this.#backend };
    this.#current = null;
    this.#backend = null;
    this.#ports.endpoint.point(this.#ports.slot, null);
    await this.#retire(runner, backend);
  }

  async stop(): Promise<void> {
    this.#wanted = null;
    this.#stops += 1;
    this.#pause.abort();
    this.#stopping.abort();
    this.#stopping = new AbortController();
    await this.discardCandidate();
    await this.pause();
  }

  resetCrashes(): void {
    this.crashes = 0;
  }

  /** Statistics of runners that were replaced since the last call. */
  takeRetired(): RetiredWindow[] {
    return this.#retired.splice(0);
  }

  async #retire(runner: Runner | null, backend: Backend | null): Promise<void> {
    if (!runner) return;
    const drained = new AbortController();
    await Promise.race([backend?.whenIdle(), delay(DRAIN_TIMEOUT_MS, drained.signal)]);
    drained.abort();
    const window = runner.isRunning ? await runner.window().catch(() => null) : null;
    if (window) this.#retired.push({ releaseId: runner.release.id, window });
    await runner.stop();
  }

  #ended(runner: Runner, { code, signal, reason = 'runner.crashed', isInDoubt = false }: RunnerExit): void {
    if (this.#current !== runner) return;
    this.#current = null;
    this.#backend = null;
    this.#ports.endpoint.point(this.#ports.slot, null);
    if (performance.now() - this.#startedAtMs > HEALTHY_AFTER_MS) this.#failures = 0;
    const nextTryAt = Date.now() + this.#startAgainLater(runner.release);
    const detail = `ended by ${signal ?? `code ${code}`}`;
    this.#fall = { releaseId: runner.release.id, reason: { code: reason, detail, retry: 'later', nextTryAt } };
    if (!isInDoubt) this.#blameFall();
  }

  /** The runner that ended did so by itself: it counts, and it is told. */
  #blameFall(): void {
    const fall = this.#fall;
    this.#fall = null;
    if (!fall) return;
    if (fall.reason.code !== 'container.engine_away') this.crashes += 1;
    this.#ports.onTrouble(fall.releaseId, fall.reason);
  }

  #startFailed(release: Release, error: unknown): void {
    if (this.#wanted?.id !== release.id) return;
    const { code, message } = reasonErrorOf(error);
    // No engine: it took the runner with it. An engine that only refuses may be about to end, which the next try shows.
    if (code === 'container.engine_away') this.#fall = null;
    else if (code !== 'container.engine') this.#blameFall();
    const waitMs = this.#startAgainLater(release);
    const retry = { retry: 'later' as const, nextTryAt: Date.now() + waitMs };
    this.#ports.onTrouble(release.id, { code, detail: message.slice(0, 1000), ...retry });
  }

  /** The first restart is quick, so that a single crash costs a moment; later ones wait longer and longer. */
  #startAgainLater(release: Release): number {
    const waitMs = this.#failures === 0 ? 100 : backoffMs(this.#failures - 1, this.#ports.random());
    this.#failures += 1;
    const pause = new AbortController();
    this.#pause.abort();
    this.#pause = pause;
    const again = async () => {
      if (!pause.signal.aborted && this.#wanted?.id === release.id) await this.#serve(release);
    };
    void delay(waitMs, pause.signal).then(() => this.#inTurn(again));
    this.#ports.onChange();
    return waitMs;
  }
}
