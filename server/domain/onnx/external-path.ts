import { OnnxFormatError } from './errors.ts';

/** Not in file names on every system; '*' also begins ONNX Runtime's marker for raw memory addresses. */
const FORBIDDEN = /[\p{Cc}\\:*?"<>|\ufffd]/u;

/**
 * The name of a weights file beside the model, without a leading './'. Throws `unsafe_external_path` for a name that
 * could reach any other place: absolute, with '..', a drive, a backslash, or characters that no file name needs.
 */
export function safeExternalPath(location: string): string {
  const path = location.replace(/^(\.\/)+/, '');
  const parts = path.split('/');
  const isUnsafe = FORBIDDEN.test(path) || parts.some((part) => part === '' || part === '.' || part === '..');
  if (!isUnsafe) return path;
  throw new OnnxFormatError(
    'unsafe_external_path',
    `The model wants its weights from ${JSON.stringify(location.slice(0, 200))}, which is not a plain file beside it. Save it again with external data in its own folder (onnx.save with save_as_external_data and a plain location).`,
  );
}
