/** The few DER forms (ITU-T X.690) that a certificate request needs. */
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const SEQUENCE = 0x30;
const SET = 0x31;

export const sequence = (...parts: Uint8Array[]) => element(SEQUENCE, ...parts);
export const set = (...parts: Uint8Array[]) => element(SET, ...parts);
export const utf8String = (text: string) => element(UTF8_STRING, Buffer.from(text, 'utf8'));
export const smallInteger = (value: number) => element(INTEGER, Uint8Array.of(value));
export const bitString = (bytes: Uint8Array) => element(BIT_STRING, Uint8Array.of(0), bytes);
/** `[0]`, constructed and empty: a request without attributes. */
export const emptyAttributes = () => Uint8Array.of(0xa0, 0);

export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(OBJECT_IDENTIFIER, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

function element(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return [0x80 | bytes.length, ...bytes];
}
