import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { delay } from '../delay.ts';
import { createService } from '../testing/service.ts';
import { until } from '../testing/wait.ts';

let dir: string;
let made: ReturnType<typeof createService>;
let url: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-service-'));
  made = createService(dir);
  url = await made.endpoint.start(0);
});
afterEach(async () => {
  await made.service.stop();
  made.endpoint.close();
  rmSync(dir, { recursive: true });
});
const status = async (path: string) => (await fetch(`${url}${path}`)).status;

test('nothing serves before the first release, and other names are not found after it', async () => {
  expect(await status('/v2/health/live')).toBe(200);
  expect(await status('/v2/health/ready')).toBe(503);
  expect(await status('/v2/models/vibration-fault')).toBe(404);
  await made.service.keepServing(made.staged(1));
  expect(await status('/v2/health/ready')).toBe(200);
  expect(await status('/v2/models/vibration-fault/ready')).toBe(200);
  expect(await status('/v2/models/other/infer')).toBe(404);
  expect(await status('/else')).toBe(404);
});

test('a runner that dies is started again by itself, and it is told', async () => {
  await made.service.keepServing(made.staged(1));
  const first = made.service.current;
  process.kill(first?.pid ?? 0, 'SIGKILL');
  const second = await until('another runner', () => made.service.current !== first && made.service.current);
  expect(second.pid).not.toBe(first?.pid);
  expect(made.service.crashes).toBe(1);
  expect(made.troubles).toMatchObject([{ code: 'runner.crashed', detail: 'ended by SIGKILL', retry: 'later' }]);
  await until('it serves', async () => (await status('/v2/models/vibration-fault/ready')) === 200);
});

test('a release that cannot start leaves the one in service alone', async () => {
  await made.service.keepServing(made.staged(1));
  const before = made.service.current?.pid;
  const broken = made.staged(2);
  writeFileSync(join(made.stagedDir(broken.id), 'model.onnx'), 'no model');
  await expect(made.service.switchTo(broken)).rejects.toMatchObject({ code: 'runner.load' });
  expect(made.service.current?.pid).toBe(before);
  expect(await status('/v2/models/vibration-fault/ready')).toBe(200);
});

test('a switch keeps what the old runner had counted', async () => {
  const input = {
    source: 'synthetic',
    generator: 'vibration',
    ratePerS: 200,
    speedRpm: 1800,
    noise: 0.25,
    drift: 0,
  } as const;
  const old = made.staged(1, { input });
  await made.service.keepServing(old);
  await until('it has counted', async () => ((await made.service.current?.totals())?.inferences ?? 0) > 20);
  await made.service.switchTo(made.staged(2));
  const [retired, ...others] = made.service.takeRetired();
  expect(others).toEqual([]);
  expect(retired?.releaseId).toBe(old.id);
  expect(retired?.window.inferences).toBeGreaterThan(20);
});

test('a fallen runner that is being started again never takes the place of the version switched to meanwhile', async () => {
  await made.service.keepServing(made.staged(1));
  const next = made.staged(2);
  await made.service.startCandidate(next);
  process.kill(made.service.current?.pid ?? 0, 'SIGKILL');
  await until('its fall is noticed', () => made.service.crashes === 1);
  await delay(150); // It is being started again, which takes longer than taking the candidate that runs already.
  await made.service.switchTo(next);
  await delay(1_000);
  expect(made.service.current?.release.id).toBe(next.id);
  const answer = await fetch(`${url}/v2/models/vibration-fault`);
  expect(await answer.json()).toMatchObject({ versions: ['2.0.0'] });
});
