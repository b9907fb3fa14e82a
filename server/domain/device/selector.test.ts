import { describe, expect, it } from 'vitest';
import { parseSelector } from './selector.ts';

const inOf = (key: string, ...values: string[]) => ({ key, op: 'in', values });
const notIn = (key: string, ...values: string[]) => ({ key, op: 'not-in', values });

describe('a selector', () => {
  it.each([
    ['', []],
    ['   ', []],
    ['site=oslo', [inOf('site', 'oslo')]],
    ['site == oslo', [inOf('site', 'oslo')]],
    ['site!=oslo', [notIn('site', 'oslo')]],
    ['site in (oslo, bergen)', [inOf('site', 'oslo', 'bergen')]],
    ['site notin (oslo)', [notIn('site', 'oslo')]],
    ['retired', [{ key: 'retired', op: 'exists' }]],
    ['! retired', [{ key: 'retired', op: 'not-exists' }]],
    ['facts.arch=arm64', [inOf('facts.arch', 'arm64')]],
    [
      'stage in (a,b),site=oslo,!old',
      [inOf('stage', 'a', 'b'), inOf('site', 'oslo'), { key: 'old', op: 'not-exists' }],
    ],
  ])('%j', (text, wanted) => expect(parseSelector(text)).toEqual(wanted));

  it.each([
    ['site=', '"site="'],
    ['=oslo', '"=oslo"'],
    ['site=oslo,', '""'],
    ['site in oslo', '"site in oslo"'],
    ['site in ()', '"()"'],
    ['site in (a,,b)', '"(a,,b)"'],
    ['site in (a', '"site in (a"'],
    ["site='; DROP TABLE device", 'DROP TABLE'],
    ['a>1', '"a>1"'],
  ])('%j is refused, and says what is not understood', (text, named) => {
    expect(() => parseSelector(text)).toThrow(
      expect.objectContaining({ code: 'invalid', reason: 'selector', userMessage: expect.stringContaining(named) }),
    );
  });

  it('is bounded: 20 parts, 100 values', () => {
    const list = (count: number) => Array.from({ length: count }, (_, at) => `v${at}`).join(',');
    expect(parseSelector(list(20))).toHaveLength(20);
    expect(() => parseSelector(list(21))).toThrow(expect.objectContaining({ reason: 'selector' }));
    expect(parseSelector(`a in (${list(100)})`)).toHaveLength(1);
    expect(() => parseSelector(`a in (${list(101)})`)).toThrow(expect.objectContaining({ reason: 'selector' }));
  });
});
