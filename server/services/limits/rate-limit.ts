import { createHash } from 'node:crypto';
import { addToWindow, countInWindow } from '../../db/rate-limits.ts';
import { AppError } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';

/** So many attempts per fixed window. `what` is the subject of the sentence that a refused person reads. */
export type Limit = { name: string; max: number; windowS: number; what: string };

type LimitDeps = Pick<Deps, 'db' | 'now'>;

/** Counts one attempt, before it is made: attempts at the same time cannot slip through together. @throws AppError `rate_limited` */
export async function takeAttempt(deps: LimitDeps, limit: Limit, subject: string): Promise<void> {
  const window = windowOf(deps, limit);
  const count = await addToWindow(deps.db, keyOf(limit, subject), window.start, 1);
  if (count > limit.max) throw tooMany(limit, window.retryAfterS);
}

/** Takes back an attempt that turned out to be fine: only failures fill a limit. */
export async function giveBackAttempt(deps: LimitDeps, limit: Limit, subject: string): Promise<void> {
  await addToWindow(deps.db, keyOf(limit, subject), windowOf(deps, limit).start, -1);
}

/** For work where only refusals count: many devices come from one address at once, and must not wait for each other's row. @throws AppError `rate_limited` */
export async function requireAttemptsLeft(deps: LimitDeps, limit: Limit, subject: string): Promise<void> {
  const window = windowOf(deps, limit);
  const count = await countInWindow(deps.db, keyOf(limit, subject), window.start);
  if (count >= limit.max) throw tooMany(limit, window.retryAfterS);
}

/** Counts one refusal for {@link requireAttemptsLeft}. */
export async function countRefusal(deps: LimitDeps, limit: Limit, subject: string): Promise<void> {
  await addToWindow(deps.db, keyOf(limit, subject), windowOf(deps, limit).start, 1);
}

function windowOf(deps: LimitDeps, limit: Limit): { start: Date; retryAfterS: number } {
  const windowMs = limit.windowS * 1000;
  const nowMs = deps.now().getTime();
  const startMs = nowMs - (nowMs % windowMs);
  return { start: new Date(startMs), retryAfterS: Math.ceil((startMs + windowMs - nowMs) / 1000) };
}

/** Hashed: e-mail and network addresses have no business in this table, and keys stay short. */
function keyOf(limit: Limit, subject: string): string {
  return `${limit.name}:${createHash('sha256').update(subject).digest('base64url')}`;
}

function tooMany(limit: Limit, retryAfterS: number): AppError {
  const wait = retryAfterS < 90 ? `${retryAfterS} s` : `${Math.ceil(retryAfterS / 60)} minutes`;
  return new AppError({
    code: 'rate_limited',
    userMessage: `Too many ${limit.what}. Wait ${wait} and try again.`,
    retryAfterS,
  });
}
