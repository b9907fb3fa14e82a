import type { Happening } from './history.ts';

const way = ['accepted', 'downloading', 'verifying', 'staging', 'proving', 'switching', 'observing'];
const passing = ['verify.digest', 'runner.start', 'storage.full', 'agent.restarted', 'container.engine_away'];
const beforeSwitch = way.slice(0, 5);
const PENALTY_MS = 24 * 3_600_000;

/**
 * What PROTOCOL.md and the agent's README promise of one slot, written down a second time and differently: versions are
 * numbers, there are no jobs, effects or reasons. When a retry comes is the machine's to choose; whether it may is not.
 */
export class SlotModel {
  phase = 'idle';
  target: number | null = null;
  serving: number | null = null;
  good: number | null = null;
  #next: number | null = null;
  #isObserved = false;
  #restarts = 0;
  #mayRetry = false;
  #lastCode = '';
  #failures = new Map<number, number>();
  #boxedUntil = new Map<number, number>();

  /** `machinePhase`: where the machine is afterwards, looked at only after waiting. */
  happen(what: Happening, now: number, machinePhase: string): void {
    if (what.do === 'done') this.#done();
    if (what.do === 'failed' && way.concat('reverting').includes(this.phase) && !this.#isObserved)
      this.#failed(what.code, now);
    if (what.do === 'desired') this.#desired(what.n, now);
    if (what.do === 'restart') this.#restart(now);
    if (what.do === 'able') this.#able();
    const rests = this.phase === 'failed' || this.phase === 'reverted';
    if (what.do === 'wait' && rests && this.#mayRetry && machinePhase === 'accepted') this.phase = 'accepted';
    const isMoving = this.phase === 'switching' || this.phase === 'reverting';
    if (this.#next === null || isMoving) return;
    const next = this.#next;
    this.#next = null;
    this.#desired(next, now);
  }

  #done(): void {
    if (this.phase === 'reverting') {
      this.serving = this.good;
      this.phase = 'reverted';
    } else if (this.phase === 'observing' && this.#isObserved) {
      this.good = this.serving;
      if (this.target !== null) this.#forget(this.target);
      this.#isObserved = false;
      this.phase = 'active';
    } else if (this.phase === 'observing') {
      this.#isObserved = true;
    } else if (way.includes(this.phase)) {
      if (this.phase === 'switching') {
        this.serving = this.target;
        this.#restarts = 0;
      }
      this.phase = way[way.indexOf(this.phase) + 1] ?? '';
    }
  }

  #failed(code: string, now: number): void {
    if (this.phase === 'reverting' || (this.phase === 'downloading' && code === 'download.network')) return;
    if (beforeSwitch.includes(this.phase) && code === 'container.engine_away') return;
    this.#lastCode = code;
    const target = this.target ?? 0;
    const failures = (this.#failures.get(target) ?? 0) + 1;
    this.#failures.set(target, failures);
    if (failures >= 3) this.#boxedUntil.set(target, now + PENALTY_MS);
    this.#mayRetry = passing.includes(code);
    this.#isObserved = false;
    const hasMoved = this.phase === 'switching' || this.phase === 'observing';
    this.phase = hasMoved && this.good !== null ? 'reverting' : 'failed';
    if (hasMoved && this.good === null) this.serving = null;
  }

  #desired(n: number, now: number): void {
    if (this.phase === 'switching' || this.phase === 'reverting') {
      this.#next = n;
      return;
    }
    for (const other of [1, 2, 3]) if (other !== n) this.#forget(other);
    this.target = n;
    this.#restarts = 0;
    this.#isObserved = false;
    this.phase = 'accepted';
    if (this.serving === n) {
      this.phase = 'observing';
      this.#isObserved = this.good === n;
    } else if ((this.#boxedUntil.get(n) ?? 0) > now) {
      this.phase = 'failed';
      this.#lastCode = 'penalty.box';
      this.#mayRetry = true;
    }
  }

  #restart(now: number): void {
    const isTrial = this.phase === 'switching' || (this.phase === 'observing' && !this.#isObserved);
    if (isTrial) {
      this.#restarts += 1;
      const isUnknown = this.phase === 'switching' && this.good !== null;
      if (isUnknown || this.#restarts > 2) this.#failed('agent.restarted', now);
    }
    if (this.phase === 'reverting') this.serving = this.good;
  }

  /** Only version 3 needs the engine. */
  #able(): void {
    if (this.phase !== 'failed') return;
    const wasUnable = this.#lastCode === 'release.runtime' && this.target === 3;
    if (wasUnable) this.#forget(3);
    if (wasUnable || this.#lastCode === 'container.engine_away') this.phase = 'accepted';
  }

  #forget(n: number): void {
    this.#failures.delete(n);
    this.#boxedUntil.delete(n);
  }
}
