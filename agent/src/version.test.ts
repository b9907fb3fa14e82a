import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildAgent } from '../build.ts';

const agentDir = join(import.meta.dirname, '..');
let dir: string;
beforeAll(buildAgent, 60_000);
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-version-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('the bundle alone, in an empty folder, says its version and how it is used', async () => {
  copyFileSync(join(agentDir, 'dist/agent.mjs'), join(dir, 'agent.mjs'));
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['agent.mjs', ...args], { cwd: dir, env: { NODE_ENV: 'production' } });
  const { version } = JSON.parse(readFileSync(join(agentDir, 'package.json'), 'utf8'));
  expect(await run('--version')).toEqual({ stdout: `${version}\n`, stderr: '' });
  expect((await run('--help')).stdout).toContain('flotilla-agent up');
});

test("Node's fetch is not loaded by the bundle: it is seven MiB that no device calls", async () => {
  const bundle = JSON.stringify(join(agentDir, 'dist/agent.mjs'));
  const program = `process.on('exit', () => console.log(process.moduleLoadList.filter((each) => each.includes('undici')).join()));
    process.argv = ['node', 'agent', '--version']; await import(${bundle});`;
  const order = ['--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, order, { env: { NODE_ENV: 'production' } });
  expect(stdout.trim().split('\n')).toHaveLength(1);
});
