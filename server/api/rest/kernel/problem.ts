import type * as z from 'zod';
import type { AppError, ErrorCode, FieldError } from '../../../domain/errors.ts';

const statuses: Record<ErrorCode, { status: number; title: string }> = {
  invalid: { status: 422, title: 'The request cannot be carried out as it is' },
  unauthenticated: { status: 401, title: 'Not authenticated' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'Conflict with the present state' },
  gone: { status: 410, title: 'Gone' },
  precondition_failed: { status: 412, title: 'Changed in the meantime' },
  payload_too_large: { status: 413, title: 'Too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  rate_limited: { status: 429, title: 'Too many requests' },
  storage_full: { status: 507, title: 'No room left' },
  unavailable: { status: 503, title: 'Not available now' },
  internal: { status: 500, title: 'Something went wrong on the server' },
};

type ProblemBody = { code: string; detail: string; errors?: FieldError[]; requestId: string } & Record<string, unknown>;

/** RFC 9457 `application/problem+json`. */
export function problem(
  status: number,
  title: string,
  { code, ...body }: ProblemBody,
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify({ type: `urn:flotilla:problem:${code}`, title, status, code, ...body }), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  });
}

/** An expected failure as a problem; `details` become members of their own, such as the present state of a conflict. */
export function problemOf(error: AppError, requestId: string): Response {
  const { status, title } = statuses[error.code];
  const headers: Record<string, string> = {};
  if (error.retryAfterS !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterS));
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  const errors = error.fields.length > 0 ? { errors: error.fields } : {};
  return problem(
    status,
    title,
    { ...error.details, code: error.reason, detail: error.userMessage, ...errors, requestId },
    headers,
  );
}

/** Wrong fields as JSON pointers, bounded. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.slice(0, 20).map(({ path, message }) => ({
    pointer: `/${path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`,
    message,
  }));
}
