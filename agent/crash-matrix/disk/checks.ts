import type { MemoryFileSystem } from '../../src/state/testing/memory-file-system.ts';
import type { Life } from './life.ts';
import type { Scenario } from './scenarios.ts';
import { pass } from './virtual-time.ts';
import type { World } from './world.ts';

/** A device that starts must answer within this, whatever state its disk is in. */
const SERVE_WITHIN_MS = 2_000;

/** A command is sent again every second until it is answered. */
const ANSWER_WITHIN_MS = 60_000;

/** Something whole serves soon after a start, and the report names it. */
export async function expectServing(life: Life, world: World): Promise<void> {
  const isServing = await pass(() => life.serving !== undefined, SERVE_WITHIN_MS);
  world.expect(isServing, 'nothing serves after the start');
  world.expect(!isServing || world.allowed.has(life.serving ?? ''), `${life.serving} serves`);
}

export function isAtEnd({ state }: Life, { documents, ends }: Scenario): boolean {
  return state?.target?.deployment === documents.at(-1)?.deployment && state?.phase === ends.phase;
}

/** At its end, everything written down, and the server knows all of it. */
export function hasSettled(life: Life, world: World, scenario: Scenario): boolean {
  return isAtEnd(life, scenario) && life.state?.outbox.length === 0 && life.hasToldAll() && world.isCommandAnswered;
}

/** All that was to happen has happened, once, and everybody knows the same of it. */
export async function expectEnd(life: Life, world: World, scenario: Scenario, disk: MemoryFileSystem): Promise<void> {
  const hasEnded = await pass(() => hasSettled(life, world, scenario));
  const where = `${life.state?.phase} of ${life.state?.target?.release.model.version}, serving ${life.serving}`;
  world.expect(
    hasEnded,
    `it never came to its end, but stood at ${where} (${life.state?.reason?.code} ${life.state?.reason?.detail})`,
  );
  if (!hasEnded) return;
  world.expect(life.serving === scenario.ends.serving, `at the end ${life.serving} serves`);
  world.expect(life.report?.serving?.modelVersion === life.serving, 'the report names another version than serves');
  world.expect(life.desired.generation >= world.generation, 'the generation went back');
  world.expect(await pass(() => world.isCommandAnswered, ANSWER_WITHIN_MS), 'the command was never answered');
  const files = (await disk.list('/d/artifacts')).filter((name) => name.endsWith('.part'));
  world.expect(files.length === 0, 'half a download is left');
  expectChain(world);
}

/** What the server was told of the slot is one unbroken way: nothing missing, nothing twice, nothing that was not. */
function expectChain(world: World): void {
  let phase: unknown;
  for (const { kind, from, to } of world.events()) {
    if (kind !== 'phase') continue;
    world.expect(phase === undefined || phase === from, `${from} → ${to} was told after → ${phase}`);
    phase = to;
  }
}
