import { expect, it } from 'vitest';
import { matchesSelector } from './matches-selector.ts';
import { parseSelector } from './selector.ts';

const labels = { site: 'oslo', stage: 'canary' };
const facts = { arch: 'arm64', cpuCores: 4 };

it.each([
  ['', true],
  ['site=oslo', true],
  ['site=bergen', false],
  ['site in (oslo,bergen),stage=canary', true],
  ['site notin (oslo)', false],
  ['floor!=3', true],
  ['stage', true],
  ['floor', false],
  ['!floor', true],
  ['facts.arch=arm64', true],
  ['facts.cpuCores=4', true],
  ['facts.board', false],
])('"%s" holds a device: %s', (selector, isHeld) => {
  expect(matchesSelector(parseSelector(selector), labels, facts)).toBe(isHeld);
});
