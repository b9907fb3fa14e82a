import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Engine } from './engine/engine.ts';
import { readUsage } from './usage.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-usage-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
};
const read = () =>
  readUsage(
    { engine: new Engine(join(dir, 'none')), procfs: join(dir, 'proc'), sysfs: join(dir, 'sys') },
    { id: 'x', pid: 42 },
  );

test('control groups of version 2, without the page cache', async () => {
  write('proc/42/cgroup', '0::/system.slice/docker-x.scope\n');
  write('sys/fs/cgroup/system.slice/docker-x.scope/memory.stat', 'anon 1048576\nfile 999999999\n');
  write('sys/fs/cgroup/system.slice/docker-x.scope/cpu.stat', 'usage_usec 2500\nuser_usec 1\n');
  expect(await read()).toEqual({ rssBytes: 1_048_576, cpuMs: 2.5 });
});

test('control groups of version 1', async () => {
  write('proc/42/cgroup', '7:memory:/docker/x\n5:cpu,cpuacct:/docker/x\n0::/\n');
  write('sys/fs/cgroup/memory/docker/x/memory.stat', 'rss 1\ntotal_rss 2097152\n');
  write('sys/fs/cgroup/cpuacct/docker/x/cpuacct.usage', '7500000\n');
  expect(await read()).toEqual({ rssBytes: 2_097_152, cpuMs: 7.5 });
});

test('where they cannot be read the engine is asked, and its failure is a failure', async () => {
  await expect(read()).rejects.toMatchObject({ code: 'container.engine_away' });
});
