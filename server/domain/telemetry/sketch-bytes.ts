import { emptySketch, type Sketch, type SketchWire, sketchToWire } from '@flotilla/protocol';

/** The length of what follows, so that sketches may stand one after another: 2,049 buckets of 13 bytes fit. */
const LENGTH_BYTES = 2;
const HEAD_BYTES = LENGTH_BYTES + 24;

/** Bucket indexes reach this far on both sides of zero. */
const MAX_INDEX = 1024;

/** Counts by bucket while sketches are added up; zeros between two uses. A JavaScript thread does one thing at a time. */
const counts = new Float64Array(2 * MAX_INDEX + 1);

/**
 * A sketch as bytes for storage: length (16 bits), sum, min, max as doubles, then as variable-length integers the count of zeros and, in
 * growing order of index, each bucket's distance from the one before and its count. About two bytes a bucket. Such bytes one after
 * another stand for the sum of the sketches: adding to what is stored is appending to it.
 */
export function sketchToBytes(sketch: Sketch): Buffer {
  return wireToBytes(sketchToWire(sketch));
}

/** As {@link sketchToBytes}, straight from what a device sent. */
export function wireToBytes({ zeroCount, min, max, sum, buckets }: SketchWire): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + 10 + buckets.length * 7);
  const isEmpty = zeroCount === 0 && buckets.length === 0;
  let at = writeHead(bytes, { zeroCount, min: isEmpty ? 0 : min, max, sum });
  let previous = 0;
  for (let pair = 0; pair < buckets.length; pair += 2) {
    const index = buckets[pair] ?? 0;
    at = writeInteger(bytes, at, zigzag(index - previous));
    at = writeInteger(bytes, at, buckets[pair + 1] ?? 0);
    previous = index;
  }
  return ended(bytes, at);
}

/** The bytes of the sum of sketches, from the bytes of each or of several one after another. */
export function addUpBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only && parts.length === 1 && lengthAt(only, 0) + LENGTH_BYTES === only.length) return only;
  const { low, high, ...total } = addUp(parts);
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + 10 + Math.max(0, high - low + 1) * 13);
  let at = writeHead(bytes, { ...total, min: total.count === 0 ? 0 : total.min });
  let previous = 0;
  takeCounts(low, high, (index, count) => {
    at = writeInteger(bytes, at, zigzag(index - previous));
    at = writeInteger(bytes, at, count);
    previous = index;
  });
  return ended(bytes, at);
}

/** The sum of the sketches that the bytes hold, its buckets in growing order of index. */
export function sketchFromBytes(bytes: Uint8Array): Sketch {
  if (bytes.length === 0) return emptySketch();
  const { low, high, ...total } = addUp([bytes]);
  const buckets: Sketch['buckets'] = new Map();
  takeCounts(low, high, (index, count) => buckets.set(index, count));
  return { ...total, buckets };
}

/** As {@link sketchFromBytes}, in the form that quantiles are read from without a map. */
export function wireFromBytes(bytes: Uint8Array): SketchWire {
  const { low, high, count, ...total } = addUp([bytes]);
  const buckets: number[] = [];
  takeCounts(low, high, (index, inBucket) => buckets.push(index, inBucket));
  return { ...total, min: count === 0 ? 0 : total.min, buckets };
}

/** Leaves the buckets in {@link counts}, from `low` to `high`. */
function addUp(parts: readonly Uint8Array[]): Head & { count: number; low: number; high: number } {
  const total = { zeroCount: 0, min: Number.POSITIVE_INFINITY, max: 0, sum: 0, count: 0 };
  let [low, high] = [MAX_INDEX + 1, -MAX_INDEX - 1];
  for (const part of parts)
    readEach(part, total, (index, count) => {
      if (index < low) low = index;
      if (index > high) high = index;
      counts[index + MAX_INDEX] = (counts[index + MAX_INDEX] ?? 0) + count;
    });
  return { ...total, low, high };
}

/** Each bucket that holds something, in growing order; {@link counts} is empty again after it. */
function takeCounts(low: number, high: number, onBucket: (index: number, count: number) => unknown): void {
  for (let index = low; index <= high; index += 1) {
    const count = counts[index + MAX_INDEX] ?? 0;
    if (count === 0) continue;
    counts[index + MAX_INDEX] = 0;
    onBucket(index, count);
  }
}

type Head = { zeroCount: number; min: number; max: number; sum: number };

/** Adds the heads of all sketches in `bytes` to `total`, and tells each bucket. @throws RangeError for bytes that are no sketches. */
function readEach(
  bytes: Uint8Array,
  total: Head & { count: number },
  onBucket: (index: number, count: number) => unknown,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = { at: 0 };
  while (read.at < bytes.length) {
    const start = read.at;
    const end = start + LENGTH_BYTES + lengthAt(bytes, start);
    if (end > bytes.length || end <= start + HEAD_BYTES) throw new RangeError('these bytes are no sketch');
    read.at = start + HEAD_BYTES;
    let added = readInteger(bytes, read);
    total.zeroCount += added;
    for (let index = 0; read.at < end; ) {
      const coded = readInteger(bytes, read);
      index += coded % 2 === 1 ? -(coded + 1) / 2 : coded / 2;
      const count = readInteger(bytes, read);
      if (Math.abs(index) > MAX_INDEX) throw new RangeError('these bytes are no sketch');
      onBucket(index, count);
      added += count;
    }
    if (added === 0) continue;
    total.count += added;
    total.sum += view.getFloat64(start + LENGTH_BYTES, true);
    total.min = Math.min(total.min, view.getFloat64(start + LENGTH_BYTES + 8, true));
    total.max = Math.max(total.max, view.getFloat64(start + LENGTH_BYTES + 16, true));
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function writeHead(bytes: Buffer, { zeroCount, min, max, sum }: Head): number {
  bytes.writeDoubleLE(sum, LENGTH_BYTES);
  bytes.writeDoubleLE(min, LENGTH_BYTES + 8);
  bytes.writeDoubleLE(max, LENGTH_BYTES + 16);
  return writeInteger(bytes, HEAD_BYTES, zeroCount);
}

function ended(bytes: Buffer, at: number): Buffer {
  bytes.writeUInt16BE(at - LENGTH_BYTES, 0);
  return bytes.subarray(0, at);
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
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
