import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Labels } from './labels.ts';
import { DeviceName, deviceNameFrom, freeNumber, numberedName } from './name.ts';
import { tokenState } from './token-state.ts';

const NOW = new Date('2026-11-21T10:00:00Z');
const later = new Date(NOW.getTime() + 1);

describe('an enrollment token', () => {
  it.each([
    ['active', { uses: 0, maxUses: 1, expiresAt: later, revokedAt: null }],
    ['used-up', { uses: 1, maxUses: 1, expiresAt: later, revokedAt: null }],
    ['expired', { uses: 0, maxUses: 1, expiresAt: NOW, revokedAt: null }],
    ['expired', { uses: 1, maxUses: 1, expiresAt: NOW, revokedAt: null }],
    ['revoked', { uses: 1, maxUses: 1, expiresAt: NOW, revokedAt: NOW }],
  ])('is %s', (state, token) => {
    expect(tokenState(token, NOW)).toBe(state);
  });
});

describe('labels', () => {
  it.each([{ site: 'oslo' }, { 'a.b_c-d': '' }, { a: 'x'.repeat(63) }])('are taken: %j', (labels) => {
    expect(Labels.safeParse(labels).success).toBe(true);
  });

  it.each([
    { '-a': 'x' },
    { '': 'x' },
    { a: '-' },
    { a: 'x y' },
    { a: 'x'.repeat(64) },
    { ['k'.repeat(64)]: '' },
    { 'facts.arch': 'arm64' },
  ])('are refused: %j', (labels) => {
    expect(Labels.safeParse(labels).success).toBe(false);
  });

  it('are at most 64', () => {
    const labels = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
    expect(Labels.safeParse(labels(64)).success).toBe(true);
    expect(Labels.safeParse(labels(65)).success).toBe(false);
  });
});

describe('a name', () => {
  it('can be made of anything that a device calls itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 1, max: 1e9 }), (text, number) => {
        const name = numberedName(deviceNameFrom(text), number);
        expect(DeviceName.safeParse(name).success).toBe(true);
      }),
    );
  });

  it('is the next one where names were given in order, after few questions', async () => {
    for (const given of [1, 2, 3, 7, 8, 33, 34, 9_999, 1_000_000]) {
      let questions = 0;
      const number = await freeNumber(async (asked) => {
        questions++;
        expect(asked.length).toBeLessThanOrEqual(32);
        return new Set(asked.filter((candidate) => candidate <= given));
      });
      expect(number).toBe(given + 1);
      expect(questions).toBeLessThanOrEqual(6);
    }
  });

  it('is free, whatever gaps there are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 2, max: 300 }), { maxLength: 299 }), async (taken) => {
        const set = new Set(taken);
        const number = await freeNumber(async (asked) => new Set(asked.filter((candidate) => set.has(candidate))));
        expect(set.has(number)).toBe(false);
        expect(number).toBeGreaterThanOrEqual(2);
      }),
    );
  });
});
