'use client';

import { parseAsArrayOf, parseAsString, useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import { type ActiveFilter, MAX_FILTERS } from './filter-text.ts';
import { readSort, type Sort, writeSort } from './sort.ts';

/** How long typing may go on before the address follows. */
const TYPING_MS = 250;

type TableUrlOptions<K extends string> = {
  /** Filters of this list, by their key in the address; each may hold several values. */
  filterKeys: readonly K[];
  sortKeys: readonly string[];
  defaultSort: Sort;
};

/** Everything a list shows besides its rows. Pass `query` to the server as it is. */
export type TableUrlState<K extends string = string> = {
  q: string;
  sort: Sort;
  cursor: string | null;
  filters: Record<K, string[]>;
  /** The same filters, one by one, for chips. */
  active: ActiveFilter[];
  isFiltered: boolean;
  setQ: (q: string) => void;
  setSort: (sort: Sort) => void;
  setCursor: (cursor: string | null) => void;
  addFilter: (filter: ActiveFilter) => void;
  removeFilter: (filter: ActiveFilter) => void;
  clear: () => void;
};

function isKey<K extends string>(keys: readonly K[], key: string): key is K {
  return (keys as readonly string[]).includes(key);
}

/**
 * Search, filters, order and page of a list, kept in the address: sharing the link shares the view. A new search, filter
 * or order goes back to the first page. Give `filterKeys` and `sortKeys` as constants.
 */
export function useTableUrlState<K extends string>(options: TableUrlOptions<K>): TableUrlState<K> {
  const { filterKeys, sortKeys, defaultSort } = options;
  const plain = useMemo(() => ({ q: parseAsString.withDefault(''), sort: parseAsString, cursor: parseAsString }), []);
  const lists = useMemo(
    () => Object.fromEntries(filterKeys.map((key) => [key, parseAsArrayOf(parseAsString).withDefault([])])),
    [filterKeys],
  );
  const [{ q, sort: sortText, cursor }, setPlain] = useQueryStates(plain, { history: 'replace' });
  const [values, setValues] = useQueryStates(lists, { history: 'replace' });

  const filters = Object.fromEntries(filterKeys.map((key) => [key, values[key] ?? []])) as Record<K, string[]>;
  const active = filterKeys.flatMap((key) => filters[key].map((value) => ({ key, value }))).slice(0, MAX_FILTERS);

  function setFilter(key: string, change: (present: string[]) => string[]) {
    if (!isKey(filterKeys, key)) return;
    const next = change(filters[key]);
    void setValues({ [key]: next.length > 0 ? next : null });
    void setPlain({ cursor: null });
  }

  return {
    q,
    sort: readSort(sortText, sortKeys, defaultSort),
    cursor,
    filters,
    active,
    isFiltered: q !== '' || active.length > 0,
    setQ: (text) =>
      void setPlain({ q: text || null, cursor: null }, { limitUrlUpdates: { method: 'debounce', timeMs: TYPING_MS } }),
    setSort: (sort) => void setPlain({ sort: writeSort(sort), cursor: null }),
    setCursor: (next) => void setPlain({ cursor: next }, { history: 'push' }),
    addFilter: ({ key, value }) => setFilter(key, (present) => [...new Set([...present, value])]),
    removeFilter: ({ key, value }) => setFilter(key, (present) => present.filter((each) => each !== value)),
    clear: () => {
      void setValues(null);
      void setPlain({ q: null, cursor: null });
    },
  };
}
