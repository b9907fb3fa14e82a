/** A filter a list knows: its key in the address and in text, its word in the chip, and the values it can take if they are few. */
export type FilterKey = { key: string; label: string; values?: readonly { value: string; label: string }[] };

/** One filter that is on. */
export type ActiveFilter = { key: string; value: string };

/** The filter that takes any key=value label of a device. A list offers it by naming this key. */
export const LABEL_KEY = 'label';

/** Most filters one address may carry; more are not read. */
export const MAX_FILTERS = 24;

/** Reads one typed text: `update:rejected` is a filter if the list knows `update`, anything else is a search. */
export function readFilter(text: string, keys: readonly FilterKey[]): ActiveFilter | null {
  const match = /^([\w.-]+)[:=](\S.*)$/.exec(text.trim());
  const [key, value] = [match?.[1], match?.[2]];
  if (key === undefined || value === undefined) return null;
  const known = keys.find((each) => each.key === key.toLowerCase());
  if (known && known.key !== LABEL_KEY) {
    const isTaken = known.values === undefined || known.values.some((each) => each.value === value);
    return isTaken ? { key: known.key, value } : null;
  }
  return keys.some((each) => each.key === LABEL_KEY) ? { key: LABEL_KEY, value: `${key}=${value}` } : null;
}

/** A filter in words, for its chip: "site is oslo-2", "Update is Rejected". */
export function describeFilter(filter: ActiveFilter, keys: readonly FilterKey[]): { label: string; value: string } {
  if (filter.key === LABEL_KEY) {
    const [label = '', ...rest] = filter.value.split('=');
    return { label, value: rest.join('=') };
  }
  const known = keys.find((each) => each.key === filter.key);
  const value = known?.values?.find((each) => each.value === filter.value)?.label ?? filter.value;
  return { label: known?.label ?? filter.key, value };
}

/** What could be meant by a text so far: keys, then the values of a finished key. Each is a text to go on with. */
export function suggestFilters(text: string, keys: readonly FilterKey[]): { text: string; hint: string }[] {
  const typed = text.trim().toLowerCase();
  const colon = typed.indexOf(':');
  if (colon === -1) {
    return keys
      .filter((each) => each.key !== LABEL_KEY && each.key.startsWith(typed))
      .map((each) => ({ text: `${each.key}:`, hint: each.label }));
  }
  const known = keys.find((each) => each.key === typed.slice(0, colon));
  const rest = typed.slice(colon + 1);
  return (known?.values ?? [])
    .filter((each) => each.value.startsWith(rest) || each.label.toLowerCase().startsWith(rest))
    .map((each) => ({ text: `${known?.key}:${each.value}`, hint: each.label }));
}
