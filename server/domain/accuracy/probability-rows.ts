import { AppError } from '../errors.ts';
import type { ProbabilityRow } from './calibration.ts';

const MAX_ROWS = 100_000;
const MAX_CLASSES = 64;

/**
 * Answers with their truth, from text: JSON lines `{"probabilities": [0.1, 0.9], "label": 1}`, or CSV with a head, whose last column is the
 * label and whose others are the classes in order. @throws AppError `invalid`, naming the line.
 */
export function parseProbabilityRows(name: string, text: string): { rows: ProbabilityRow[]; classes: number } {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const isJson = /^\s*\{/.test(lines[0] ?? '');
  const first = isJson ? 0 : 1;
  if (lines.length <= first) throw wrong(name, 'holds no rows.');
  if (lines.length > MAX_ROWS + 1) throw wrong(name, `holds more than ${MAX_ROWS} rows.`);
  const rows = lines.slice(first).map((line, at) => {
    const row = isJson ? jsonRow(line) : csvRow(line);
    if (!row)
      throw wrong(
        name,
        `line ${at + first + 1} must hold probabilities from 0 to 1, and the index of the right class.`,
      );
    return row;
  });
  const classes = rows[0]?.probabilities.length ?? 0;
  if (classes < 2 || classes > MAX_CLASSES)
    throw wrong(name, `has ${classes} classes; 2 to ${MAX_CLASSES} can be calibrated.`);
  const odd = rows.findIndex(({ probabilities, label }) => probabilities.length !== classes || label >= classes);
  if (odd >= 0) throw wrong(name, `line ${odd + first + 1} has not the ${classes} classes of the first.`);
  return { rows, classes };
}

function jsonRow(line: string): ProbabilityRow | null {
  try {
    const { probabilities, label } = JSON.parse(line) as Partial<ProbabilityRow>;
    return Array.isArray(probabilities) ? rowOf(probabilities, label) : null;
  } catch {
    return null;
  }
}

function csvRow(line: string): ProbabilityRow | null {
  const cells = line.split(',').map((cell) => (cell.trim() === '' ? Number.NaN : Number(cell)));
  return rowOf(cells.slice(0, -1), cells.at(-1));
}

function rowOf(probabilities: readonly unknown[], label: unknown): ProbabilityRow | null {
  const isProbability = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;
  if (!probabilities.every(isProbability) || typeof label !== 'number' || !Number.isInteger(label) || label < 0)
    return null;
  return { probabilities: [...probabilities], label };
}

function wrong(name: string, why: string): AppError {
  return new AppError({ code: 'invalid', reason: 'calibration', userMessage: `${name} ${why} Nothing was kept.` });
}
