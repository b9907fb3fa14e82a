import type { DeviceTable, DeviceTableInput } from '@/server/queries/device-table.ts';
import { statusEntry, statusValues } from '../status/registry.ts';
import type { StatusValues } from '../status/types.ts';
import { type FilterKey, LABEL_KEY } from '../table/filter-text.ts';
import { formatCount, plural } from '../ui/format.ts';

/** The axes of a device, as the table filters by them. */
type DeviceAxis = 'connectivity' | 'health' | 'update';

/** Filters of the device table, by their keys in the address. */
export const FILTERS = ['connectivity', 'health', 'update', LABEL_KEY] as const;
export type DeviceFilters = Record<(typeof FILTERS)[number], string[]>;

function axisKey(axis: DeviceAxis, label: string): FilterKey {
  const values = statusValues(axis).map((value) => ({ value, label: statusEntry(axis, value).word }));
  return { key: axis, label, values };
}

/** What the filter field understands. */
export const FILTER_KEYS: readonly FilterKey[] = [
  axisKey('connectivity', 'Connectivity'),
  axisKey('health', 'Health'),
  axisKey('update', 'Update'),
  { key: LABEL_KEY, label: 'Label' },
];

/** A view that many people need: filters by axis, and nothing else. */
export type DeviceView = { label: string; filters: { [A in DeviceAxis]?: StatusValues[A][] } };

export const VIEWS: readonly DeviceView[] = [
  { label: 'All', filters: {} },
  { label: 'Unhealthy', filters: { health: ['attention', 'critical'] } },
  { label: 'Update refused', filters: { update: ['incompatible', 'reverted', 'rejected', 'failed'] } },
  { label: 'Updating', filters: { update: ['updating'] } },
  { label: 'Stale or offline', filters: { connectivity: ['stale', 'offline'] } },
];

const AXES: readonly DeviceAxis[] = ['connectivity', 'health', 'update'];

/** Whether exactly a view's filters are on; search and labels may narrow it further. */
export function isView({ filters }: DeviceView, active: DeviceFilters): boolean {
  return AXES.every((axis) => {
    const [want, have]: [readonly string[], string[]] = [filters[axis] ?? [], active[axis]];
    return want.length === have.length && want.every((value) => have.includes(value));
  });
}

/** Devices in a view, out of the table's counts. */
export function viewCount({ filters }: DeviceView, counts: DeviceTable['counts']): number {
  const axis = AXES.find((each) => filters[each] !== undefined) ?? 'connectivity';
  const values: readonly string[] = filters[axis] ?? statusValues(axis);
  return values.reduce((sum, value) => sum + (counts[axis][value] ?? 0), 0);
}

/** Label filters as one selector; several values of one key mean any of them. */
export function selectorOf(labels: readonly string[]): string {
  const pairs = labels.map((label) => {
    const at = label.indexOf('=');
    return at === -1 ? { key: label, value: '' } : { key: label.slice(0, at), value: label.slice(at + 1) };
  });
  return [...Map.groupBy(pairs, ({ key }) => key)]
    .map(([key, group]) => {
      const values = group.map(({ value }) => value).filter(Boolean);
      if (values.length === 0) return key;
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(',')})`;
    })
    .join(',');
}

/** The values of an axis that exist; an address may name others. */
function known<A extends DeviceAxis>(axis: A, values: readonly string[]): StatusValues[A][] | undefined {
  const found = statusValues(axis).filter((value) => values.includes(value));
  return found.length > 0 ? found : undefined;
}

/** What the table asks the server for. */
export function tableInput(state: {
  q: string;
  cursor: string | null;
  filters: DeviceFilters;
}): Partial<DeviceTableInput> {
  const { q, cursor, filters } = state;
  const input = {
    q: q || undefined,
    selector: selectorOf(filters.label) || undefined,
    connectivity: known('connectivity', filters.connectivity),
    health: known('health', filters.health),
    update: known('update', filters.update),
    cursor: cursor ?? undefined,
  };
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

/** The filters as a person would type them. */
export function filterText(q: string, filters: DeviceFilters): string {
  const axes = AXES.flatMap((axis) => filters[axis].map((value) => `${axis}:${value}`));
  return [q, ...filters.label, ...axes].filter(Boolean).join(' ');
}

/** What is wrong in a fleet, by its counts: "1 rejected an update, 2 are offline"; empty when nothing is. */
export function troubleWords(counts: DeviceTable['counts']): string {
  const refused = (counts.update.rejected ?? 0) + (counts.update.failed ?? 0) + (counts.update.reverted ?? 0);
  const parts: [number, one: string, many: string][] = [
    [counts.health.critical ?? 0, 'is critical', 'are critical'],
    [refused, 'refused its update', 'refused their update'],
    [counts.health.attention ?? 0, 'needs attention', 'need attention'],
    [counts.connectivity.offline ?? 0, 'is offline', 'are offline'],
    [counts.connectivity.stale ?? 0, 'is silent', 'are silent'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${formatCount(count)} ${count === 1 ? one : many}`)
    .join(', ');
}

/** The page's answer. */
export function devicesTitle(counts: DeviceTable['counts'] | undefined): string {
  if (!counts) return 'Devices';
  const [all] = VIEWS;
  const total = all ? viewCount(all, counts) : 0;
  if (total === 0) return 'No devices yet';
  const trouble = troubleWords(counts);
  return trouble === '' ? `${plural(total, 'device')}, none in trouble` : `${plural(total, 'device')}: ${trouble}`;
}
