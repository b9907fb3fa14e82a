import { setTimeout as delay } from 'node:timers/promises';

/** Waits for work, but no longer than `ms`; tells whether it was done. Work that was not is left to itself. */
export async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  const clock = new AbortController();
  try {
    return await Promise.race([work.then(() => true), delay(ms, false, { signal: clock.signal })]);
  } finally {
    clock.abort();
  }
}
