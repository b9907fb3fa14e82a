import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const script = readFileSync(join(import.meta.dirname, '../launcher.sh'), 'utf8');
const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];
const NOBODY = 65_534;
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'flotilla-launcher-'));
  for (const folder of ['agent', `data/agent/${A}`, `data/agent/${B}`]) {
    mkdirSync(join(home, folder), { recursive: true });
    writeFileSync(join(home, folder, 'agent.mjs'), '');
  }
  // Says what it is asked to run, in place of Node.
  const text = script.replaceAll('@DIR@', home).replaceAll('@NODE@', '/bin/echo');
  writeFileSync(join(home, 'flotilla-agent'), text, { mode: 0o755 });
});
afterEach(() => rmSync(home, { recursive: true }));

const note = () => join(home, 'data/agent/launch');
/** The program that the launcher starts: `installed`, or the first letter of its digest. */
async function started(command = 'run'): Promise<string> {
  const { stdout } = await promisify(execFile)(join(home, 'flotilla-agent'), [command, '--dir', 'a b']);
  expect(stdout).toContain(`agent.mjs ${command} --dir a b`);
  const [, program = ''] = /(\S+)\/agent\.mjs/.exec(stdout) ?? [];
  return program === join(home, 'agent') ? 'installed' : (program.replace(join(home, 'data/agent/'), '')[0] ?? '');
}

test.each([
  ['nothing', null, 'installed'],
  ['the installed program', 'installed\n', 'installed'],
  ['a program', `${A}\n`, 'a'],
  ['a program that is not there', `${'c'.repeat(64)}\n`, 'installed'],
  ['a path', '../../../tmp/evil\n', 'installed'],
  ['words to run', `${A};reboot $(reboot)\n`, 'installed'],
  ['an empty line', '\n', 'installed'],
  ['bytes', '\u0000\u0001\n', 'installed'],
  ['a trial without a count', `${A} ${B}\n`, 'a'],
  ['a trial with a count that is none', `${A} ${B} 1;reboot 300\n`, 'a'],
  ['a trial that was given up', `${A} ${B} failed 300\n`, 'a'],
])('with %s in its note it starts what is confirmed', async (_, text, expected) => {
  if (text !== null) writeFileSync(note(), text);
  expect(await started()).toBe(expected);
});

test('a trial is started three times, each counted before, then what was confirmed', async () => {
  writeFileSync(note(), `${A} ${B} 0 5\n`);
  const seen = [];
  for (let start = 0; start < 5; start++) seen.push(`${await started()} ${readFileSync(note(), 'utf8').split(' ')[2]}`);
  expect(seen).toEqual(['b 1', 'b 2', 'b 3', 'a failed', 'a failed']);
});

test('a trial that cannot be counted is not started', async () => {
  writeFileSync(note(), `${A} ${B} 0 300\n`);
  mkdirSync(join(home, 'data/agent/launch.new'));
  expect(await started()).toBe('a');
  expect(readFileSync(note(), 'utf8')).toBe(`${A} ${B} 0 300\n`);
});

test('only an agent that runs is looked for: people ask the installed program', async () => {
  writeFileSync(note(), `${A} ${B} 0 300\n`);
  expect(await started('status')).toBe('installed');
  expect(readFileSync(note(), 'utf8')).toBe(`${A} ${B} 0 300\n`);
});

test('a note of somebody else is not followed: root never runs what the agent has written', async () => {
  const others = join(home, 'others');
  writeFileSync(others, `${A}\n`);
  if (process.getuid?.() === 0) chownSync(others, NOBODY, NOBODY);
  // Who is not root cannot give a file away, but name one of root's.
  symlinkSync(process.getuid?.() === 0 ? others : '/etc/hostname', note());
  expect(await started()).toBe('installed');
  expect(existsSync(note())).toBe(true);
});

describe('a program that runs', () => {
  const programs = {
    'rests between timers': 'setInterval(() => {}, 300)',
    'waits for what never comes': 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
    'runs in a circle': 'for (;;) globalThis.x = { y: [1] }',
  };
  /** Started by the launcher as an agent would be, looked at every second; resolves with the signal that ended it within 8 s. */
  async function endOf(program: string, launcher = script): Promise<string | null> {
    writeFileSync(join(home, 'agent/agent.mjs'), program);
    const text = launcher.replaceAll('@DIR@', home).replaceAll('@NODE@', process.execPath);
    writeFileSync(join(home, 'flotilla-agent'), text.replace('LOOK_EVERY_S=60', 'LOOK_EVERY_S=1'), { mode: 0o755 });
    const child = spawn(join(home, 'flotilla-agent'), ['run'], { stdio: 'ignore' });
    const limit = new AbortController();
    const ended = once(child, 'exit', { signal: limit.signal }).then(
      ([, signal]) => signal as string,
      () => null,
    );
    const timer = setTimeout(() => limit.abort(), 8_000);
    const signal = await ended;
    clearTimeout(timer);
    child.kill('SIGKILL');
    return signal;
  }

  test.each([
    ['rests between timers', null],
    ['waits for what never comes', 'SIGKILL'],
    ['runs in a circle', 'SIGKILL'],
  ] as const)('and %s: %s', async (kind, signal) => expect(await endOf(programs[kind])).toBe(signal));

  test('is let alone where the kernel does not count its waits', async () => {
    const launcher = script.replace('= voluntary_ctxt_switches:', '= counted_by_no_kernel:');
    expect(launcher).not.toBe(script);
    expect(await endOf(programs['rests between timers'], launcher)).toBeNull();
  });
});
