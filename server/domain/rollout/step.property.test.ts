import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayMove } from '../deployment/from-report.ts';
import { RolloutPlan } from './plan.ts';
import { rollbackPlan } from './rollback-plan.ts';
import { type DeploymentState, isRolloutFinished, type WaveState } from './states.ts';
import { type Decision, type RolloutView, step, type WaveView } from './step.ts';
import type { WaveMember } from './thresholds.ts';
import { assignWaves } from './waves.ts';

/** What a device does each time it gets a turn. `lost` and `twice` are its messages. */
type Turn = 'answer' | 'fail' | 'revert' | 'lost' | 'twice' | 'dark' | 'back' | 'newer';
type Person = 'nothing' | 'pause' | 'resume' | 'abort' | 'roll-back';
type History = {
  sizes: number[];
  devices: boolean[];
  onErrors: 'pause' | 'roll-back';
  turns: { device: number; turn: Turn; person: Person }[];
};

const history: fc.Arbitrary<History> = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
  devices: fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
  onErrors: fc.constantFrom('pause', 'roll-back'),
  turns: fc.array(
    fc.record({
      device: fc.nat(7),
      turn: fc.constantFrom<Turn>(
        'answer',
        'answer',
        'answer',
        'fail',
        'revert',
        'lost',
        'twice',
        'dark',
        'back',
        'newer',
      ),
      person: fc.oneof(
        { weight: 20, arbitrary: fc.constant<Person>('nothing') },
        { weight: 1, arbitrary: fc.constantFrom<Person>('pause', 'resume', 'abort', 'roll-back') },
      ),
    }),
    { maxLength: 80 },
  ),
});

const way: DeploymentState[] = [
  'notified',
  'accepted',
  'downloading',
  'verifying',
  'staging',
  'proving',
  'switching',
  'observing',
  'succeeded',
];
const TURN_S = 30;
const none = { devices: 0, n: 0, bad: 0 };

const waveStateAfter: Partial<Record<Decision['kind'], WaveState>> = {
  'start-wave': 'rolling',
  'bake-wave': 'baking',
  'pass-wave': 'passed',
  'skip-wave': 'skipped',
  'fail-wave': 'failed',
};

/** The server's part of a fleet in memory: applies decisions as the database does, and keeps what must never happen. */
class World {
  now = new Date('2026-03-01T00:00:00Z');
  readonly view: RolloutView;
  back: World | null = null;
  readonly wrongs: string[] = [];
  whyPaused = '';
  private wasStopped = false;

  constructor(plan: RolloutPlan, waves: WaveMember[][]) {
    const toWave = (members: WaveMember[], position: number): WaveView => ({
      position,
      members,
      state: 'pending',
      startedAt: null,
      bakingAt: null,
      samples: { accuracy: none, error_rate: none },
    });
    this.view = { state: 'running', plan, waves: waves.map(toWave), rollback: null };
  }

  get members(): WaveMember[] {
    return this.view.waves.flatMap(({ members }) => members);
  }

  /** One tick of the engine: looks until there is nothing left to decide. */
  tick(now: Date): void {
    this.now = now;
    this.back?.tick(now);
    this.lookAtRollback();
    for (let look = 0; look < 30; look += 1) {
      const decisions = step(this.view, now);
      if (decisions.length === 0) return;
      for (const decision of decisions) this.apply(decision);
      this.lookAtRollback();
    }
    this.wrongs.push('the engine does not come to rest');
  }

  person(what: Person): void {
    const { state } = this.view;
    const isOpen = state === 'running' || state === 'paused';
    if (what === 'pause' && state === 'running') this.pause('operator');
    if (what === 'resume' && state === 'paused') this.resume();
    if (what === 'abort' && isOpen) this.stop('aborting');
    if (what === 'roll-back' && isOpen) this.stop('rolling-back');
  }

  private resume(): void {
    this.view.state = 'running';
    const wave = this.view.waves.find(({ state }) => ['failed', 'rolling', 'baking'].includes(state));
    if (wave?.state === 'failed') wave.state = 'skipped';
    else if (wave?.state === 'rolling') wave.startedAt = this.now;
    else if (wave) wave.bakingAt = this.now;
  }

  private apply(decision: Decision): void {
    const state = waveStateAfter[decision.kind];
    if (state && 'position' in decision) this.setWave(decision.position, state);
    if (decision.kind === 'notify') this.tell(decision.deploymentIds);
    if (decision.kind === 'time-out') this.set(decision.deploymentIds, 'timed-out');
    if (decision.kind === 'cancel-queued') this.set(this.queued, 'cancelled');
    if (decision.kind === 'pause') this.pause(decision.why);
    if (decision.kind === 'roll-back') this.stop('rolling-back');
    if (decision.kind === 'create-rollback') this.rollBack();
    if (decision.kind === 'finish') this.view.state = decision.state;
  }

  private setWave(position: number, state: WaveState): void {
    const isEarly = this.view.waves.some(
      (each) => each.position < position && !['passed', 'skipped'].includes(each.state),
    );
    if (state === 'rolling' && isEarly) this.wrongs.push(`wave ${position} started too early`);
    const time = state === 'rolling' ? { startedAt: this.now } : state === 'baking' ? { bakingAt: this.now } : {};
    Object.assign(this.view.waves[position] ?? {}, { state, ...time });
  }

  private tell(ids: string[]): void {
    if (this.wasStopped || this.view.state !== 'running') this.wrongs.push(`told a device while ${this.view.state}`);
    this.set(ids, 'notified');
  }

  private pause(why: string): void {
    this.view.state = 'paused';
    this.whyPaused = why;
  }

  private stop(state: 'aborting' | 'rolling-back'): void {
    this.view.state = state;
    this.wasStopped = true;
  }

  private get queued(): string[] {
    return this.members.filter(({ state }) => state === 'queued').map(({ deploymentId }) => deploymentId);
  }

  private set(ids: string[], state: DeploymentState): void {
    for (const member of this.members) {
      if (!ids.includes(member.deploymentId)) continue;
      if (state === 'notified' && member.state !== 'queued') this.wrongs.push(`told ${member.deploymentId} twice`);
      Object.assign(member, { state, stateSince: this.now, ...(state === 'notified' ? { notifiedAt: this.now } : {}) });
    }
  }

  private rollBack(): void {
    if (this.back) this.wrongs.push('a second rollout back');
    const moved = this.members.filter(({ notifiedAt, state }) => notifiedAt !== null && state !== 'superseded');
    const members = moved.map(
      (each): WaveMember => ({ ...each, deploymentId: `back-${each.deviceId}`, state: 'queued', notifiedAt: null }),
    );
    this.back = new World(rollbackPlan('default', this.view.plan.timeoutS), [members]);
  }

  private lookAtRollback(): void {
    if (!this.back) return;
    const allSucceeded = this.back.members.every(({ state }) => state === 'succeeded' || state === 'superseded');
    this.view.rollback = { state: this.back.view.state, allSucceeded };
  }
}

function start({ sizes, devices, onErrors }: History): World {
  const waves = sizes.map((_, at) => ({
    name: `${at}`,
    size: { count: sizes.slice(0, at + 1).reduce((sum, size) => sum + size, 0) },
    success: { minPercent: 60 },
    errors: { maxPercent: 30 },
    bake: { seconds: 60 },
  }));
  const plan = RolloutPlan.parse({ waves, onErrors, timeoutS: 600 });
  const targets = devices.map((isReachable, at) => ({ deviceId: `${at}`, name: `${at}`, isReachable }));
  const members = assignWaves(plan, targets).map((ids) =>
    ids.map(
      (deviceId): WaveMember => ({
        deviceId,
        deploymentId: `to-${deviceId}`,
        state: 'queued',
        stateSince: new Date(0),
        notifiedAt: null,
        isReachable: devices[Number(deviceId)] === true,
      }),
    ),
  );
  return new World(plan, members);
}

/** A device's turn: at most one step on its way, in every rollout that told it. */
function take(world: World, device: string, turn: Turn): void {
  for (const member of world.members.filter(({ deviceId }) => deviceId === device)) {
    if (turn === 'dark' || turn === 'back') member.isReachable = turn === 'back';
    else if (turn === 'newer' && !['succeeded', 'failed', 'cancelled', 'reverted'].includes(member.state))
      member.state = 'superseded';
    else if (member.isReachable && turn !== 'lost') report(member, turn, world.now);
  }
  if (world.back && turn !== 'newer') take(world.back, device, turn);
}

function report(member: WaveMember, turn: Turn, now: Date): void {
  const next = turn === 'fail' ? 'failed' : turn === 'revert' ? 'reverted' : way[way.indexOf(member.state) + 1];
  if (!next || !way.includes(member.state)) return;
  for (const state of turn === 'twice' ? [next, next] : [next])
    if (mayMove(member.state, state)) Object.assign(member, { state, stateSince: now });
}

function play(input: History): World {
  const world = start(input);
  const at = (turn: number) => new Date(world.now.getTime() + (turn > 0 ? TURN_S * 1000 : 0));
  world.tick(at(0));
  for (const { device, turn, person } of input.turns) {
    world.person(person);
    take(world, String(device), turn);
    world.tick(at(1));
  }
  return world;
}

/** What a rollout may need at most: every wave waits, moves and bakes once; then the way back. A person resumes what is paused, and gives up on what cannot be reached. */
function letItEnd(world: World): number {
  const longest = (world.view.waves.length + 2) * (300 + 600 + 60 + 3 * TURN_S);
  for (let turn = 1; turn <= longest / TURN_S; turn += 1) {
    if (isRolloutFinished(world.view.state)) return turn;
    if (world.view.state === 'paused') world.person(world.whyPaused === 'unreachable' ? 'abort' : 'resume');
    world.tick(new Date(world.now.getTime() + TURN_S * 1000));
  }
  return Number.POSITIVE_INFINITY;
}

describe('every history of a rollout', () => {
  it('keeps its promises at each step, and ends within bounds once the devices fall silent', () => {
    fc.assert(
      fc.property(history, (input) => {
        const world = play(input);
        const turns = letItEnd(world);
        expect([...world.wrongs, ...(world.back?.wrongs ?? [])]).toEqual([]);
        expect(turns).toBeLessThan(Number.POSITIVE_INFINITY);
        expect(world.members).toHaveLength(input.devices.length);
        expect(world.members.filter(({ state }) => state === 'queued')).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('in which every device is there and answers ends with all of them moved, and asks nobody', () => {
    fc.assert(
      fc.property(history, (input) => {
        const world = start({ ...input, devices: input.devices.map(() => true) });
        for (let turn = 0; turn < 150 && !isRolloutFinished(world.view.state); turn += 1) {
          world.tick(new Date(world.now.getTime() + TURN_S * 1000));
          for (const { deviceId } of world.members) take(world, deviceId, 'answer');
        }
        expect(world.view.state).toBe('succeeded');
        expect(world.members.every(({ state }) => state === 'succeeded')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
