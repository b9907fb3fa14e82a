/** A list's order: a column's sort key and its direction. */
export type Sort = { key: string; isDescending: boolean };

/** Reads an order from the address: `p95` or `-p95`. Keys the list does not know fall back. */
export function readSort(text: string | null, keys: readonly string[], fallback: Sort): Sort {
  if (text === null) return fallback;
  const isDescending = text.startsWith('-');
  const key = isDescending ? text.slice(1) : text;
  return keys.includes(key) ? { key, isDescending } : fallback;
}

/** The order as the address carries it. */
export function writeSort(sort: Sort): string {
  return sort.isDescending ? `-${sort.key}` : sort.key;
}
