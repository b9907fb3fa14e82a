/**
 * Why a file cannot be taken as an ONNX model.
 * - `not_onnx`: it is something else, or its structure is damaged.
 * - `truncated`: it begins as an ONNX model and ends too early.
 * - `too_deep`: graphs inside graphs beyond the limit.
 * - `too_large_header`: more structure than any real model has.
 * - `unsafe_external_path`: it names a weights file outside of its own folder.
 */
export type OnnxFormatErrorCode = 'not_onnx' | 'truncated' | 'too_deep' | 'too_large_header' | 'unsafe_external_path';

/** The message tells a person what is wrong with the file and what to do about it. */
export class OnnxFormatError extends Error {
  override readonly name = 'OnnxFormatError';
  readonly code: OnnxFormatErrorCode;

  constructor(code: OnnxFormatErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Structure that no exporter writes: the bytes at `offset` are wrong in the way that `what` says. */
export function damaged(offset: number, what: string): OnnxFormatError {
  return new OnnxFormatError(
    'not_onnx',
    `This is not an ONNX model, or it is damaged: at byte ${offset}, ${what}. Export it again, or check it with onnx.checker.`,
  );
}

/** A part that begins inside the file and would end behind it. */
export function truncated(offset: number, wantedEnd: number, sizeBytes: number): OnnxFormatError {
  return new OnnxFormatError(
    'truncated',
    `The file is cut off: the part that begins at byte ${offset} would end at byte ${wantedEnd}, but the file ends at byte ${sizeBytes}. Upload the whole file again.`,
  );
}

/** One of the bounds in `limits.ts` was passed. */
export function tooLarge(what: string, limit: number): OnnxFormatError {
  return new OnnxFormatError(
    'too_large_header',
    `The model has more than ${limit} ${what}, which is beyond what we read. Simplify it (for example with onnxsim) or export it again.`,
  );
}
