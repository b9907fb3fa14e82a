/** C0 and C1 controls but tab, line feed and carriage return. */
const CONTROL = /[^\P{Cc}\t\n\r]/gu;

/**
 * UTF-8 as it may go into a database and onto a page: bad bytes and control characters (NUL above all, which Postgres
 * refuses) become U+FFFD. Line breaks and tabs stay. `isCut` drops the half character at the end of a shortened text.
 */
export function cleanText(bytes: Uint8Array, isCut: boolean): string {
  const decoded = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: isCut });
  return decoded.replace(CONTROL, '\ufffd');
}
