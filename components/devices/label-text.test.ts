import { expect, it } from 'vitest';
import { readLabel, readLabels, writeLabels } from './label-text.ts';

it('reads what it writes', () => {
  const labels = { site: 'oslo', kind: 'press', retired: '' };
  expect(writeLabels(labels)).toEqual(['site=oslo', 'kind=press', 'retired=']);
  expect(readLabels(writeLabels(labels))).toEqual({ labels });
});

it.each(['site', '=oslo', 'site=os lo', 'facts.arch=arm64'])('refuses %j and says why', (text) => {
  expect(readLabel(text)).toMatchObject({ wrong: expect.stringMatching(/\.$/) });
});
