import { describe, expect, it } from 'vitest';
import { describeFilter, type FilterKey, readFilter, suggestFilters } from './filter-text.ts';

const update: FilterKey = {
  key: 'update',
  label: 'Update',
  values: [
    { value: 'rejected', label: 'Rejected' },
    { value: 'reverted', label: 'Reverted' },
  ],
};
const keys: FilterKey[] = [update, { key: 'version', label: 'Version' }, { key: 'label', label: 'Label' }];

describe('readFilter', () => {
  it.each([
    ['update:rejected', { key: 'update', value: 'rejected' }],
    ['  version:1.5.0 ', { key: 'version', value: '1.5.0' }],
    ['site:oslo-2', { key: 'label', value: 'site=oslo-2' }],
    ['site=oslo-2', { key: 'label', value: 'site=oslo-2' }],
    ['update:purple', null],
    ['press-07', null],
    ['site:', null],
  ])('%s', (text, filter) => expect(readFilter(text, keys)).toEqual(filter));

  it('takes no labels where the list has none', () => expect(readFilter('site:oslo-2', [update])).toBeNull());
});

it('describes a filter as a person would', () => {
  expect(describeFilter({ key: 'update', value: 'rejected' }, keys)).toEqual({ label: 'Update', value: 'Rejected' });
  expect(describeFilter({ key: 'label', value: 'site=a=b' }, keys)).toEqual({ label: 'site', value: 'a=b' });
});

it('suggests keys, then values', () => {
  expect(suggestFilters('up', keys).map((each) => each.text)).toEqual(['update:']);
  expect(suggestFilters('update:rev', keys).map((each) => each.text)).toEqual(['update:reverted']);
  expect(suggestFilters('version:', keys)).toEqual([]);
});
