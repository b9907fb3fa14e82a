import { type Phase, phases } from '@flotilla/protocol';
import { expect, test } from 'vitest';
import { createLogger } from '../logger.ts';
import { Spool } from '../spool/spool.ts';
import { JsonFile } from '../state/json-file.ts';
import { type CutVariant, cutVariants, MemoryFileSystem } from '../state/testing/memory-file-system.ts';
import { makeSlot, uuid } from '../testing/release.ts';
import { until } from '../testing/wait.ts';
import { SlotController } from './slot-controller.ts';
import { emptySlot, SlotState } from './state.ts';

/** One life of an agent on a disk: the slot's work succeeds at once, the server acknowledges at once. */
async function startLife(disk: MemoryFileSystem) {
  const journal = new JsonFile(disk, '/d/state/slots/default.json', SlotState);
  const spool = new Spool(disk, '/d/spool');
  await spool.open(() => uuid(1));
  const served: (string | undefined)[] = [];
  const controller = new SlotController(
    {
      slot: 'default',
      journal,
      work: async () => undefined,
      serve: async (serving) => void served.push(serving?.release.model.version),
      prune: async () => {},
      addEvent: (event) => spool.addEvent(event),
      isTold: (event) => spool.hasRecentEvent(event),
      whenCommitted: async () => {},
      onChange: () => {},
      logger: createLogger(() => {}, Date.now),
      now: Date.now,
      random: () => 0,
    },
    (await journal.load()) ?? emptySlot(1),
  );
  void controller.start();
  return { controller, spool, served };
}

async function deployed(disk: MemoryFileSystem, n: number) {
  const life = await startLife(disk);
  await life.controller.desire(makeSlot(n));
  await until(`${n} is active`, () => life.controller.state.phase === 'active');
  await life.controller.stop();
  return life;
}

/** Cuts the power at operation `cutAt` of the second deployment. True when it was over before. */
async function cutDeployment(disk: MemoryFileSystem, cutAt: number): Promise<boolean> {
  disk.cutAt = disk.operations + cutAt;
  const life = await startLife(disk).catch(() => null);
  void life?.controller.desire(makeSlot(2));
  const isActive = () =>
    life?.controller.state.phase === 'active' && life.controller.state.good?.release.id === uuid(2);
  await until('the power is cut or the way has ended', () => !life || disk.operations >= disk.cutAt || isActive());
  void life?.controller.stop();
  return disk.operations < disk.cutAt;
}

test('the power is cut at every operation of a deployment: the next start serves a whole version and says the truth', async () => {
  const endings = new Set<string>();
  for (let cutAt = 1, isOver = false; !isOver; cutAt++) {
    const disk = new MemoryFileSystem();
    await deployed(disk, 1);
    isOver = await cutDeployment(disk, cutAt);
    for (const variant of cutVariants) endings.add(await endingAfter(disk, variant, cutAt));
    expect(cutAt).toBeLessThan(300);
  }
  expect([...endings].sort()).toEqual(['active 2.0.0', 'reverted 1.0.0']);
});

async function endingAfter(disk: MemoryFileSystem, variant: CutVariant, cutAt: number): Promise<string> {
  const about = JSON.stringify({ cutAt, variant });
  const found = disk.afterPowerCut(variant);
  await expectNothingToldAhead(found, about);
  const life = await startLife(found);
  const { controller, spool, served } = life;
  await until(`it serves ${about}`, () => served.length > 0);
  expect(['1.0.0', '2.0.0'], about).toContain(served[0]);
  await controller.desire(makeSlot(2));
  const state = await until(`an end ${about}`, () => hasEnded(controller.state) && controller.state);
  await controller.stop();
  if (state.phase === 'reverted') expect(state.reason?.code, about).toBe('agent.restarted');
  const last = await spool.message('events', spool.nextSeq('events') - 1, 1);
  expect(last, about).toMatchObject({ kind: 'phase', to: state.phase, deployment: uuid(1002) });
  expect(state.serving?.release.model.version, about).toBe(state.phase === 'active' ? '2.0.0' : '1.0.0');
  return `${state.phase} ${state.serving?.release.model.version}`;
}

/** What the server may have been told is what the journal holds, or was before: never a step that was not written down. */
async function expectNothingToldAhead(disk: MemoryFileSystem, about: string) {
  const state = await new JsonFile(disk, '/d/state/slots/default.json', SlotState).load();
  const spool = new Spool(disk, '/d/spool');
  await spool.open(() => uuid(1));
  const told = await spool.message('events', spool.nextSeq('events') - 1, 1);
  if (!told || !('to' in told)) return;
  const rank = (deployment: unknown, phase: unknown) =>
    `${deployment} ${String(phases.indexOf(phase as Phase)).padStart(2, '0')}`;
  expect(rank(told.deployment, told.to) <= rank(state?.target?.deployment, state?.phase), about).toBe(true);
}

test('a restart tells no change of phase twice', async () => {
  const disk = new MemoryFileSystem();
  const { spool } = await deployed(disk, 1);
  const told = spool.nextSeq('events');
  const again = await startLife(disk.afterPowerCut(cutVariants[0]));
  await until('it serves', () => again.served.length > 0);
  expect(again.spool.nextSeq('events')).toBe(told);
  await again.controller.stop();
});

function hasEnded({ phase, target }: SlotState): boolean {
  return target?.release.id === uuid(2) && (phase === 'active' || phase === 'reverted');
}
