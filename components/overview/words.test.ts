import { describe, expect, it } from 'vitest';
import type { DeviceStatus } from '@/server/domain/device/status.ts';
import type { MapCell, Signal, Trouble } from '@/server/queries/overview.ts';
import { changeKind, changeOf, mapSentence, sitesOf } from './change.ts';
import { signalLine } from './signals.ts';
import { overviewSentence, overviewTitle, troubleTitle } from './words.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

type Values = { [A in keyof DeviceStatus]?: DeviceStatus[A]['value'] };

function cell(name: string, values: Values = {}, p95: [number | null, number | null] = [7, 7]): MapCell {
  const { connectivity = 'online', health = 'healthy', update = 'up-to-date' } = values;
  const axis = <T>(value: T) => ({ value, since: null });
  const status = { connectivity: axis(connectivity), health: axis(health), update: axis(update) };
  return { id: name, name, site: null, status, p95Ms: p95[0], usualP95Ms: p95[1] };
}

const rejected: Trouble = {
  kind: 'rejected',
  tone: 'critical',
  code: 'proof.latency_p95',
  sentence: 'Too slow.',
  version: '1.5.0',
  count: 1,
  devices: [{ id: 'a', name: 'press-07' }],
  since: null,
};

describe('the title is the answer', () => {
  const title = (map: MapCell[], trouble: Trouble[] = []) => plain(overviewTitle({ total: map.length, map, trouble }));

  it('counts a device once, however many causes it has', () => {
    const map = [cell('a', { update: 'rejected', health: 'attention' }), cell('b')];
    expect(title(map, [rejected, { ...rejected, kind: 'throttled' }])).toBe('1 device in trouble, from 2 causes');
  });

  it('calls nothing well that has not been heard', () => {
    expect(title([cell('a'), cell('b')])).toBe('All 2 devices are well');
    expect(title([cell('a')])).toBe('The only device is well');
    expect(title([cell('a'), cell('b', { connectivity: 'never-seen', health: 'unknown' })])).toBe(
      '1 of 2 devices are well, 1 without telemetry so far',
    );
    expect(title([cell('b', { health: 'unknown' })])).toBe('1 device, without telemetry so far');
  });

  it('says who needs nothing', () => {
    const map = [cell('a', { connectivity: 'offline' }), cell('b'), cell('c', { update: 'updating' })];
    expect(plain(overviewSentence({ total: 3, map, moving: [] }))).toBe(
      '2 of 3 need nothing from you. 1 device is updating.',
    );
  });
});

it('names one device and counts several', () => {
  expect(troubleTitle(rejected)).toBe('press-07 rejected 1.5.0');
  expect(plain(troubleTitle({ ...rejected, kind: 'offline', count: 7 }))).toBe('7 devices are offline');
});

describe('the host map', () => {
  it.each([
    [null, 'offline'],
    [-0.1, 'better'],
    [0, 'usual'],
    [0.1, 'worse'],
    [0.2, 'bad'],
    [0.4, 'worst'],
  ])('%s is %s', (change, kind) => expect(changeKind(change)).toBe(kind));

  it('never compares with what was not measured', () => {
    expect(changeOf({ p95Ms: null, usualP95Ms: 5 })).toBeNull();
    expect(changeOf({ p95Ms: 5, usualP95Ms: null })).toBeNull();
    expect(changeOf({ p95Ms: 5, usualP95Ms: 0 })).toBeNull();
  });

  it('puts devices without a site last, and names the one that slowed most', () => {
    const map = [cell('a'), { ...cell('b', {}, [10, 8]), site: 'oslo' }];
    expect(sitesOf(map).map(({ name }) => name)).toEqual(['oslo', 'no site']);
    expect(plain(mapSentence(map))).toBe('b most: +25 % against the hour before');
  });
});

describe('signals', () => {
  const line = (signal: Partial<Signal>) =>
    signalLine({ metric: 'energy_mj', value: 20, before: 25, points: [], powerSources: [], ...signal });

  it('says so when energy is an estimate', () => {
    expect(line({ powerSources: ['estimate'] })?.note).toBe('an estimate');
    expect(line({ powerSources: ['estimate', 'rapl'] })?.note).toBe('by rapl and estimates');
    expect(line({ powerSources: ['ina3221'] })?.note).toBe('by ina3221');
  });

  it('writes a change as a ratio, or in points where it is a share', () => {
    expect(plain(line({})?.change ?? '')).toBe('−20.0 %');
    expect(plain(line({ metric: 'error_rate', value: 0.02, before: 0.01 })?.change ?? '')).toBe('+1.00 pt');
    expect(line({ before: null })?.change).toBe('nothing before');
  });
});
