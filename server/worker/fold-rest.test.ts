import { expect, it } from 'vitest';
import { restAfterFold, restBetween, rowsAtOnce } from './fold-rest.ts';

it.each([
  ['five windows a second of each of a thousand devices', { rows: 25_000, keys: 1_000 }, 5_000, 5_000],
  ['one in two seconds of each', { rows: 2_500, keys: 1_000 }, 5_000, 32_000],
  ['one in ten seconds of each', { rows: 6_000, keys: 1_000 }, 60_000, 60_000],
  ['a fleet that became silent', { rows: 0, keys: 0 }, 5_000, 60_000],
  ['what an earlier worker left, however long it waited', { rows: 1, keys: 1 }, null, 5_000],
])('%s', (_, folded, sinceMs, restMs) => expect(restAfterFold(folded, sinceMs)).toBe(restMs));

it.each([
  ['as many when one lasted 40 ms', 1_000, 40, 1_000],
  ['fewer when it lasted longer', 1_000, 80, 500],
  ['never so few that each costs more than its rows', 1_000, 4_000, 250],
  ['more when it was shorter', 1_000, 25, 1_600],
  ['at most twice as many, however short it was', 1_000, 0, 2_000],
  ['never so many that readers of what waits notice', 4_000, 10, 5_000],
  ['few stay few', 2, 400, 2],
])('a transaction of a fold takes %s', (_, rows, tookMs, next) => expect(rowsAtOnce(rows, tookMs)).toBe(next));

it.each([
  ['twice as long as the last one took, at first', 40, 0, 80],
  ['less in a fold that lasts', 40, 45_000, 20],
  ['not at all in one that does not keep up', 40, 60_000, 0],
  ['nor later', 40, 90_000, 0],
])('between two transactions a fold rests %s', (_, tookMs, sinceBeganMs, restMs) =>
  expect(restBetween(tookMs, sinceBeganMs)).toBe(restMs),
);
