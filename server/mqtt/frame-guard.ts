/** Bytes of an MQTT packet before its remaining length is known: the type, and a length of up to four bytes. */
const MAX_LENGTH_BYTES = 4;

/**
 * Follows the packets in a byte stream and says when one announces more than `maxBytes`, before any of it is kept: the broker's parser
 * itself would collect up to 256 MiB. Feed it every chunk in order; after `false` the stream must be closed.
 */
export function frameGuard(maxBytes: number): (chunk: Uint8Array) => boolean {
  let toSkip = 0;
  let inHeader = false;
  let length = 0;
  let lengthBytes = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (toSkip > 0) {
        const skipped = Math.min(toSkip, chunk.length - at);
        toSkip -= skipped;
        at += skipped;
        continue;
      }
      if (!inHeader) {
        [inHeader, length, lengthBytes] = [true, 0, 0];
        at++;
        continue;
      }
      const byte = chunk[at] ?? 0;
      at++;
      length += (byte & 0x7f) * 128 ** lengthBytes;
      lengthBytes++;
      const isLast = (byte & 0x80) === 0;
      if (length > maxBytes || (!isLast && lengthBytes === MAX_LENGTH_BYTES)) return false;
      if (isLast) [inHeader, toSkip] = [false, length];
    }
    return true;
  };
}
