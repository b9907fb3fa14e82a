import { OnnxFormatError, truncated } from './errors.ts';
import { WINDOW_AFTER_JUMP_BYTES, WINDOW_BYTES } from './limits.ts';

/** A file that can be read anywhere. `read` gives `length` bytes from `offset`, which both lie inside the file. */
export type ByteSource = { sizeBytes: number; read(offset: number, length: number): Promise<Uint8Array> };

/** The part of a file that is in memory. */
export type ByteWindow = {
  sizeBytes: number;
  /** Brings `length` bytes (at most {@link WINDOW_BYTES}) from `offset` into memory. Throws `truncated` behind the end. */
  hold: (offset: number, length: number) => Promise<void>;
  /** Whether these bytes are in memory already: lets callers skip the wait. */
  holds: (offset: number, length: number) => boolean;
  /** One byte that is held. */
  byteAt: (offset: number) => number;
  /** Bytes that are held, valid until the next `hold`. */
  view: (offset: number, length: number) => Uint8Array;
};

/** Reads a source in pieces that grow while the reading goes straight on and start small after a jump. */
export function createByteWindow(source: ByteSource): ByteWindow {
  const { sizeBytes } = source;
  let bytes = new Uint8Array(0);
  let start = 0;
  const holds = (offset: number, length: number) => offset >= start && offset + length <= start + bytes.length;
  return {
    sizeBytes,
    holds,
    async hold(offset, length) {
      if (holds(offset, length)) return;
      if (length > WINDOW_BYTES) throw new RangeError(`A window holds ${WINDOW_BYTES} bytes, not ${length}`);
      if (offset + length > sizeBytes) throw truncated(offset, offset + length, sizeBytes);
      const goesOn = bytes.length > 0 && offset >= start && offset <= start + bytes.length;
      const wanted = Math.max(length, goesOn ? Math.min(2 * bytes.length, WINDOW_BYTES) : WINDOW_AFTER_JUMP_BYTES);
      const size = Math.min(wanted, sizeBytes - offset);
      const read = await source.read(offset, size);
      if (read.length < size) {
        throw new OnnxFormatError(
          'truncated',
          `The file was to have ${sizeBytes} bytes, but reading stopped at byte ${offset + read.length}. Upload it again.`,
        );
      }
      bytes = read.length > size ? read.slice(0, size) : new Uint8Array(read);
      start = offset;
    },
    byteAt: (offset) => bytes[offset - start] as number,
    view: (offset, length) => bytes.subarray(offset - start, offset - start + length),
  };
}
