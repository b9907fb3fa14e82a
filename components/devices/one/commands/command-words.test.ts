import { expect, it } from 'vitest';
import { benchmarkRows, commandName, commandSteps, resultSentence } from './command-words.ts';

it('names what was asked, with what it was asked with', () => {
  expect(commandName({ op: 'set-log-level', args: { level: 'debug', minutes: 60 } })).toBe(
    'Log level debug for 60 min',
  );
  expect(commandName({ op: 'capture', args: { samples: 50 } })).toBe('Capture 50 samples');
  expect(commandName({ op: 'of-a-later-server', args: {} })).toBe('of-a-later-server');
});

it('shows of a result what is a number, and nothing of what a device should not have said', () => {
  expect(benchmarkRows({ runs: 20, latencyP95Ms: 2.5, energyMj: '<b>', other: 1 })).toEqual([
    { label: 'Runs', value: 20, unit: 'count' },
    { label: 'Latency, p95', value: 2.5, unit: 'ms' },
  ]);
  expect(benchmarkRows('nothing')).toEqual([]);
  expect(resultSentence({ op: 'ping', result: null })).toBeNull();
  expect(resultSentence({ op: 'restart-runner', result: { restarted: 1 } })).toBe('One runner was replaced.');
});

it('shows the way of a command as far as it went', () => {
  const at = (s: number) => new Date(1_800_000_000_000 + s * 1000);
  const base = { id: 'x', deviceId: 'd', op: 'ping', args: {}, progress: null, note: null, result: null, reason: null };
  const rest = { actorKind: 'user', actorId: null, expiresAt: at(900), heardAt: null, archive: null, sentence: null };
  const times = { issuedAt: at(0), sentAt: at(1), acceptedAt: null, finishedAt: null };
  const namesOf = (change: Partial<Parameters<typeof commandSteps>[0]>) =>
    commandSteps({ ...base, ...rest, ...times, state: 'sent', ...change }).map(({ name }) => name);
  expect(namesOf({})).toEqual(['Issued', 'Sent']);
  expect(namesOf({ state: 'done', acceptedAt: at(2), finishedAt: at(3) })).toEqual([
    'Issued',
    'Sent',
    'Acknowledged',
    'Done',
  ]);
  expect(namesOf({ state: 'expired', sentAt: null, finishedAt: at(900) })).toEqual(['Issued', 'Not answered']);
});
