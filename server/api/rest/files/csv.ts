import type { Cell, Table } from '../../../domain/telemetry/table.ts';

/** Rows that leave together. */
const CHUNK_ROWS = 1_000;

/** A table as CSV (RFC 4180) in UTF-8, with a line of column names. Times are ISO 8601 in UTC; an empty cell was not measured. */
export async function* csvChunks({ columns, rows }: Table): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let lines = [lineOf(columns.map(({ name }) => name))];
  for await (const row of rows) {
    lines.push(lineOf(row));
    if (lines.length < CHUNK_ROWS) continue;
    yield encoder.encode(lines.join(''));
    lines = [];
  }
  yield encoder.encode(lines.join(''));
}

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(textOf).join(',')}\r\n`;
}

function textOf(cell: Cell): string {
  if (cell === null) return '';
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell !== 'string') return String(cell);
  const text = isFormula(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Spreadsheets would carry out a name that begins like this. */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r]/.test(text);
}
