import { emptySketch, type Sketch } from '@flotilla/protocol';

const HEAD_BYTES = 24;

/**
 * A sketch as bytes for storage: sum, min, max as doubles, then as variable-length integers the count of zeros and, in growing order of
 * index, each bucket's distance from the one before and its count. About two bytes a bucket.
 */
export function sketchToBytes(sketch: Sketch): Buffer {
  const buckets = [...sketch.buckets].sort(([a], [b]) => a - b);
  const bytes = Buffer.alloc(HEAD_BYTES + 10 + buckets.length * 13);
  bytes.writeDoubleLE(sketch.sum, 0);
  bytes.writeDoubleLE(sketch.count === 0 ? 0 : sketch.min, 8);
  bytes.writeDoubleLE(sketch.max, 16);
  let at = writeInteger(bytes, HEAD_BYTES, sketch.zeroCount);
  let previous = 0;
  for (const [index, count] of buckets) {
    const step = index - previous;
    at = writeInteger(bytes, at, step < 0 ? -2 * step - 1 : 2 * step);
    at = writeInteger(bytes, at, count);
    previous = index;
  }
  return bytes.subarray(0, at);
}

/** Adds what the bytes hold to `sketch`; merging many stored sketches makes no sketch for each. */
export function addSketchBytes(sketch: Sketch, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = { at: HEAD_BYTES };
  let added = readInteger(bytes, read);
  sketch.zeroCount += added;
  for (let index = 0; read.at < bytes.length; ) {
    const coded = readInteger(bytes, read);
    index += coded % 2 === 1 ? -(coded + 1) / 2 : coded / 2;
    const count = readInteger(bytes, read);
    sketch.buckets.set(index, (sketch.buckets.get(index) ?? 0) + count);
    added += count;
  }
  if (added === 0) return;
  sketch.count += added;
  sketch.sum += view.getFloat64(0, true);
  sketch.min = Math.min(sketch.min, view.getFloat64(8, true));
  sketch.max = Math.max(sketch.max, view.getFloat64(16, true));
}

export function sketchFromBytes(bytes: Uint8Array): Sketch {
  const sketch = emptySketch();
  addSketchBytes(sketch, bytes);
  return sketch;
}

/** LEB128, for integers up to 2^53. */
function writeInteger(bytes: Buffer, at: number, value: number): number {
  let next = at;
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes[next++] = (left % 128) | 128;
  bytes[next++] = left;
  return next;
}

function readInteger(bytes: Uint8Array, read: { at: number }): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[read.at++] ?? 0;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}
