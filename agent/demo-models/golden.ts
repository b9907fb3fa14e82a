import { VIBRATION_SAMPLES, vibrationClasses } from '../src/runner/sources/vibration.ts';
import { createSamples, HELD_OUT_SEED } from './dataset.ts';
import type { Network } from './network.ts';

/** Tensors as the Open Inference Protocol writes them. */
export type GoldenTensor = { name: string; datatype: 'FP32'; shape: number[]; data: number[] };
export type GoldenCase = { inputs: GoldenTensor[]; outputs: GoldenTensor[] };

const CASES_PER_CLASS = 2;
/** Away from the held-out signals, so that a golden case is never also a judged one. */
const GOLDEN_SEED = HELD_OUT_SEED + 1000;

/** Eight signals, two of each class, with what the network makes of them. */
export function goldenCases(network: Network): GoldenCase[] {
  const next = createSamples(GOLDEN_SEED);
  const wanted = vibrationClasses.map(() => CASES_PER_CLASS);
  const cases: GoldenCase[] = [];
  while (cases.length < vibrationClasses.length * CASES_PER_CLASS) {
    const { signal, label } = next();
    const left = wanted[label] ?? 0;
    if (left === 0) continue;
    wanted[label] = left - 1;
    // A sensor of 0.1 mg resolution: four decimals keep the file short, and the network sees these very numbers.
    const data = Array.from(signal, (value) => Math.round(value * 10_000) / 10_000);
    const probabilities = network.probabilities(Float32Array.from(data));
    cases.push({
      inputs: [{ name: 'signal', datatype: 'FP32', shape: [1, VIBRATION_SAMPLES], data }],
      outputs: [
        {
          name: 'probabilities',
          datatype: 'FP32',
          shape: [1, vibrationClasses.length],
          data: Array.from(probabilities, (value) => Number(value.toPrecision(7))),
        },
      ],
    });
  }
  return cases;
}
