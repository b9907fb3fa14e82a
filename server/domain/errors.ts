/** Every way a request can fail. The transports map a code to HTTP, tRPC and a log level in one exhaustive table. */
export const errorCodes = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'gone',
  'precondition_failed',
  'payload_too_large',
  'unsupported_media_type',
  'rate_limited',
  'storage_full',
  'unavailable',
  'internal',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** One wrong field: `pointer` is a JSON pointer into the input. */
export type FieldError = { pointer: string; message: string };

type AppErrorOptions = {
  code: ErrorCode;
  /** What a person should read: what happened, and what to do. */
  userMessage: string;
  /** A finer code for programs, such as `token_used_up`. Defaults to `code`. */
  reason?: string;
  fields?: FieldError[];
  details?: Record<string, unknown>;
  retryAfterS?: number;
  cause?: unknown;
};

const BRAND = Symbol.for('flotilla.AppError');

/** An expected failure, with a sentence for the person who caused it. Anything else that is thrown is a bug or an outage. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly userMessage: string;
  readonly fields: FieldError[];
  readonly details: Record<string, unknown>;
  readonly retryAfterS: number | undefined;

  constructor(options: AppErrorOptions) {
    super(options.userMessage, { cause: options.cause });
    this.name = 'AppError';
    this.code = options.code;
    this.reason = options.reason ?? options.code;
    this.userMessage = options.userMessage;
    this.fields = options.fields ?? [];
    this.details = options.details ?? {};
    this.retryAfterS = options.retryAfterS;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** True across copies of this module too: the bundler gives web's pages a copy of their own. */
export function isAppError(error: unknown): error is AppError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

/** The same answer for what does not exist and for what belongs to another tenant. */
export function notFound(what: string): AppError {
  return new AppError({ code: 'not_found', userMessage: `There is no such ${what} here.` });
}

/** For a `switch` that must name every case: does not compile when one is missing. */
export function unreachable(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
