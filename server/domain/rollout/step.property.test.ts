import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fleet, type Turn, type Wire } from '../../testing/rollout-fleet.ts';
import { type Person, World } from '../../testing/rollout-world.ts';
import { RolloutPlan } from './plan.ts';
import { LONGEST_WAIT_S } from './step-running.ts';
import { countWave, type WaveMember } from './thresholds.ts';
import { assignWaves } from './waves.ts';

type Move = { device: number; turn: Turn; wire: Wire; worker: 'tick' | 'crash'; person: Person; joins: boolean };
type History = {
  sizes: number[];
  devices: boolean[];
  plan: object;
  approvals: boolean[];
  gate: string | null;
  moves: Move[];
};

const hourly = { cron: '0 * * * *', minutes: 20 };
const maybe = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });

const plan = fc.record({
  onErrors: fc.constantFrom('pause', 'roll-back'),
  target: fc.constantFrom('snapshot', 'snapshot', 'continuous'),
  rate: maybe(
    fc.constantFrom(
      { maxPerMinute: 1 },
      { maxPerMinute: 3 },
      { exponential: { basePerMinute: 1, factor: 2, every: 2 } },
      { maxPerMinute: 4, exponential: { basePerMinute: 1, factor: 3, every: 1 } },
    ),
  ),
  concurrency: maybe(fc.integer({ min: 1, max: 3 })),
  budget: maybe(
    fc.constantFrom(
      { groupBy: ['site'], maxUnavailable: 1 },
      { groupBy: ['site'], minAvailable: 1 },
      { groupBy: ['site'], minAvailable: 99 },
      { groupBy: ['site'], minAvailable: 2, maxUnavailable: 2 },
    ),
  ),
  offline: fc.constantFrom({}, { andThen: 'fail' }, { andThen: 'keep-waiting' }),
  retries: fc.constantFrom({}, {}, { count: 2 }),
  stepTimeoutS: maybe(fc.constant(120)),
  windows: fc.constantFrom({}, {}, { download: hourly }, { activate: hourly }),
  startsAt: maybe(fc.constant('2026-03-01T00:10:00Z')),
  mustEndBy: maybe(
    fc.constantFrom('pause', 'abort', 'roll-back').map((andThen) => ({ at: '2026-03-01T00:25:00Z', andThen })),
  ),
});

const move = fc.record({
  device: fc.nat(7),
  turn: fc.oneof(
    { weight: 12, arbitrary: fc.constant<Turn>('step') },
    { weight: 5, arbitrary: fc.constantFrom<Turn>('fail', 'reject', 'revert', 'dark', 'back', 'newer') },
  ),
  wire: fc.constantFrom<Wire>('deliver', 'deliver', 'deliver', 'lose', 'twice', 'out-of-order', 'hold'),
  worker: fc.constantFrom('tick', 'tick', 'tick', 'crash'),
  person: fc.oneof(
    { weight: 30, arbitrary: fc.constant<Person>('nothing') },
    { weight: 2, arbitrary: fc.constantFrom<Person>('pause', 'resume', 'approve', 'skip-wave') },
    { weight: 1, arbitrary: fc.constantFrom<Person>('abort', 'roll-back') },
  ),
  joins: fc.oneof({ weight: 20, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

const history: fc.Arbitrary<History> = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
  devices: fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
  plan,
  approvals: fc.array(
    fc.integer({ min: 0, max: 5 }).map((dice) => dice === 0),
    { minLength: 4, maxLength: 4 },
  ),
  gate: maybe(fc.constantFrom('wait', 'pause', 'pass')),
  moves: fc.array(move, { maxLength: 60 }),
});

const TURN_S = 30;

/** Far above what the histories need on two free cores, because the machine may be shared. */
const TEST_MS = 180_000;
const WAIT_S = 300;
const TIMEOUT_S = 600;

/** Shorter than the windows, so that none is slept through. */
const LONGEST_STEP_S = 900;

function memberOf(device: string, isReachable: boolean): WaveMember {
  return {
    deviceId: device,
    deploymentId: `to-${device}`,
    state: 'queued',
    stateSince: new Date('2026-03-01T00:00:00Z'),
    notifiedAt: null,
    isReachable,
    tries: 0,
    triesAgainAt: null,
    group: `site=${Number(device) % 2}`,
    isBack: false,
  };
}

function start({ sizes, devices, plan: given, approvals, gate }: History): World {
  const gates = gate === null ? [] : [{ metric: 'error_rate', limit: 0.1, onNoData: gate }];
  const waves = sizes.map((_, at) => ({
    name: `${at}`,
    size: { count: sizes.slice(0, at + 1).reduce((sum, size) => sum + size, 0) },
    approval: approvals[at],
    success: { minPercent: 60 },
    errors: { maxPercent: 30 },
    bake: { seconds: 60, gates },
  }));
  const parsed = RolloutPlan.parse({ ...given, waves, timeoutS: TIMEOUT_S });
  const targets = devices.map((isReachable, at) => ({ deviceId: `${at}`, name: `${at}`, isReachable }));
  const members = assignWaves(parsed, targets).map((ids) =>
    ids.map((id) => memberOf(id, devices[Number(id)] === true)),
  );
  return new World(parsed, members);
}

function later(world: World, seconds: number): Date {
  return new Date(world.now.getTime() + seconds * 1000);
}

function play(input: History): { world: World; fleet: Fleet } {
  const world = start(input);
  const fleet = new Fleet(world);
  world.tick(world.now);
  for (const { device, turn, wire, worker, person, joins } of input.moves) {
    if (joins) world.join(memberOf(`${world.members.length}`, true));
    world.person(person);
    fleet.take(String(device), turn);
    fleet.carry(wire);
    if (worker === 'tick') world.tick(later(world, TURN_S));
    else world.crash(later(world, TURN_S));
  }
  return { world, fleet };
}

/** A person who resumes what is paused, approves what asks for it, and gives up on what cannot be reached, or takes in newcomers for ever. */
function attend(world: World): void {
  if (world.view.state !== 'paused') return;
  const isHopeless =
    world.whyPaused === 'unreachable' || world.whyPaused === 'no-data' || world.whyPaused === 'must-end-by';
  world.person(isHopeless ? 'abort' : world.whyPaused === 'approval' ? 'approve' : 'resume');
}

/** Every device may need its time as often as it is told, one after the other, each in its window; then the way back, once more. */
function letItEnd(world: World): boolean {
  const { waves, plan: said } = world.view;
  const hours = (world.members.length * (said.retries.count + 1) + waves.length) * 2 + 4;
  const until = later(world, hours * 3600);
  for (let stepS = TURN_S; world.now < until && !world.isOver; stepS = Math.min(LONGEST_STEP_S, stepS * 2)) {
    attend(world);
    if (world.tick(later(world, stepS), false)) stepS = TURN_S;
  }
  if (said.offline.andThen === 'keep-waiting' && !world.isOver) world.tick(later(world, LONGEST_WAIT_S));
  if (said.target === 'continuous') {
    world.person('abort');
    for (let turn = 0; turn < 40 && !world.isOver; turn += 1) world.tick(later(world, WAIT_S));
  }
  return world.isOver;
}

describe('every history of a rollout', () => {
  it(
    'keeps its promises at each step, and ends within bounds once the devices fall silent',
    () => {
      fc.assert(
        fc.property(history, (input) => {
          const { world } = play(input);
          const hasEnded = letItEnd(world);
          expect(world.wrongs).toEqual([]);
          expect(hasEnded).toBe(true);
          expect(world.members.filter(({ state }) => state === 'queued')).toEqual([]);
          const counted = world.view.waves.map(({ members }) => countWave(members));
          expect(counted.reduce((sum, { total }) => sum + total, 0)).toBe(world.members.length);
        }),
        { numRuns: 8_000 },
      );
    },
    TEST_MS,
  );

  it(
    'in which every device is there and answers ends with all of them moved, and asks only whom the plan asks',
    () => {
      fc.assert(
        fc.property(history, (input) => {
          const { mustEndBy: _, target: __, stepTimeoutS: ___, ...plain } = input.plan as Record<string, unknown>;
          const gate = input.gate === null ? null : 'pass';
          const world = start({ ...input, gate, plan: plain, devices: input.devices.map(() => true) });
          const fleet = new Fleet(world);
          for (let turn = 0; turn < 1_200 && !world.isOver; turn += 1) {
            if (world.view.state === 'paused') expect(world.whyPaused).toBe('approval');
            world.person('approve');
            world.tick(later(world, TURN_S));
            for (const { deviceId } of world.members) fleet.take(deviceId, 'step');
            fleet.carry(turn % 3 === 0 ? 'twice' : 'deliver');
          }
          expect(world.wrongs).toEqual([]);
          expect(world.view.state).toBe('succeeded');
          expect(world.members.every(({ state }) => state === 'succeeded')).toBe(true);
        }),
        { numRuns: 1_000 },
      );
    },
    TEST_MS,
  );

  it(
    'that was taken back brings back every device that returns, however late, and says so',
    () => {
      fc.assert(
        fc.property(history, (input) => {
          const { world, fleet } = play({ ...input, plan: { ...input.plan, target: 'snapshot' } });
          const isOpen = world.view.state === 'running' || world.view.state === 'paused';
          world.person('roll-back');
          letItEnd(world);
          fleet.carry('lose');
          world.tick(later(world, 21 * 86_400));
          for (const { deviceId } of world.members) fleet.take(deviceId, 'back');
          for (let turn = 0; turn < 40; turn += 1) {
            for (const { deviceId } of world.members) fleet.take(deviceId, 'step');
            fleet.carry('deliver');
            world.tick(later(world, TURN_S));
          }
          expect(world.wrongs).toEqual([]);
          if (!isOpen) return;
          expect(world.view.state).toBe('rolled-back');
          expect(world.members.filter(({ state }) => state === 'succeeded')).toEqual([]);
        }),
        { numRuns: 1_500 },
      );
    },
    TEST_MS,
  );
});
