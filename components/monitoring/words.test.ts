import { describe, expect, it } from 'vitest';
import { binLabel, driftSentence } from './words.ts';

describe('a bin is named', () => {
  it.each([
    [[0, 1.5], 0, 'below 0'],
    [[0, 1.5], 1, '0 to 1.5'],
    [[0, 1.5], 2, 'from 1.5'],
    [[0, 1.5], 3, 'missing'],
    [[-1234.5], 1, 'from −1,230'],
    [null, 1, 'crack'],
    [null, 2, 'class 2'],
    [null, 3, 'other'],
  ] as const)('by its edges %j: bin %d is "%s"', (edges, bin, label) => {
    expect(binLabel(edges, bin, 4, ['ok', 'crack'])).toBe(label);
  });
});

it('the sentence says what is waited for before it says that all is well', () => {
  const feature = { kind: 'input', name: 'load', state: 'steady' } as const;
  const view = (more: object) =>
    ({ reference: {}, window: null, features: [feature], gathering: { samples: 60, needed: 200 }, ...more }) as never;
  const window = { from: new Date(), to: new Date() };
  expect(driftSentence(view({ reference: null }))).toBe('no reference yet');
  expect(driftSentence(view({}))).toMatch(/60.samples of 200 for the first window/);
  expect(driftSentence(view({ window }))).toMatch(/^nothing drifts among 1.distribution$/);
  expect(driftSentence(view({ window, features: [{ ...feature, state: 'drifting' }] }))).toMatch(
    /1.distribution of 1 drifts, load most/,
  );
});
