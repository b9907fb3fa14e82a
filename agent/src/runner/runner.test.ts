import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoldenFile, OipInferResponse } from '@flotilla/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunnerProcess } from '../serving/runner-process.ts';
import { makeRelease } from '../testing/release.ts';
import type { LoadOrder } from './contract.ts';

const models = join(import.meta.dirname, '../../demo-models');
const golden = GoldenFile.parse(JSON.parse(readFileSync(join(models, 'vibration-fault-1.0.0.golden.json'), 'utf8')));
const [first] = golden.cases;
const INFER = '/v2/models/vibration-fault/infer';
let dir: string;
let runner: RunnerProcess;

function orderFor(changes: Partial<LoadOrder> = {}): LoadOrder {
  const { settings, input } = makeRelease(1);
  const modelPath = join(models, 'vibration-fault-1.0.0.onnx');
  const labelsPath = join(models, 'labels.json');
  const name = { modelName: 'vibration-fault', modelVersion: '1.0.0' };
  return { ...name, modelPath, labelsPath, settings, input, seed: 7, socketPath: join(dir, 'a.sock'), ...changes };
}
const spawn = (socket = 'a.sock', procfs?: string) =>
  new RunnerProcess(join(import.meta.dirname, 'main.ts'), makeRelease(1), join(dir, socket), procfs);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-runner-'));
  runner = spawn();
  await runner.load(orderFor());
});
afterAll(async () => {
  await runner.stop();
  rmSync(dir, { recursive: true });
});

function ask(path: string, body?: Buffer | string, headers: Record<string, string | number> = {}) {
  return new Promise<{ status: number; body: Buffer; headers: Record<string, unknown> }>((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const sent = request({ socketPath: join(dir, 'a.sock'), path, method, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), headers: response.headers });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
const errorOf = (body: Buffer) => JSON.parse(body.toString()).error as string;

test('answers every golden input with its golden output, as JSON', async () => {
  for (const { inputs, outputs } of golden.cases) {
    const { status, body } = await ask(INFER, JSON.stringify({ id: 'x', inputs }));
    expect(status).toBe(200);
    const answer = OipInferResponse.parse(JSON.parse(body.toString()));
    expect(answer.id).toBe('x');
    for (const [at, value] of (outputs[0]?.data ?? []).entries()) {
      expect(Number(answer.outputs[0]?.data[at])).toBeCloseTo(Number(value), 3);
    }
  }
});

test('takes and gives binary tensors', async () => {
  const signal = Float32Array.from(first?.inputs[0]?.data as number[]);
  const json = Buffer.from(
    JSON.stringify({
      parameters: { binary_data_output: true },
      inputs: [{ name: 'signal', datatype: 'FP32', shape: [1, 256], parameters: { binary_data_size: 1024 } }],
    }),
  );
  const sent = Buffer.concat([json, Buffer.from(signal.buffer)]);
  const { status, body, headers } = await ask(INFER, sent, { 'inference-header-content-length': json.length });
  expect(status).toBe(200);
  const headLength = Number(headers['inference-header-content-length']);
  const [output] = JSON.parse(body.subarray(0, headLength).toString()).outputs;
  expect(output).toMatchObject({
    name: 'probabilities',
    datatype: 'FP32',
    shape: [1, 4],
    parameters: { binary_data_size: 16 },
  });
  expect(body.length - headLength).toBe(16);
  expect(body.readFloatLE(headLength)).toBeCloseTo(Number(first?.outputs[0]?.data[0]), 3);
});

const tensor = (changes: object) => JSON.stringify({ inputs: [{ ...first?.inputs[0], ...changes }] });
test.each([
  ['another model', '/v2/models/other/infer', tensor({}), 404, /no model "other"/],
  ['not JSON', INFER, '{', 400, /not JSON/],
  ['no inputs', INFER, '{}', 400, /inputs must be a list/],
  ['another name', INFER, tensor({ name: 'other' }), 400, /no input "other"/],
  ['another shape', INFER, tensor({ shape: [2, 128] }), 400, /must have the shape/],
  ['too few values', INFER, tensor({ shape: [2, 256] }), 400, /256 values for a shape of 512/],
  ['another type', INFER, tensor({ datatype: 'FP64' }), 400, /must be FP32/],
  ['an unknown type', INFER, tensor({ datatype: 'FP8' }), 400, /unknown datatype/],
  ['text as data', INFER, tensor({ data: Array(256).fill('x') }), 400, /numbers or booleans/],
  ['a shape that is none', INFER, tensor({ shape: 'x' }), 400, /list of whole numbers/],
])('%s is refused with a sentence that says what is wrong', async (_, path, body, status, sentence) => {
  const answer = await ask(path, body);
  expect(answer.status).toBe(status);
  expect(errorOf(answer.body)).toMatch(sentence);
});

test('describes itself as the protocol asks', async () => {
  expect(JSON.parse((await ask('/v2')).body.toString()).extensions).toContain('binary_tensor_data');
  expect((await ask('/v2/health/live')).status).toBe(200);
  expect((await ask('/v2/health/ready')).status).toBe(200);
  expect((await ask('/v2/models/vibration-fault/ready')).status).toBe(200);
  const facts = JSON.parse((await ask('/v2/models/vibration-fault')).body.toString());
  expect(facts).toMatchObject({ versions: ['1.0.0'], inputs: [{ name: 'signal', datatype: 'FP32' }] });
});

test('counts what it did: latencies, errors by code, classes, labels; and starts again at zero', async () => {
  await runner.window();
  const body = JSON.stringify({ inputs: first?.inputs });
  for (const label of ['healthy', 'bearing-fault', '0']) await ask(INFER, body, { 'flotilla-label': label });
  await ask(INFER, body);
  await ask(INFER, '{}');
  const window = await runner.window();
  expect(window).toMatchObject({ inferences: 4, errors: 1, errorCodes: { bad_request: 1 }, labelled: { n: 3 } });
  expect(window.run.buckets.filter((_, at) => at % 2 === 1).reduce((sum, each) => sum + each, 0)).toBe(4);
  expect(window.outputs?.classCounts?.reduce((sum, each) => sum + each, 0)).toBe(4);
  expect(window.outputs?.confidence).toHaveLength(20);
  expect(window.labelled?.confusion?.counts).toHaveLength(16);
  expect(await runner.window()).toMatchObject({ inferences: 0, errors: 0, errorCodes: {} });
  expect((await runner.totals()).failures).toBe(0);
});

test('gives every inference an id, keeps answers as asked, and counts labels that come later once', async () => {
  await runner.window({ share: 1, maxPerWindow: 10 });
  const asked = { id: 'mine', parameters: { label: 'healthy' }, inputs: first?.inputs };
  await ask(INFER, JSON.stringify(asked));
  const unnamed = JSON.parse((await ask(INFER, JSON.stringify({ inputs: first?.inputs }))).body.toString());
  expect(unnamed.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  const labels = [
    { id: unnamed.id, label: 'healthy' },
    { id: unnamed.id, label: 'healthy' },
    { id: 'mine', label: 1 },
    { id: 'nobody', label: 1 },
  ];
  const answer = await ask('/v2/models/vibration-fault/labels', JSON.stringify({ labels }));
  expect(JSON.parse(answer.body.toString())).toEqual({
    counted: 1,
    refused: [
      { id: unnamed.id, reason: 'repeated' },
      { id: 'mine', reason: 'repeated' },
      { id: 'nobody', reason: 'unknown' },
    ],
  });
  const window = await runner.window();
  expect(window.predictions?.map(({ id }) => id).toSorted()).toEqual([unnamed.id, 'mine'].toSorted());
  expect(window.labelled?.n).toBe(2);
  expect(window.inputs?.['signal.mean']?.positive ?? window.inputs?.['signal.mean']?.negative).toBeDefined();
  const refused = await ask('/v2/models/vibration-fault/labels', '{"labels":[{"id":"x"}]}');
  expect([refused.status, errorOf(refused.body)]).toEqual([400, expect.stringMatching(/labels/)]);
});

test('counts inputs on the edges of the release’s reference, and what its calibration promises', async () => {
  const referencePath = join(dir, 'reference.json');
  const features = [
    { name: 'level', input: 'signal', of: { stat: 'rms' }, edges: [0.1, 0.5, 1], counts: [0, 1, 1, 0] },
  ];
  const calibration = { classes: 4, curves: [{ x: [0, 1], y: [0, 1] }] };
  writeFileSync(referencePath, JSON.stringify({ v: 1, samples: 2, features, calibration }));
  const watched = spawn('r.sock');
  const input = {
    source: 'synthetic',
    generator: 'vibration',
    ratePerS: 500,
    speedRpm: 1800,
    noise: 0.25,
    drift: 0,
  } as const;
  await watched.load(orderFor({ input, referencePath, socketPath: join(dir, 'r.sock') }));
  await watched.start();
  await expect.poll(async () => (await watched.totals()).inferences, { timeout: 10_000 }).toBeGreaterThan(100);
  const { inferences, inputs, outputs, labelled } = await watched.window();
  expect(Object.keys(inputs ?? {})).toEqual(['level']);
  expect(inputs?.level?.counts?.reduce((sum, each) => sum + each, 0)).toBe(inferences);
  const promised = (outputs?.estimated?.truePositives ?? []).reduce((sum, each) => sum + each, 0) / inferences;
  expect(Math.abs(promised - (labelled?.correct ?? 0) / inferences)).toBeLessThan(0.1);
  await watched.stop();
});

test('measures itself on golden inputs', async () => {
  const goldenPath = join(models, 'vibration-fault-1.0.0.golden.json');
  const result = await runner.benchmark({ goldenPath, runs: 50, minDurationMs: 0, accuracySamples: 0 });
  expect(result.golden?.cases).toBe(golden.cases.length);
  expect(result.golden?.maxDifference).toBeLessThan(0.001);
  expect(result.latencyP95Ms).toBeGreaterThanOrEqual(result.latencyP50Ms);
  const foreign = join(models, 'vibration-fault-2.0.0.golden.json');
  const other = await runner.benchmark({ goldenPath: foreign, runs: 1, minDurationMs: 0, accuracySamples: 0 });
  expect(other.golden?.maxDifference).toBeGreaterThan(0.01);
});

test('feeds itself with labelled synthetic signals, and the trained model is right about most', async () => {
  const input = {
    source: 'synthetic',
    generator: 'vibration',
    ratePerS: 500,
    speedRpm: 1800,
    noise: 0.25,
    drift: 0,
  } as const;
  const fed = spawn('b.sock');
  await fed.load(orderFor({ input, socketPath: join(dir, 'b.sock') }));
  await fed.start();
  await expect.poll(async () => (await fed.totals()).inferences, { timeout: 10_000 }).toBeGreaterThan(100);
  const { labelled } = await fed.window();
  expect((labelled?.correct ?? 0) / (labelled?.n ?? 1)).toBeGreaterThan(0.8);
  await fed.stop();
});

test.each([
  ['a file that is no model', { modelPath: join(models, 'labels.json') }, 'runner.load'],
  [
    'a folder that is not there',
    { input: { source: 'folder', path: '/nowhere/at/all', ratePerS: 1 } },
    'release.input',
  ],
  ['labels that are none', { labelsPath: join(models, 'models.json') }, 'release.malformed'],
] as const)('%s is a load failure with its own code', async (_, changes, code) => {
  const broken = spawn('c.sock');
  await expect(broken.load(orderFor({ socketPath: join(dir, 'c.sock'), ...changes }))).rejects.toMatchObject({ code });
  await broken.stop();
});

test('a runner that is killed is seen to have crashed, and leaves no telemetry of ONNX Runtime behind', async () => {
  const doomed = spawn('d.sock');
  await doomed.load(orderFor({ socketPath: join(dir, 'd.sock') }));
  const asked = doomed.benchmark({ runs: 10_000, minDurationMs: 60_000, accuracySamples: 0 });
  process.kill(doomed.pid ?? 0, 'SIGKILL');
  await expect(asked).rejects.toMatchObject({ code: 'runner.crashed' });
  expect(await doomed.exited).toMatchObject({ signal: 'SIGKILL' });
  expect(readdirSync(tmpdir())).not.toContain(`mat-debug-${doomed.pid}.log`);
});

test.each([
  ['counted a kill for want of memory', 4, 'runner.oom_killed'],
  ['counted none', 3, 'runner.crashed'],
])('a runner that is gone by SIGKILL when the kernel %s', async (_, killsAfter, code) => {
  const procfs = mkdtempSync(join(dir, 'proc-'));
  const kernelCounts = (kills: number) => writeFileSync(join(procfs, 'vmstat'), `pgfault 7\noom_kill ${kills}\n`);
  kernelCounts(3);
  const doomed = spawn('e.sock', procfs);
  await doomed.load(orderFor({ socketPath: join(dir, 'e.sock') }));
  const asked = doomed.benchmark({ runs: 10_000, minDurationMs: 60_000, accuracySamples: 0 });
  kernelCounts(killsAfter);
  process.kill(doomed.pid ?? 0, 'SIGKILL');
  await expect(asked).rejects.toMatchObject({ code });
});
