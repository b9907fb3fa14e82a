import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { vibrationClasses } from '../src/runner/sources/vibration.ts';
import { createSamples } from './dataset.ts';
import type { GoldenCase } from './golden.ts';
import { highest, type Judgement } from './learn.ts';
import { modelName, modelSpecs } from './specs.ts';

type ModelFacts = { file: string; version: string; sha256: string; sizeBytes: number; heldOut: Judgement };

const FRESH_SEED = 4242;
const FRESH_SAMPLES = 2000;
const { models } = readJson<{ models: ModelFacts[] }>('models.json');
let onnx: typeof import('onnxruntime-node');

function read(name: string): Buffer {
  return readFileSync(new URL(name, import.meta.url));
}

function readJson<Value>(name: string): Value {
  return JSON.parse(read(name).toString('utf8')) as Value;
}

async function load(file: string) {
  const session = await onnx.InferenceSession.create(read(file), { intraOpNumThreads: 1 });
  return async (signals: Float32Array[]): Promise<Float32Array> => {
    const data = Float32Array.from(signals.flatMap((signal) => Array.from(signal)));
    const output = await session.run({ signal: new onnx.Tensor('float32', data, [signals.length, 256]) });
    return output.probabilities?.data as Float32Array;
  };
}

/** Accuracy on signals that neither training nor judging has seen. */
async function freshAccuracy(file: string, drift = 0): Promise<number> {
  const infer = await load(file);
  const next = createSamples(FRESH_SEED, drift);
  const samples = Array.from({ length: FRESH_SAMPLES }, () => next());
  const probabilities = await infer(samples.map(({ signal }) => signal));
  const right = samples.filter(({ label }, row) => highest(probabilities.subarray(row * 4, row * 4 + 4)) === label);
  return right.length / samples.length;
}

beforeAll(async () => {
  process.env.ORT_DISABLE_TELEMETRY = '1';
  onnx = await import('onnxruntime-node');
});

describe('demo models', () => {
  it('are the three versions that the training describes', () => {
    expect(models.map(({ version }) => version)).toEqual(modelSpecs.map(({ version }) => version));
    expect(readJson('labels.json')).toEqual({ v: 1, classes: [...vibrationClasses] });
  });

  it.each(models)('$version is the file that was measured, and small', ({ file, sha256, sizeBytes }) => {
    const content = read(file);
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    expect(content.length).toBe(sizeBytes);
    expect(sizeBytes).toBeLessThan(500_000);
  });

  it.each(models)('$version gives its golden outputs within 1e-4', async ({ file, version }) => {
    const infer = await load(file);
    const { cases } = readJson<{ cases: GoldenCase[] }>(`${modelName}-${version}.golden.json`);
    expect(cases).toHaveLength(8);
    for (const { inputs, outputs } of cases) {
      const actual = await infer([Float32Array.from(inputs[0]?.data ?? [])]);
      const expected = outputs[0]?.data ?? [];
      expect(expected).toHaveLength(4);
      for (const [index, value] of expected.entries())
        expect(Math.abs((actual[index] ?? 9) - value)).toBeLessThan(1e-4);
    }
  });

  it.each(models)('$version is as accurate on fresh signals as models.json says', async ({ file, heldOut }) => {
    const accuracy = await freshAccuracy(file);
    // Four standard errors of the difference between the two measurements.
    const variance = heldOut.accuracy * (1 - heldOut.accuracy);
    const error = Math.sqrt(variance / heldOut.samples + variance / FRESH_SAMPLES);
    expect(Math.abs(accuracy - heldOut.accuracy)).toBeLessThan(4 * error);
  });

  it('rank as the demo tells: the second best, the third worst, with clear distances', () => {
    const [first, second, third] = models.map(({ heldOut }) => heldOut);
    expect(second?.low).toBeGreaterThan((first?.high ?? 1) + 0.02);
    expect(first?.low).toBeGreaterThan((third?.high ?? 1) + 0.05);
  });

  it.each(models)('$version grows worse step by step when the machine drifts', async ({ file }) => {
    const [still, half, full] = await Promise.all([0, 0.5, 1].map((drift) => freshAccuracy(file, drift)));
    expect(half).toBeLessThan((still ?? 0) - 0.08);
    expect(full).toBeLessThan((half ?? 0) - 0.08);
  });

  it('answer a flat line with probabilities', async () => {
    for (const { file } of models) {
      const [sum] = [await (await load(file))([new Float32Array(256)])].map((row) => row.reduce((a, b) => a + b, 0));
      expect(sum).toBeCloseTo(1, 5);
    }
  });
});
