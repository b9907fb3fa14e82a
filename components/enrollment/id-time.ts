/** Hex digits of a version 7 UUID that hold its time. */
const TIME_DIGITS = 12;

/** When the server made an id: version 7 UUIDs begin with their time in milliseconds (RFC 9562, section 5.7). */
export function madeAtMs(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, TIME_DIGITS), 16);
}
