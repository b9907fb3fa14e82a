/** A field of a protobuf message, encoded. Concatenate fields to make a message. */
export type Field = Uint8Array;

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** An integer field. Only what an ONNX model needs: whole numbers from 0 to 2^53 - 1. */
export function integer(field: number, value: number): Field {
  return join([varint(field * 8 + VARINT), varint(value)]);
}

/** A string, bytes or sub-message field. Text is written as UTF-8, a list of fields as a sub-message. */
export function bytes(field: number, value: string | Uint8Array | readonly Field[]): Field {
  const body =
    typeof value === 'string' ? new TextEncoder().encode(value) : value instanceof Uint8Array ? value : join(value);
  return join([varint(field * 8 + LENGTH_DELIMITED), varint(body.length), body]);
}

/** Fields one after the other: a whole message. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.length;
  }
  return whole;
}

function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`Cannot write ${value} as a varint`);
  const digits: number[] = [];
  let rest = value;
  while (rest >= 128) {
    digits.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...digits, rest]);
}
