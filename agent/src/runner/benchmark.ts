import type { GoldenFile } from '@flotilla/protocol';
import type { Tensor } from 'onnxruntime-node';
import type { BenchmarkOrder, BenchmarkResult } from './contract.ts';
import { inputsOf } from './golden.ts';
import { compareWithGolden } from './golden-file.ts';
import type { Inference } from './inference.ts';
import { measureRuns } from './measure-runs.ts';
import type { Inputs, Model } from './model.ts';
import type { LabelledInput } from './sources/synthetic.ts';
import type { TensorData } from './tensor-data.ts';
import { tensorFromJson } from './tensors.ts';

/**
 * Measures the model on golden inputs (on zeros when the release has none): latency of single runs, CPU, memory, how far
 * the outputs are from the golden ones, and accuracy on `labelled` inputs.
 */
export async function benchmark(
  inference: Inference,
  order: BenchmarkOrder,
  golden: GoldenFile | null,
  labelled: (() => LabelledInput) | null,
): Promise<BenchmarkResult> {
  const compared = golden && (await compareCases(inference, golden));
  const inputs = golden ? golden.cases.map((each) => inputsOf(each.inputs)) : [zerosFor(inference.model)];
  const at = (index: number): Inputs => inputs[index % inputs.length] ?? {};
  let cpuBefore = process.cpuUsage();
  const run = async (index: number) => (await inference.timed(at(index))).runMs;
  const measured = await measureRuns(run, order, async () => {
    cpuBefore = process.cpuUsage();
  });
  const cpu = process.cpuUsage(cpuBefore);
  const accuracy = labelled && order.accuracySamples > 0 ? await accuracyOf(inference, labelled, order) : undefined;
  return {
    ...measured,
    rssBytes: process.memoryUsage.rss(),
    cpuMs: (cpu.user + cpu.system) / 1000,
    ...(compared && { golden: compared }),
    ...(accuracy !== undefined && { accuracy }),
  };
}

async function compareCases(inference: Inference, { cases }: GoldenFile) {
  let maxDifference = 0;
  for (const { inputs, outputs } of cases) {
    const result = compareWithGolden((await inference.timed(inputsOf(inputs))).outputs, outputs);
    if (typeof result === 'string') return { cases: cases.length, maxDifference, mismatch: result };
    maxDifference = Math.max(maxDifference, result);
  }
  return { cases: cases.length, maxDifference };
}

async function accuracyOf(inference: Inference, next: () => LabelledInput, order: BenchmarkOrder) {
  let correct = 0;
  for (let index = 0; index < order.accuracySamples; index++) {
    const { inputs, label } = next();
    const reading = inference.read((await inference.timed(inputs)).outputs as Record<string, TensorData>);
    if (reading?.kind !== 'classes') return undefined;
    if (reading.answers[0]?.predicted === label) correct += 1;
  }
  return correct / order.accuracySamples;
}

/** Every open dimension as 1. */
function zerosFor(model: Model): Inputs {
  const tensors = model.inputs.map(({ name, datatype, shape }) => {
    const dims = shape.map((each) => (each < 0 ? 1 : each));
    const data = Array.from({ length: dims.reduce((product, each) => product * each, 1) }, () => 0);
    return [name, tensorFromJson({ name, datatype, shape: dims, data })] as const;
  });
  return Object.fromEntries<Tensor>(tensors);
}
