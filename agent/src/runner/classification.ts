import type { Tensor } from 'onnxruntime-node';

/** More classes than this are not counted one by one: the protocol's bound. */
const MAX_CLASSES = 64;

/** One sample's answer: the class with the highest probability, that probability, and the entropy in nats. */
export type Answer = { predicted: number; confidence: number; entropy: number };

/**
 * Reads a model's outputs as a classification: the first float output of shape [N, C] or [C] with 2 ≤ C ≤ 64. Rows that are
 * not probabilities are taken as logits. Null when the model does not classify.
 */
export function readClassification(outputs: Record<string, Tensor>): { classes: number; answers: Answer[] } | null {
  for (const tensor of Object.values(outputs)) {
    const classes = tensor.dims.at(-1) ?? 0;
    const isFloat = tensor.type === 'float32' || tensor.type === 'float64';
    if (!isFloat || tensor.dims.length > 2 || classes < 2 || classes > MAX_CLASSES) continue;
    const data = tensor.data as Float32Array;
    const answers = [];
    for (let at = 0; at + classes <= data.length; at += classes)
      answers.push(answerOf(data.subarray(at, at + classes)));
    return { classes, answers };
  }
  return null;
}

function answerOf(row: Float32Array): Answer {
  const probabilities = toProbabilities([...row]);
  let predicted = 0;
  let entropy = 0;
  for (const [index, p] of probabilities.entries()) {
    if (p > (probabilities[predicted] ?? 0)) predicted = index;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return { predicted, confidence: probabilities[predicted] ?? 0, entropy };
}

function toProbabilities(row: number[]): number[] {
  const sum = row.reduce((total, each) => total + each, 0);
  if (Math.abs(sum - 1) < 0.01 && row.every((each) => each >= 0)) return row;
  const highest = Math.max(...row);
  const exponentials = row.map((each) => Math.exp(each - highest));
  const total = exponentials.reduce((sum, each) => sum + each, 0);
  return exponentials.map((each) => each / total);
}
