import { expect, test } from 'vitest';
import { parseArguments, UsageError } from './arguments.ts';

const parse = (line: string) => parseArguments(line.split(' ').filter(Boolean));

test('each command takes what it needs', () => {
  expect(parse('--version')).toEqual({ command: 'version' });
  expect(parse('check --dir d')).toEqual({ command: 'check', dir: 'd' });
  expect(parse('status --dir d')).toEqual({ command: 'status', dir: 'd' });
  expect(parse('enroll --server https://h --token t --dir d --name n')).toEqual({
    command: 'enroll',
    dir: 'd',
    enroll: { server: 'https://h', token: 't', name: 'n' },
  });
  expect(parse('run --dir d --oip-port 0 --idle-watts 2.5 --full-watts 9 --sysfs s --exit-with-parent')).toEqual({
    command: 'run',
    dir: 'd',
    run: {
      oipPort: 0,
      idleWatts: 2.5,
      fullWatts: 9,
      engineSocket: '/var/run/docker.sock',
      sysfs: 's',
      logLevel: 'info',
      exitWithParent: true,
    },
  });
  expect(parse('up --dir d')).toMatchObject({ command: 'up', enroll: null });
});

test.each([
  ['', /what shall it do/],
  ['dance', /no command "dance"/],
  ['run', /--dir is missing/],
  ['run --dir', /dir/],
  ['run --dir d e', /"e" is one word too many/],
  ['run --dir d --fast', /fast/],
  ['run --dir d --oip-port x', /--oip-port must be 0 to 65535/],
  ['run --dir d --oip-port 70000', /--oip-port must be 0 to 65535/],
  ['run --dir d --oip-port 1.5', /whole number/],
  ['run --dir d --idle-watts -1', /idle-watts/],
  ['run --dir d --log-level loud', /--log-level must be/],
  ['enroll --dir d --server ftp://h --token t', /http or https URL/],
  ['enroll --dir d --server https://h', /--token is missing/],
])('"%s" is refused with a clear sentence', (line, sentence) => {
  expect(() => parse(line)).toThrow(UsageError);
  expect(() => parse(line)).toThrow(sentence);
});
