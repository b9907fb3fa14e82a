import type { KnownReasonCode } from '@flotilla/protocol';

/** A failure of the runner that the agent reports by its code. */
export class RunnerError extends Error {
  readonly code: KnownReasonCode;

  constructor(code: KnownReasonCode, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.name = 'RunnerError';
    this.code = code;
  }
}

/** A request that cannot be answered: `status` is the HTTP status, `code` is counted in the window. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'RequestError';
    this.status = status;
    this.code = code;
  }
}

export function badRequest(code: string, message: string): RequestError {
  return new RequestError(400, code, message);
}
