import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Closers, cleaningUp } from './cleaning-up.ts';

/** Starts two things; `ended` names them as they are taken away. */
function start(closers: Closers, ended: string[]): void {
  closers.push(async () => ended.push('database'));
  closers.push(async () => ended.push('client'));
}

it('takes away what was started last first, and answers', async () => {
  const ended: string[] = [];
  const answer = await cleaningUp(async (closers) => {
    start(closers, ended);
    return ended.length;
  });
  expect({ answer, ended }).toEqual({ answer: 0, ended: ['client', 'database'] });
});

it('takes it away when the work fails', async () => {
  const ended: string[] = [];
  const failing = cleaningUp(async (closers) => {
    start(closers, ended);
    throw new Error('no room');
  });
  await expect(failing).rejects.toThrow('no room');
  expect(ended).toEqual(['client', 'database']);
});

it('takes it away when somebody interrupts work that would last', async () => {
  const ended: string[] = [];
  const listenersBefore = process.listenerCount('SIGTERM');
  const lasting = cleaningUp(async (closers) => {
    start(closers, ended);
    await delay(60_000, undefined, { ref: false });
  });
  process.emit('SIGTERM', 'SIGTERM');
  await expect(lasting).rejects.toThrow('Interrupted by SIGTERM.');
  expect(ended).toEqual(['client', 'database']);
  expect(process.listenerCount('SIGTERM')).toBe(listenersBefore);
});
