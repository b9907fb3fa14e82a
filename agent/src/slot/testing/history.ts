import * as fc from 'fast-check';
import { makeRelease, makeSlot } from '../../testing/release.ts';
import type { SlotEffect, SlotInput } from '../inputs.ts';
import { reduce } from '../reduce.ts';
import { emptySlot, SlotState } from '../state.ts';

const codes = [
  'download.network',
  'verify.digest',
  'proof.golden',
  'runner.start',
  'observe.errors',
  'storage.full',
  'release.runtime',
  'container.engine_away',
] as const;

/** What the world does next. `late` is a result of work that was given up. */
const happening = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ do: 'done' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('failed' as const), code: fc.constantFrom(...codes) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('desired' as const), n: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'late' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'able' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 100_000 }) }) },
);
export type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;
export const history = fc.array(happening, { maxLength: 60 });

/** Version 3 runs in a container. */
function slotOf(n: number, deployment: number) {
  const slot = makeSlot(n, deployment);
  const runtime = { kind: 'container', image: `r.example/a@sha256:${'0'.repeat(64)}`, memoryMb: 64, cpus: 1 } as const;
  return n === 3 ? { ...slot, release: makeRelease(n, { runtime }) } : slot;
}

/** A slot with its work, its waiting and its disk, as an executor keeps them. */
export class World {
  now = 1_000_000;
  state = emptySlot(this.now);
  work: SlotEffect | null = null;
  wakeAt: number | null = null;
  deployments = 0;

  apply(input: SlotInput) {
    const { state, effects } = reduce(this.state, input, this.now);
    this.state = SlotState.parse(JSON.parse(JSON.stringify(state)));
    for (const effect of effects) {
      if (effect.kind === 'work' || effect.kind === 'await-ack') this.work = effect;
      if (effect.kind === 'cancel') this.work = null;
      if (effect.kind === 'wake') this.wakeAt = effect.at;
    }
  }

  finish() {
    if (this.work?.kind === 'await-ack') return this.apply({ type: 'acknowledged', job: this.work.job });
    if (this.work?.kind === 'work') this.apply({ type: 'done', job: this.work.job });
  }

  happen(what: Happening) {
    if (what.do === 'done') this.finish();
    if (what.do === 'failed' && this.work?.kind === 'work')
      this.apply({ type: 'failed', job: this.work.job, code: what.code, detail: '', jitter: 0.5 });
    if (what.do === 'late') this.apply({ type: 'done', job: this.state.job - 1 });
    if (what.do === 'able') this.apply({ type: 'able' });
    if (what.do === 'desired') this.apply({ type: 'desired', slot: slotOf(what.n, ++this.deployments) });
    if (what.do === 'wait') this.wait(what.ms);
    if (what.do === 'restart') {
      this.work = null;
      this.wakeAt = null;
      this.apply({ type: 'started', jitter: 0.5 });
    }
  }

  wait(ms: number) {
    this.now += ms;
    if (this.wakeAt === null || this.wakeAt > this.now) return;
    this.wakeAt = null;
    this.apply({ type: 'retry' });
  }
}
