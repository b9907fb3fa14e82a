import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAccelerators } from './accelerators.ts';
import { readSecureBoot } from './secure-boot.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flotilla-facts-'));
});
afterEach(() => rmSync(root, { recursive: true }));
const put = (path: string, content: string | Uint8Array) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
};
const VARIABLE = 'firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

test.each([
  [1, true],
  [0, false],
])('secure boot by the firmware variable: %i', async (value, expected) => {
  put(VARIABLE, Uint8Array.of(6, 0, 0, 0, value));
  expect(await readSecureBoot(root)).toBe(expected);
});

test('a machine without UEFI does not say that secure boot is off', async () => {
  expect(await readSecureBoot(root)).toBeUndefined();
  put(VARIABLE, Uint8Array.of(6, 0, 0, 0));
  expect(await readSecureBoot(root)).toBeUndefined();
});

test('accelerators by what their drivers say', async () => {
  expect(await readAccelerators(root, root)).toEqual([]);
  put('class/hailo_chardev/hailo0/device/uevent', 'DRIVER=hailo\n');
  put('class/apex/apex_0/device/uevent', 'DRIVER=apex\n');
  put('class/accel/accel0/device/uevent', 'DRIVER=intel_vpu\n');
  put('driver/nvidia/gpus/0000:01:00.0/information', 'Model: \t\t NVIDIA RTX A2000\nIRQ: 130\n');
  const found = ['Hailo', 'Google Edge TPU', 'NPU (intel_vpu)', 'NVIDIA RTX A2000'];
  expect(await readAccelerators(root, root)).toEqual(found);
});

test("a Jetson's own graphics", async () => {
  put('devices/17000000.ga10b/uevent', '');
  expect(await readAccelerators(root, root)).toEqual(['NVIDIA Tegra GPU (ga10b)']);
});
