import type { Logger } from '../platform/logger.ts';
import { expectedFailure } from '../services/expected-failure.ts';
import { problem, problemOf } from './rest/kernel/problem.ts';

type Failed = {
  logger: Logger;
  requestId: string;
  /** For the log. */
  what: string;
  path?: string;
  /** What the caller may do about a bug of ours. */
  detail: string;
};

/** Any failure as a problem. What is not the caller's fault is logged, with the request id that the caller is told. */
export function failureProblem(error: unknown, { logger, requestId, what, path, detail }: Failed): Response {
  const expected = expectedFailure(error);
  if (expected !== error) logger.error({ err: error, requestId, path }, what);
  if (expected) return problemOf(expected, requestId);
  return problem(500, 'Something went wrong on the server', { code: 'internal', detail, requestId });
}
