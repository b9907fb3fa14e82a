/** Values as PostgreSQL takes them in binary; null and undefined are NULL. */
export type Values = {
  uuid: string;
  text: string;
  /** Text of a JSON document. */
  json: string;
  jsonb: string;
  bool: boolean;
  int4: number;
  int8: number;
  float8: number;
  /** Milliseconds since the epoch. */
  timestamptz: number;
  bytea: Uint8Array;
};

/** A number that its column cannot hold, with the SQLSTATE that PostgreSQL has for it. */
class OutOfRange extends Error {
  readonly code = '22003';
}

/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

/** Bytes of the longest value of fixed size, a UUID, with its length. */
const FIXED_BYTES = 4 + 16;

/** Each value with its length before it. @throws OutOfRange */
const writers: { [T in keyof Values]: (out: Out, value: Values[T]) => void } = {
  uuid: (out, value) => out.uuid(value),
  text: (out, value) => out.text(value, null),
  json: (out, value) => out.text(value, null),
  jsonb: (out, value) => out.text(value, 1),
  bool: (out, value) => {
    out.int4(1);
    out.int1(value ? 1 : 0);
  },
  int4: (out, value) => {
    if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 31)
      throw new OutOfRange(`${value} is no integer of 32 bits`);
    out.int4(4);
    out.int4(value);
  },
  int8: (out, value) => {
    out.int4(8);
    out.int8(value);
  },
  float8: (out, value) => {
    out.int4(8);
    out.float8(value);
  },
  timestamptz: (out, value) => {
    out.int4(8);
    out.int8((value - EPOCH_MS) * 1000);
  },
  bytea: (out, value) => {
    out.int4(value.length);
    out.bytes(value);
  },
};

/** Where the two digits of each byte of a UUID stand. */
const UUID_DIGITS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const UUID_DASHES = [8, 13, 18, 23];
const UUID_LENGTH = 36;
const DASH = 45;

/** The value of a hexadecimal digit by its code; -1 is none. */
const HEX = new Int8Array(128).fill(-1);
for (const digit of '0123456789abcdefABCDEF') HEX[digit.charCodeAt(0)] = Number.parseInt(digit, 16);

/** A buffer of values that grows. */
export class Out {
  private buffer: Buffer;
  private at = 0;

  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafe(bytes);
  }

  /** With its length before it; null and undefined are NULL. @throws OutOfRange */
  value<T extends keyof Values>(type: T, value: Values[T] | null | undefined): void {
    if (value === null || value === undefined) this.int4(-1);
    else writers[type](this, value);
  }

  int1(value: number): void {
    this.reserve(1);
    this.at = this.buffer.writeUInt8(value, this.at);
  }

  int2(value: number): void {
    this.reserve(2);
    this.at = this.buffer.writeInt16BE(value, this.at);
  }

  int4(value: number): void {
    this.reserve(FIXED_BYTES);
    this.at = this.buffer.writeInt32BE(value, this.at);
  }

  int8(value: number): void {
    if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 63)
      throw new OutOfRange(`${value} is no integer of 64 bits`);
    this.reserve(FIXED_BYTES);
    this.at = this.buffer.writeInt32BE(Math.floor(value / 2 ** 32), this.at);
    this.at = this.buffer.writeUInt32BE(value - Math.floor(value / 2 ** 32) * 2 ** 32, this.at);
  }

  float8(value: number): void {
    this.reserve(FIXED_BYTES);
    this.at = this.buffer.writeDoubleBE(value, this.at);
  }

  /** Eight or more of them are in all that is stored of a window: to look at each digit takes a quarter of what a look-up in a map does. */
  uuid(value: string): void {
    this.int4(16);
    let isWrong = value.length !== UUID_LENGTH;
    for (const place of UUID_DIGITS) {
      const [high, low] = [HEX[value.charCodeAt(place)] ?? -1, HEX[value.charCodeAt(place + 1)] ?? -1];
      isWrong ||= high < 0 || low < 0;
      this.buffer[this.at++] = (high << 4) | low;
    }
    for (const place of UUID_DASHES) isWrong ||= value.charCodeAt(place) !== DASH;
    if (isWrong) throw new OutOfRange(`${value} is no UUID`);
  }

  /** `version` is the byte before a document. */
  text(value: string, version: number | null): void {
    const most = value.length * 3 + 1;
    this.reserve(4 + most);
    const start = this.at + 4;
    this.at = version === null ? start : this.buffer.writeUInt8(version, start);
    this.at += this.buffer.write(value, this.at, 'utf8');
    this.buffer.writeInt32BE(this.at - start, start - 4);
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length);
    this.buffer.set(value, this.at);
    this.at += value.length;
  }

  done(): Buffer {
    return this.buffer.subarray(0, this.at);
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.at + bytes));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
  }
}
