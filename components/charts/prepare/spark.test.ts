import { expect, it } from 'vitest';
import { sparkPath } from './spark.ts';

it.each([
  [[0, 10], 'M0.0 16.0L84.0 0.0'],
  [[0, null, 10, 5], 'M0.0 16.0M56.0 0.0L84.0 8.0'],
  [[5, 5], 'M0.0 8.0L84.0 8.0'],
  [[null, null], ''],
  [[], ''],
])('%j', (values, path) => expect(sparkPath(values, 84, 16)).toBe(path));
