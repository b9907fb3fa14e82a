import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildAgent } from '../../build.ts';
import { delay } from '../delay.ts';
import { makeRelease } from '../testing/release.ts';
import type { RunnerRequest } from './contract.ts';

/** ONNX Runtime's telemetry writes its files with the first session, and looks up its server nine seconds later. */
const LONG_ENOUGH_MS = 14_000;

const agentDir = join(import.meta.dirname, '../..');
const modelPath = join(agentDir, 'demo-models/vibration-fault-1.0.0.onnx');
let dir: string;

beforeAll(async () => {
  if (spawnSync('strace', ['-V']).error)
    throw new Error('strace is not installed, and this test needs it: apt-get install strace');
  await buildAgent();
  dir = mkdtempSync(join(tmpdir(), 'flotilla-telemetry-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Every file opened to be written, and every connection, of a process and its threads. */
function trace(pid: number, log: string): ChildProcess {
  const calls = 'trace=openat,mkdir,connect,sendto,sendmmsg,sendmsg';
  return spawn('strace', ['-f', '-q', '-s', '256', '-e', calls, '-o', log, '-p', String(pid)], { stdio: 'ignore' });
}

test('the shipped runner writes nothing of telemetry and looks nothing up, with a home folder that would take it', async () => {
  const [home, temp, log] = ['home', 'tmp', 'trace.log'].map((name) => join(dir, name)) as [string, string, string];
  for (const folder of [home, temp]) spawnSync('mkdir', ['-p', folder]);
  const env = { ORT_DISABLE_TELEMETRY: '1', HOME: home, TMPDIR: temp };
  const runner = fork(join(agentDir, 'dist/runner.mjs'), [], { serialization: 'advanced', env, execArgv: [] });
  const tracer = trace(runner.pid ?? 0, log);
  await delay(500);
  const { settings } = makeRelease(1);
  const input = {
    source: 'synthetic',
    generator: 'vibration',
    ratePerS: 50,
    speedRpm: 1800,
    noise: 0,
    drift: 0,
  } as const;
  const about = { modelName: 'vibration-fault', modelVersion: '1.0.0', modelPath, settings, input, seed: 1 };
  const orders: RunnerRequest[] = [
    { id: 1, op: 'load', order: { ...about, socketPath: join(dir, 'runner.sock') } },
    { id: 2, op: 'start' },
  ];
  for (const order of orders) {
    runner.send(order);
    await once(runner, 'message');
  }
  await delay(LONG_ENOUGH_MS);
  const ended = once(tracer, 'exit');
  runner.kill('SIGKILL');
  await ended;
  expect(readdirSync(home)).toEqual([]);
  expect(readdirSync(temp)).toEqual([]);
  const lines = readFileSync(log, 'utf8').split('\n');
  expect(lines.some((line) => line.includes('vibration-fault-1.0.0.onnx'))).toBe(true);
  expect(
    lines.filter((line) =>
      /connect\(.*AF_INET|events\.data\.microsoft|mat-debug|O_(WRONLY|RDWR).*Microsoft/.test(line),
    ),
  ).toEqual([]);
});

test('the same watch sees it when nobody turns it off, so that it is known to see', async () => {
  const [home, temp] = ['home-on', 'tmp-on'].map((name) => join(dir, name)) as [string, string];
  for (const folder of [home, temp]) spawnSync('mkdir', ['-p', folder]);
  const program = join(agentDir, 'telemetry-on.mjs');
  writeFileSync(
    program,
    `import { InferenceSession } from 'onnxruntime-node';
     await InferenceSession.create(${JSON.stringify(modelPath)});
     process.kill(process.pid, 'SIGKILL');`,
  );
  const child = spawn(process.execPath, [program], {
    stdio: 'ignore',
    env: { NODE_ENV: 'production', HOME: home, TMPDIR: temp },
  });
  await once(child, 'exit');
  rmSync(program);
  expect([...readdirSync(home), ...readdirSync(temp)]).not.toEqual([]);
});
