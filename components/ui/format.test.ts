import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ABSENT,
  formatAge,
  formatDuration,
  formatQuantity,
  middleTruncate,
  plural,
  quantityParts,
  type Unit,
} from './format.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('formatQuantity', () => {
  const table: [number, Unit, string][] = [
    [11.94, 'ms', '11.9 ms'],
    [6.424, 'ms', '6.42 ms'],
    [12_400, 'ms', '12.4 s'],
    [0.0184, 'J', '18.4 mJ'],
    [1840, 'mJ', '1.84 J'],
    [5.7, 'W', '5.70 W'],
    [0.941, 'share', '0.941'],
    [0.185, 'ratio', '18.5 %'],
    [83.2, '°C', '83 °C'],
    [24_600_000, 'bytes', '24.6 MB'],
    [999, 'bytes', '999 B'],
    [1000, 'bytes', '1.00 kB'],
    [512_500, 'bytes/s', '513 kB/s'],
    [43_200, 'count', '43,200'],
    [0, 'ms', '0 ms'],
    [-1.2, 'pt', '−1.20 pt'],
  ];
  it.each(table)('%s %s reads %s', (value, unit, text) => expect(plain(formatQuantity(value, unit))).toBe(text));

  it('never shows a zero for what was not measured', () => {
    for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(formatQuantity(value, 'ms')).toBe(ABSENT);
      expect(quantityParts(value, 'ms')).toBeNull();
    }
  });

  it('binds number and unit', () => expect(formatQuantity(5, 'W')).not.toContain(' '));

  it('signs gains, losses and a change that rounds to nothing', () => {
    expect(plain(formatQuantity(0.009, 'ratio', { signed: true, digits: 1 }))).toBe('+0.9 %');
    expect(plain(formatQuantity(-0.185, 'ratio', { signed: true, digits: 1 }))).toBe('−18.5 %');
    expect(plain(formatQuantity(-0.0001, 'ratio', { signed: true, digits: 1 }))).toBe('±0.0 %');
  });

  it('keeps the size order of any two byte counts readable by their unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 }), (size) => {
        const parts = quantityParts(size, 'bytes');
        return parts !== null && (parts.unit === 'TB' || Number(parts.number.replaceAll(',', '')) <= 1000);
      }),
    );
  });
});

describe('durations and ages', () => {
  const minute = 60_000;
  it.each([
    [0, '0 s'],
    [420, '420 ms'],
    [6_400, '6 s'],
    [4 * minute + 42_000, '4 min 42 s'],
    [72 * minute, '1 h 12 m'],
    [120 * minute, '2 h'],
    [51 * 60 * minute, '2 d 3 h'],
  ])('%s ms lasts %s', (ms, text) => expect(plain(formatDuration(ms))).toBe(text));

  it.each([
    [-5_000, '0 s'],
    [4_900, '4 s'],
    [58 * minute + 59_000, '58 min'],
    [192 * minute, '3 h 12 m'],
    [851 * minute, '14 h'],
    [150 * 60 * minute, '6 d'],
  ])('%s ms ago reads %s', (ms, text) => expect(plain(formatAge(0, ms))).toBe(text));
});

it('keeps both ends of an id and leaves a short one alone', () => {
  expect(middleTruncate('9f3a5e81c2d07e', 4, 4)).toBe('9f3a…d07e');
  expect(middleTruncate('rel_7c1e', 4, 4)).toBe('rel_7c1e');
});

it('counts things in words', () => {
  expect(plain(plural(1, 'device'))).toBe('1 device');
  expect(plain(plural(1200, 'try', 'tries'))).toBe('1,200 tries');
});
