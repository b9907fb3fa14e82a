import { type CutVariant, cutVariants, MemoryFileSystem } from '../../src/state/testing/memory-file-system.ts';
import { expectEnd, expectServing, hasSettled, isAtEnd } from './checks.ts';
import { enrollOn, type Life, startLife } from './life.ts';
import type { Scenario } from './scenarios.ts';
import { freshTime, pass, turn } from './virtual-time.ts';
import { documentOf, slotOf, World } from './world.ts';

/** A full disk has room again after this; longer than the agent waits before it tries its journal again. */
const FULL_MS = 7_000;
const LONG_FULL_MS = 12_000;

export type Mode = 'power' | 'kill' | 'full' | 'full at start' | 'broken' | 'cut';
export const modes: Mode[] = ['power', 'kill', 'full', 'full at start', 'broken', 'cut'];

const full = () => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
const broken = () => Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });

/** The first generation put version 1 into service. */
const FIRST_GENERATION = 1;
const initial: Scenario = {
  name: 'first',
  documents: [slotOf(1)],
  failing: [],
  ends: { phase: 'active', serving: '1.0.0' },
};

function worldOf(scenario: Scenario): World {
  const versions = ['1.0.0', ...scenario.documents.map(({ release }) => release.model.version)];
  return new World(new Set(scenario.failing), new Set(versions));
}

/** A device in the field, version 1 in service, and the world that knows it. */
export async function prepare(scenario: Scenario): Promise<{ disk: MemoryFileSystem; world: World }> {
  freshTime();
  const disk = new MemoryFileSystem();
  const world = worldOf(scenario);
  await enrollOn(disk);
  const life = await startLife(disk, world, () => true);
  await life.start();
  void life.connect(await documentOf(FIRST_GENERATION, slotOf(1)));
  await expectEnd(life, world, initial, disk);
  world.generation = FIRST_GENERATION;
  world.commandRuns = 0;
  world.isCommandAnswered = false;
  if (world.problems.length > 0) throw new Error(world.problems.join('; '));
  return { disk: disk.afterPowerCut(cutVariants[0]), world };
}

/** Starts a life and lets the documents come, the second in the midst of the first. Ends when `isOver`. */
async function play(life: Life, scenario: Scenario, isOver: () => boolean): Promise<void> {
  void life.start().catch(() => {});
  const documents = await Promise.all(
    scenario.documents.map((slot, at) => documentOf(FIRST_GENERATION + 1 + at, slot)),
  );
  await pass(() => isOver() || life.serving !== undefined);
  if (isOver()) return;
  void life.connect(documents[0] ?? null);
  if (documents.length > 1) {
    const under = (): boolean => !['active', 'accepted', 'idle', undefined].includes(life.state?.phase);
    await pass(() => isOver() || under());
    if (documents[1] && !isOver()) void life.inbox.receiveDesired(documents[1]);
  }
  await pass(isOver);
}

/** How many operations the whole way has, from the start to the last acknowledgement. */
export async function countOperations(scenario: Scenario): Promise<number> {
  const { disk, world } = await prepare(scenario);
  const life = await startLife(disk, world, () => true);
  await play(life, scenario, () => isAtEnd(life, scenario));
  await expectEnd(life, world, scenario, disk);
  await pass(() => hasSettled(life, world, scenario));
  if (world.problems.length > 0) throw new Error(`${scenario.name}: ${world.problems.join('; ')}`);
  return disk.operations;
}

/** One point: something goes wrong at operation `at`. Resolves with what was found wrong afterwards, on every disk. */
export async function runPoint(scenario: Scenario, mode: Mode, at: number): Promise<string[]> {
  const { disk, world } = await prepare(scenario);
  if (mode === 'power' || mode === 'kill' || mode === 'full at start') {
    await playUntilEnd(disk, world, scenario, at);
    const results: string[] = [];
    const disks =
      mode === 'power'
        ? cutVariants.map((variant) => ({ about: about(variant), found: disk.afterPowerCut(variant) }))
        : [{ about: mode, found: disk.afterKill() }];
    for (const { about: which, found } of disks) {
      const problems = await recover(found, world.clone(), scenario, mode);
      results.push(...problems.map((problem) => `${which}: ${problem}`));
    }
    return results;
  }
  return await goOn(disk, world, scenario, mode, at);
}

const about = ({ names, bytes }: CutVariant) => `names ${names}, bytes ${bytes}`;

/** The life that dies. */
async function playUntilEnd(disk: MemoryFileSystem, world: World, scenario: Scenario, at: number): Promise<void> {
  const isDead = () => disk.operations >= disk.cutAt;
  disk.cutAt = at;
  const life = await startLife(disk, world, () => !isDead()).catch(() => null);
  if (life) await play(life, scenario, () => isDead() || hasSettled(life, world, scenario));
  disk.cutAt = Math.min(at, disk.operations);
  world.generation = Math.max(world.generation, life?.desired.generation ?? 0);
  for (let n = 0; n < 10; n++) await turn();
}

/** The life after it: it must serve at once, come to the end, and still be sound when the power goes after that. */
async function recover(disk: MemoryFileSystem, world: World, scenario: Scenario, mode: Mode): Promise<string[]> {
  freshTime();
  if (mode === 'full at start') {
    const fullUntil = Date.now() + LONG_FULL_MS;
    disk.fault = (_, kind) => (kind === 'grow' && Date.now() < fullUntil ? full() : null);
  }
  const life = await startLife(disk, world, () => true).catch((error: unknown) => String(error));
  if (typeof life === 'string') return [`it does not start: ${life}`];
  let isStarted = false;
  void life.start().then(() => {
    isStarted = true;
  });
  await expectServing(life, world);
  await pass(() => isStarted);
  await connectAgain(life, scenario);
  await expectEnd(life, world, scenario, disk);
  if (mode === 'kill') await expectDurable(disk, world, scenario);
  return world.problems;
}

async function connectAgain(life: Life, scenario: Scenario): Promise<void> {
  const last = scenario.documents.length;
  const slot = scenario.documents[last - 1];
  if (slot) void life.connect(await documentOf(FIRST_GENERATION + last, slot));
}

/** What ended well is on the disk, and not only in its cache. */
async function expectDurable(disk: MemoryFileSystem, world: World, scenario: Scenario): Promise<void> {
  freshTime();
  const found = disk.afterPowerCut(cutVariants[0]);
  const life = await startLife(found, world, () => true);
  void life.start();
  await expectServing(life, world);
  world.expect(life.serving === scenario.ends.serving, `after the power was cut later, ${life.serving} serves`);
}

/** A fault that does not end the life: it must get over it by itself. */
async function goOn(
  disk: MemoryFileSystem,
  world: World,
  scenario: Scenario,
  mode: Mode,
  at: number,
): Promise<string[]> {
  const life = await startLife(disk, world, () => true);
  const last = await documentOf(FIRST_GENERATION + scenario.documents.length, scenario.documents.at(-1) ?? slotOf(1));
  let untilMs = 0;
  disk.fault = (operation, kind) => {
    if (operation === at && mode === 'cut') life.cut(last);
    if (operation === at && mode === 'full') untilMs = Date.now() + FULL_MS;
    if (operation === at && mode === 'broken') return broken();
    return kind === 'grow' && Date.now() < untilMs ? full() : null;
  };
  await play(life, scenario, () => isAtEnd(life, scenario));
  await expectServing(life, world);
  await expectEnd(life, world, scenario, disk);
  return world.problems;
}
