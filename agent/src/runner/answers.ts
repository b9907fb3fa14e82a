import type { TensorData } from './tensor-data.ts';

/** More classes than this are not counted one by one: the protocol's bound. */
const MAX_CLASSES = 64;

/** One sample's answer: the class with the highest probability, that probability, the entropy in nats, and all probabilities. */
export type Answer = { predicted: number; confidence: number; entropy: number; probabilities: number[] };

/** What a model said, one element a sample: classes, or the values of a regression. */
export type Reading = { kind: 'classes'; classes: number; answers: Answer[] } | { kind: 'values'; values: number[] };

type Tensors = Readonly<Record<string, TensorData>>;

/**
 * Reads a model's outputs: the first float output of shape [N, C] or [C] with 2 ≤ C ≤ 64 as a classification, rows that are not
 * probabilities taken as logits; else the first float output of one number a sample, [N, 1], [1] or a scalar, as a regression. An output that
 * the model declares as a list of open length, [N], is a regression of N samples. Null when it is neither.
 */
export function readAnswers(
  outputs: Tensors,
  declared: readonly { name: string; shape: readonly number[] }[],
): Reading | null {
  const floats = Object.entries(outputs).filter(([, { type }]) => type === 'float32' || type === 'float64');
  const isList = (name: string) => {
    const shape = declared.find((each) => each.name === name)?.shape;
    return shape?.length === 1 && shape[0] === -1;
  };
  for (const [name, { dims, data }] of floats) {
    const classes = dims.at(-1) ?? 0;
    if (dims.length > 2 || classes < 2 || classes > MAX_CLASSES || isList(name)) continue;
    const answers = [];
    const numbers = data as Float32Array;
    for (let at = 0; at + classes <= numbers.length; at += classes)
      answers.push(answerOf(numbers.subarray(at, at + classes)));
    return { kind: 'classes', classes, answers };
  }
  const value = floats.find(([name, { dims }]) => dims.length === 0 || dims.at(-1) === 1 || isList(name));
  return value ? { kind: 'values', values: Array.from(value[1].data as Float32Array) } : null;
}

function answerOf(row: Float32Array): Answer {
  const probabilities = toProbabilities([...row]);
  let predicted = 0;
  let entropy = 0;
  for (const [index, p] of probabilities.entries()) {
    if (p > (probabilities[predicted] ?? 0)) predicted = index;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return { predicted, confidence: probabilities[predicted] ?? 0, entropy, probabilities };
}

function toProbabilities(row: number[]): number[] {
  const sum = row.reduce((total, each) => total + each, 0);
  if (Math.abs(sum - 1) < 0.01 && row.every((each) => each >= 0)) return row;
  const highest = Math.max(...row);
  const exponentials = row.map((each) => Math.exp(each - highest));
  const total = exponentials.reduce((sum, each) => sum + each, 0);
  return exponentials.map((each) => each / total);
}
