import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readUsableMachine } from './usable-machine.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flotilla-usable-'));
});
afterEach(() => rmSync(root, { recursive: true }));
const put = (files: Record<string, string>) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
};
const read = () => readUsableMachine({ sysfs: join(root, 'sys'), procfs: join(root, 'proc') });
const all = availableParallelism();

test('a machine without limits is used whole', async () => {
  expect(await read()).toEqual({ processors: all, fastCores: all });
  put({ 'sys/fs/cgroup/cpu.max': 'max 100000' });
  put({ 'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1', 'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000' });
  expect(await read()).toEqual({ processors: all, fastCores: all });
});

test('a container of the second version has its limits at the root', async () => {
  put({ 'proc/self/cgroup': '0::/', 'sys/fs/cgroup/cpu.max': '50000 100000' });
  expect(await read()).toMatchObject({ processors: 0.5 });
});

test('a container of the first version is named by a path that only its host has', async () => {
  put({
    'proc/self/cgroup': '9:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/',
    'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '25000',
    'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
  });
  expect(await read()).toMatchObject({ processors: 0.25 });
});

test('a service has the least of its own limits and those above it', async () => {
  put({
    'proc/self/cgroup': '0::/system.slice/flotilla-agent.service',
    'sys/fs/cgroup/system.slice/cpu.max': '20000 100000',
    'sys/fs/cgroup/system.slice/flotilla-agent.service/cpu.max': '40000 100000',
  });
  expect(await read()).toMatchObject({ processors: 0.2 });
});

test('only cores of the fastest kind count, and threads that share one are one', async () => {
  const cpu = (n: number, siblings: string, capacity: number) => ({
    [`sys/devices/system/cpu/cpu${n}/topology/thread_siblings_list`]: siblings,
    [`sys/devices/system/cpu/cpu${n}/cpu_capacity`]: String(capacity),
  });
  put({
    ...cpu(0, '0', 414),
    ...cpu(1, '1', 414),
    ...cpu(2, '2-3', 1024),
    ...cpu(3, '2-3', 1024),
    ...cpu(4, '4', 1024),
  });
  expect((await read()).fastCores).toBe(2);
});
