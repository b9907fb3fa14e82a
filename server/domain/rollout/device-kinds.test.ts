import { expect, it } from 'vitest';
import { deviceKindOf } from './device-kinds.ts';

it('counts an unreachable device as offline unless its part is over', () => {
  expect(deviceKindOf('queued', false)).toBe('offline');
  expect(deviceKindOf('downloading', false)).toBe('offline');
  expect(deviceKindOf('succeeded', false)).toBe('done');
  expect(deviceKindOf('rejected', false)).toBe('rejected');
  expect(deviceKindOf('downloading', true)).toBe('moving');
});
