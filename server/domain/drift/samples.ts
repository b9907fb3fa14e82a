import { AppError } from '../errors.ts';
import type { OnnxPort } from '../onnx/facts.ts';
import { elementsOf } from './features.ts';
import type { Sample } from './profile.ts';

/** Samples that a profile is made from, at most: more change nothing. */
const MAX_SAMPLES = 100_000;

/**
 * Input rows from text: JSON lines, each an object from input name to numbers, or the numbers alone where there is one input; or CSV with
 * a head, a column each number. @throws AppError `invalid`, naming the line.
 */
export function parseSamples(name: string, text: string, inputs: readonly OnnxPort[]): Sample[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) throw wrong(name, 'holds no rows.');
  if (lines.length > MAX_SAMPLES + 1) throw wrong(name, `holds more than ${MAX_SAMPLES} rows.`);
  return /^\s*[[{]/.test(lines[0] ?? '') ? jsonSamples(name, lines, inputs) : csvSamples(name, lines, inputs);
}

function jsonSamples(name: string, lines: readonly string[], inputs: readonly OnnxPort[]): Sample[] {
  return lines.map((line, at) => {
    const row = parseLine(name, line, at);
    const [only] = inputs;
    if (Array.isArray(row) && only && inputs.length === 1) return sampleOf(name, at, inputs, { [only.name]: row });
    if (typeof row === 'object' && row !== null && !Array.isArray(row))
      return sampleOf(name, at, inputs, row as Record<string, unknown>);
    throw wrong(name, `line ${at + 1} must be an object from input name to numbers (${namesOf(inputs)}).`);
  });
}

function sampleOf(name: string, at: number, inputs: readonly OnnxPort[], row: Record<string, unknown>): Sample {
  const sample = new Map<string, number[]>();
  for (const [input, value] of Object.entries(row)) {
    const port = inputs.find((each) => each.name === input);
    if (!port)
      throw wrong(
        name,
        `line ${at + 1} names "${input.slice(0, 50)}", which is no input of the model: ${namesOf(inputs)}.`,
      );
    const numbers = (Array.isArray(value) ? value.flat(8) : [value]).map((each) =>
      each === null || typeof each === 'boolean' || typeof each === 'number' ? Number(each ?? Number.NaN) : null,
    );
    if (numbers.includes(null)) throw wrong(name, `line ${at + 1}: "${input}" holds something that is no number.`);
    requireLength(name, at, port, numbers.length);
    sample.set(input, numbers as number[]);
  }
  return sample;
}

function csvSamples(name: string, lines: readonly string[], inputs: readonly OnnxPort[]): Sample[] {
  const [head = '', ...rows] = lines;
  const columns = head.split(',').map((column) => column.trim().replace(/^"|"$/g, ''));
  const places = columns.map((column) => placeOf(name, column, columns.length, inputs));
  return rows.map((line, row) => {
    const cells = line.split(',');
    if (cells.length !== columns.length)
      throw wrong(name, `line ${row + 2} has ${cells.length} columns, its head ${columns.length}.`);
    const sample = new Map<string, number[]>();
    for (const [at, cell] of cells.entries()) {
      const [input, element] = places[at] ?? ['', at];
      const values = sample.get(input) ?? [];
      values[element ?? at] = cell.trim() === '' ? Number.NaN : Number(cell);
      sample.set(input, values);
    }
    for (const port of inputs)
      if (sample.has(port.name)) requireLength(name, row + 1, port, sample.get(port.name)?.length ?? 0);
    return sample;
  });
}

/** `signal[3]` is element 3 of `signal`, `signal` its only one; the columns of a model with one input may have any names. */
function placeOf(
  name: string,
  column: string,
  columns: number,
  inputs: readonly OnnxPort[],
): [input: string, element: number | null] {
  const match = /^(.*)\[(\d{1,6})\]$/.exec(column);
  const named = inputs.find((port) => port.name === (match?.[1] ?? column));
  if (named) return [named.name, match ? Number(match[2]) : 0];
  const [only] = inputs;
  if (only && inputs.length === 1 && elementsOf(only) === columns) return [only.name, null];
  throw wrong(name, `has a column "${column.slice(0, 50)}", which is no input of the model: ${namesOf(inputs)}.`);
}

function requireLength(name: string, at: number, port: OnnxPort, length: number): void {
  const elements = elementsOf(port);
  if (elements !== null && length !== elements)
    throw wrong(name, `line ${at + 1}: "${port.name}" has ${length} numbers, the model takes ${elements}.`);
}

function parseLine(name: string, line: string, at: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw wrong(name, `line ${at + 1} is not JSON.`, cause);
  }
}

function namesOf(inputs: readonly OnnxPort[]): string {
  return inputs
    .slice(0, 8)
    .map((port) => port.name)
    .join(', ');
}

function wrong(name: string, why: string, cause?: unknown): AppError {
  return new AppError({ code: 'invalid', reason: 'samples', userMessage: `${name} ${why} Nothing was kept.`, cause });
}
