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

test('systemd reads the unit file without a complaint', async () => {
  const home = mkdtempSync(join(tmpdir(), 'flotilla-unit-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const text = readFileSync(join(import.meta.dirname, '../systemd/flotilla-agent.service'), 'utf8');
  const unit = join(home, 'flotilla-agent.service');
  writeFileSync(unit, text.replaceAll('@DIR@', home).replaceAll('@GROUPS@', 'video'));
  writeFileSync(join(home, 'flotilla-agent'), '#!/bin/sh\n', { mode: 0o755 });
  const { stdout, stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', unit]);
  expect(`${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !NEWER.test(line))).toEqual([]);
});
