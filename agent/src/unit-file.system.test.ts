import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { requirePrograms } from './testing/system/programs.ts';

/** Of systemd 254; one from before says that it ignores them, and waits RestartSec each time. */
const NEWER = /Unknown key '(RestartSteps|RestartMaxDelaySec)' in section \[Service\], ignoring\./;

beforeAll(() => requirePrograms(['systemd-analyze'], ['systemd']));

const text = readFileSync(join(import.meta.dirname, '../systemd/flotilla-agent.service'), 'utf8');

/** What the service may do, on systemd's scale from 0 to 100: 22 now; what is left is the network, the sensors and the shell. */
const MAX_EXPOSURE = 25;

/** The unit as `install.sh` writes it. */
function unitOf(text: string): string {
  const home = mkdtempSync(join(tmpdir(), 'flotilla-unit-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const unit = join(home, 'flotilla-agent.service');
  writeFileSync(unit, text.replaceAll('@DIR@', home).replaceAll('@GROUPS@', 'video'));
  writeFileSync(join(home, 'flotilla-agent'), '#!/bin/sh\n', { mode: 0o755 });
  return unit;
}

test('systemd reads the unit file without a complaint', async () => {
  const { stdout, stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', unitOf(text)]);
  expect(`${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !NEWER.test(line))).toEqual([]);
});

test('the service is hardened: systemd finds little that it may do, and much when its capabilities are not taken', async () => {
  const judge = (unit: string) =>
    promisify(execFile)('systemd-analyze', ['security', '--offline=true', `--threshold=${MAX_EXPOSURE}`, unit]);
  await judge(unitOf(text));
  const soft = text.replace(/^CapabilityBoundingSet=$/m, '');
  expect(soft).not.toBe(text);
  await expect(judge(unitOf(soft))).rejects.toThrow();
});
