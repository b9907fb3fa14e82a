import { type ByteSource, createByteWindow } from './byte-source.ts';
import { damaged, tooLarge, truncated } from './errors.ts';
import { MAX_FIELDS, MAX_NAME_BYTES, MAX_TEXT_BYTES } from './limits.ts';
import { cleanText } from './text.ts';

/** Bytes from `start` up to, not including, `end`. */
export type Range = { start: number; end: number };

/** One field of a message. `at` is where it begins, `value` what an integer field holds, `body` where the rest lies. */
export type Field = { number: number; at: number; isInteger: boolean; value: number; body: Range; hasBody: boolean };

/** Protobuf over a source: walks fields, takes texts, and jumps over everything that nobody asks for. */
export type Wire = {
  sizeBytes: number;
  /** The fields of a message in the order of the file. */
  fields: (range: Range) => AsyncGenerator<Field>;
  /** An integer field as a list, or a packed list of at most `limit` integers. */
  integers: (field: Field, limit: number) => Promise<number[]>;
  /** A name. Longer than {@link MAX_NAME_BYTES} is an error. */
  name: (field: Field) => Promise<string>;
  /** The first `limitBytes` of a text. */
  text: (field: Field, limitBytes: number) => Promise<string>;
};

const MAX_VARINT_BYTES = 10;
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

export function createWire(source: ByteSource): Wire {
  const window = createByteWindow(source);
  const { sizeBytes } = window;
  let fieldsLeft = MAX_FIELDS;
  let textLeft = MAX_TEXT_BYTES;

  async function hold(offset: number, length: number): Promise<void> {
    if (length > 0 && !window.holds(offset, length)) await window.hold(offset, length);
  }

  /** Decodes a held varint of a message that ends at `end`. Negatives come as ten bytes of two's complement. */
  function varint(offset: number, end: number): { value: number; next: number } {
    const available = Math.min(MAX_VARINT_BYTES, end - offset);
    let value = 0;
    for (let index = 0; index < available; index += 1) {
      const byte = window.byteAt(offset + index);
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return { value: index < 7 ? value : exactly(offset, index + 1), next: offset + index + 1 };
    }
    if (available < MAX_VARINT_BYTES && end === sizeBytes) throw truncated(offset, sizeBytes + 1, sizeBytes);
    throw damaged(offset, 'a number does not end');
  }

  /** The same number without the rounding of doubles, as a signed 64-bit integer brought into the safe range. */
  function exactly(offset: number, length: number): number {
    let value = 0n;
    for (let index = 0; index < length; index += 1) {
      value |= BigInt(window.byteAt(offset + index) & 0x7f) << BigInt(7 * index);
    }
    const signed = Number(BigInt.asIntN(64, value));
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, signed));
  }

  async function* fields({ start, end }: Range): AsyncGenerator<Field> {
    let at = start;
    while (at < end) {
      if (fieldsLeft === 0) throw tooLarge('fields', MAX_FIELDS);
      fieldsLeft -= 1;
      // A tag and a length or number: one wait for both, and none when they are in memory.
      const headBytes = Math.min(2 * MAX_VARINT_BYTES, end - at);
      if (!window.holds(at, headBytes)) await window.hold(at, headBytes);
      const tag = varint(at, end);
      const number = Math.floor(tag.value / 8);
      if (number < 1 || number > 0x1fffffff) throw damaged(at, 'a field has an impossible number');
      const field = body(at, number, tag.value % 8, tag.next, end);
      if (field.body.end > sizeBytes) throw truncated(at, field.body.end, sizeBytes);
      if (field.body.end > end) throw damaged(at, 'a part is longer than what it belongs to');
      yield field;
      at = field.body.end;
    }
  }

  function body(at: number, number: number, wireType: number, next: number, end: number): Field {
    const field = { number, at, isInteger: false, value: 0, hasBody: false };
    switch (wireType) {
      case VARINT: {
        const { value, next: after } = varint(next, end);
        return { ...field, isInteger: true, value, body: { start: next, end: after } };
      }
      case LENGTH_DELIMITED: {
        const { value, next: first } = varint(next, end);
        if (value < 0) throw damaged(at, 'a part has a negative length');
        return { ...field, hasBody: true, body: { start: first, end: first + value } };
      }
      case FIXED_64:
        return { ...field, body: { start: next, end: next + 8 } };
      case FIXED_32:
        return { ...field, body: { start: next, end: next + 4 } };
      default:
        throw damaged(at, `a field is of the unknown kind ${wireType}`);
    }
  }

  async function text(field: Field, limitBytes: number): Promise<string> {
    const { start, end } = bodyOf(field);
    const length = Math.min(end - start, limitBytes);
    if (length > textLeft) throw tooLarge('bytes of names and texts', MAX_TEXT_BYTES);
    textLeft -= length;
    await hold(start, length);
    return cleanText(window.view(start, length), length < end - start);
  }

  return {
    sizeBytes,
    fields,
    text,
    async name(field) {
      const { start, end } = bodyOf(field);
      if (end - start > MAX_NAME_BYTES) throw damaged(field.at, `a name is ${end - start} bytes long`);
      return text(field, MAX_NAME_BYTES);
    },
    async integers(field, limit) {
      if (field.isInteger) return [field.value];
      const { start, end } = bodyOf(field);
      const values: number[] = [];
      for (let at = start; at < end; ) {
        if (values.length >= limit) throw damaged(field.at, `a list holds more than ${limit} numbers`);
        await hold(at, Math.min(MAX_VARINT_BYTES, end - at));
        const { value, next } = varint(at, end);
        values.push(value);
        at = next;
      }
      return values;
    },
  };
}

/** An integer field's value. */
export function integerOf(field: Field): number {
  if (!field.isInteger) throw damaged(field.at, `field ${field.number} should be a number`);
  return field.value;
}

/** Where a text or a message lies. */
export function bodyOf(field: Field): Range {
  if (!field.hasBody) throw damaged(field.at, `field ${field.number} should be a text or a part`);
  return field.body;
}
