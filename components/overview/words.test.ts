import { describe, expect, it } from 'vitest';
import type { MapCell, Signal, Trouble } from '@/server/queries/overview.ts';
import { changeKind, changeOf, mapSentence, sitesOf } from './change.ts';
import { signalLine } from './signals.ts';
import { overviewSentence, overviewTitle, troubleTitle } from './words.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

function cell(name: string, p95: [number | null, number | null] = [7, 7]): MapCell {
  return { id: name, name, site: null, p95Ms: p95[0], usualP95Ms: p95[1] };
}

/** So many devices, of which some are in trouble, were not heard, or are on their way. */
const fleet = (total: number, { troubled = 0, unheard = 0, updating = 0 } = {}) => ({
  total,
  troubled,
  counts: { connectivity: {}, health: { unknown: unheard }, update: { updating } },
});

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
  const title = (counts: ReturnType<typeof fleet>, trouble: Trouble[] = []) =>
    plain(overviewTitle({ ...counts, trouble }));

  it('counts a device once, however many causes it has', () => {
    const causes: Trouble[] = [rejected, { ...rejected, kind: 'throttled' }];
    expect(title(fleet(2, { troubled: 1 }), causes)).toBe('1 device in trouble, from 2 causes');
  });

  it('calls nothing well that has not been heard', () => {
    expect(title(fleet(2))).toBe('All 2 devices are well');
    expect(title(fleet(1))).toBe('The only device is well');
    expect(title(fleet(2, { unheard: 1 }))).toBe('1 of 2 devices are well, 1 without telemetry so far');
    expect(title(fleet(1, { unheard: 1 }))).toBe('1 device, without telemetry so far');
  });

  it('says who needs nothing', () => {
    expect(plain(overviewSentence({ ...fleet(3, { troubled: 1, updating: 1 }), moving: [] }))).toBe(
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
    const map = [cell('a'), { ...cell('b', [10, 8]), site: 'oslo' }];
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
