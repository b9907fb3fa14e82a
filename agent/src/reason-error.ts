import type { KnownReasonCode, ProofReport } from '@flotilla/protocol';
import { messageOf } from './logger.ts';

/** A failure with a code from the closed list, so that the operator reads why. */
export class ReasonError extends Error {
  readonly code: KnownReasonCode;
  readonly proof: ProofReport | undefined;

  constructor(code: KnownReasonCode, detail: string, options: { cause?: unknown; proof?: ProofReport } = {}) {
    super(detail, { cause: options.cause });
    this.name = 'ReasonError';
    this.code = code;
    this.proof = options.proof;
  }
}

const DISK_FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Names any thrown thing: our own codes as they are, a full disk as such, other system errors as trouble with storage. */
export function reasonErrorOf(error: unknown): ReasonError {
  if (error instanceof ReasonError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new ReasonError(DISK_FULL.has(code) ? 'storage.full' : 'storage.io', messageOf(error), { cause: error });
}
