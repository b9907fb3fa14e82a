import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { vibrationClasses } from '../src/runner/sources/vibration.ts';
import { HELD_OUT_SEED, TRAINING_SEED } from './dataset.ts';
import { goldenCases } from './golden.ts';
import { judge, trainNetwork } from './learn.ts';
import { type ModelSpec, modelName, modelSpecs } from './specs.ts';
import { networkToOnnx } from './to-onnx.ts';

type BuiltFile = { name: string; content: Uint8Array };

const isCheck = process.argv.includes('--check');
const built = modelSpecs.map(buildModel);
const files: BuiltFile[] = [
  ...built.flatMap(({ files }) => files),
  json('labels.json', { v: 1, classes: vibrationClasses }),
  json('models.json', { v: 1, name: modelName, models: built.map(({ facts }) => facts) }, 2),
];
if (isCheck) await compare(files);
else await Promise.all(files.map(({ name, content }) => writeFile(place(name), content)));

function buildModel(spec: ModelSpec) {
  const startedAt = performance.now();
  const network = trainNetwork(spec);
  const heldOut = judge(network);
  const file = `${modelName}-${spec.version}.onnx`;
  const content = networkToOnnx(network, {
    graphName: modelName,
    modelVersion: Number.parseInt(spec.version, 10),
    description: spec.description,
    metadata: {
      task: 'classification of 125 ms of vibration at 2048 Hz',
      classes: vibrationClasses.join(','),
      dataset_seed: String(TRAINING_SEED),
      held_out_seed: String(HELD_OUT_SEED),
      held_out_accuracy: String(heldOut.accuracy),
    },
  });
  const facts = {
    file,
    version: spec.version,
    description: spec.description,
    sha256: createHash('sha256').update(content).digest('hex'),
    sizeBytes: content.length,
    parameters: network.placed.flatMap(({ layer }) => layer.parameters).reduce((sum, { length }) => sum + length, 0),
    heldOut,
  };
  const percent = (heldOut.accuracy * 100).toFixed(1);
  console.log(`${file}  ${percent} %  ${content.length} bytes  ${Math.round(performance.now() - startedAt)} ms`);
  const golden = json(`${modelName}-${spec.version}.golden.json`, { v: 1, cases: goldenCases(network) });
  return { facts, files: [{ name: file, content }, golden] };
}

async function compare(expected: BuiltFile[]): Promise<void> {
  for (const { name, content } of expected) {
    const committed = await readFile(place(name)).catch(() => undefined);
    if (committed && Buffer.compare(committed, content) === 0) continue;
    console.error(`${name} is not what training gives. Run "npm run train" and commit the result.`);
    process.exitCode = 1;
  }
}

function json(name: string, value: unknown, indent = 0): BuiltFile {
  return { name, content: new TextEncoder().encode(`${JSON.stringify(value, null, indent)}\n`) };
}

function place(name: string): URL {
  return new URL(name, import.meta.url);
}
