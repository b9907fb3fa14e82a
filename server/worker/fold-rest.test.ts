import { expect, it } from 'vitest';
import { restAfterFold } from './fold-rest.ts';

it.each([
  ['five windows a second of each of a thousand devices', { rows: 25_000, keys: 1_000 }, 5_000, 5_000],
  ['one in two seconds of each', { rows: 2_500, keys: 1_000 }, 5_000, 32_000],
  ['one in ten seconds of each', { rows: 6_000, keys: 1_000 }, 60_000, 60_000],
  ['a fleet that became silent', { rows: 0, keys: 0 }, 5_000, 60_000],
  ['what an earlier worker left, however long it waited', { rows: 1, keys: 1 }, null, 5_000],
])('%s', (_, folded, sinceMs, restMs) => expect(restAfterFold(folded, sinceMs)).toBe(restMs));
