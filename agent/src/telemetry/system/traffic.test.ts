import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTraffic } from './traffic.ts';

const recorded = join(import.meta.dirname, '../fixtures/raspberry-pi-4-docker');
let dir: string;
let procfs: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-net-'));
  cpSync(recorded, dir, { recursive: true });
  procfs = join(dir, 'proc');
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Puts another figure in the place of one of the recorded ones. */
function change(from: string, to: string): void {
  const path = join(procfs, 'net/dev');
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
}

test('interfaces with hardware count, not loopback, nor the bridges of containers, whose traffic they carry', () => {
  const traffic = createTraffic({ sysfs: join(dir, 'sys'), procfs });
  expect(traffic()).toBeNull();
  expect(traffic()).toEqual({ rxBytes: 0, txBytes: 0 });
  change('eth0: 4294967296', 'eth0: 4294968296');
  change(' 40200 ', ' 40230 ');
  change('81264012  402117', '99264012  402117');
  change('docker0: 90120344', 'docker0: 99120344');
  expect(traffic()).toEqual({ rxBytes: 1000, txBytes: 30 });
});

test('one that was plugged in again counts from zero, and one that is gone counts nothing', () => {
  const traffic = createTraffic({ sysfs: join(dir, 'sys'), procfs });
  traffic();
  change('wlan0:  120400', 'wlan0:  700');
  expect(traffic()).toEqual({ rxBytes: 700, txBytes: 0 });
  change('wlan0:', 'wlan9:');
  change('eth0: 4294967296', 'eth0: 4294967300');
  expect(traffic()).toEqual({ rxBytes: 4, txBytes: 0 });
});

test('where none has hardware, as in a container, all but loopback count; where the kernel does not say, nothing does', () => {
  const traffic = createTraffic({ sysfs: join(dir, 'nowhere'), procfs });
  traffic();
  change('eth0: 4294967296', 'eth0: 4294967300');
  change('docker0: 90120344', 'docker0: 90120345');
  expect(traffic()).toEqual({ rxBytes: 5, txBytes: 0 });
  const silent = createTraffic({ sysfs: join(dir, 'sys'), procfs: join(dir, 'nowhere') });
  expect([silent(), silent()]).toEqual([null, null]);
});
