import { isDatabaseAway } from '../db/away.ts';
import { AppError, isAppError } from '../domain/errors.ts';

/** After so long a caller may try again: a database that was started anew takes a few seconds. */
const RETRY_AFTER_S = 5;

/** What a caller is told of a failure; null of a bug, of which there is nothing to tell. */
export function expectedFailure(error: unknown): AppError | null {
  if (isAppError(error)) return error;
  if (!isDatabaseAway(error)) return null;
  return new AppError({
    code: 'unavailable',
    reason: 'database_unavailable',
    userMessage: 'The database does not answer, or has too much to do. Try again in a few seconds.',
    retryAfterS: RETRY_AFTER_S,
    cause: error,
  });
}
