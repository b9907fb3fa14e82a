import type { Overview, Trouble } from '@/server/queries/overview.ts';
import type { AxisValue } from '../status/status.tsx';
import { formatCount, plural } from '../ui/format.ts';

function allWell(total: number): string {
  return total === 1 ? 'The only device is well' : `All ${formatCount(total)} devices are well`;
}

/** The page's answer. Nothing is called well that was not heard. */
export function overviewTitle({
  total,
  troubled,
  counts,
  trouble,
}: Pick<Overview, 'total' | 'troubled' | 'counts' | 'trouble'>): string {
  if (total === 0) return 'No devices yet';
  if (troubled > 0) {
    const from = trouble.length > 1 ? `, from ${plural(trouble.length, 'cause')}` : '';
    return `${plural(troubled, 'device')} in trouble${from}`;
  }
  const unheard = counts.health.unknown ?? 0;
  if (unheard === 0) return allWell(total);
  const rest = total - unheard;
  return rest === 0
    ? `${plural(unheard, 'device')}, without telemetry so far`
    : `${formatCount(rest)} of ${plural(total, 'device')} are well, ${formatCount(unheard)} without telemetry so far`;
}

/** What to know next, under the title. */
export function overviewSentence({
  total,
  troubled,
  counts,
  moving,
}: Pick<Overview, 'total' | 'troubled' | 'counts' | 'moving'>): string {
  const calm = total - troubled;
  const updating = counts.update.updating ?? 0;
  const parts = [
    calm < total && `${formatCount(calm)} of ${formatCount(total)} need nothing from you.`,
    updating > 0 && `${plural(updating, 'device')} ${updating === 1 ? 'is' : 'are'} updating.`,
    moving.length === 0 && updating === 0 && 'No rollout is moving.',
    moving.length > 0 && updating === 0 && `${plural(moving.length, 'rollout')} under way.`,
  ];
  return parts.filter(Boolean).join(' ');
}

const TITLES: Record<Trouble['kind'], (who: string, version: string, isOne: boolean) => string> = {
  rejected: (who, version) => `${who} rejected ${version}`,
  failed: (who, version) => `${who} could not take ${version}`,
  reverted: (who, version) => `${who} went back from ${version}`,
  errors: (who) => `Inferences fail on ${who}`,
  throttled: (who, _, isOne) => `${who} ${isOne ? 'is' : 'are'} throttled`,
  offline: (who, _, isOne) => `${who} ${isOne ? 'is' : 'are'} offline`,
  stale: (who) => `${who} went silent`,
};

/** A cause in one line: by its name when it is one device, by the count otherwise. */
export function troubleTitle({ kind, version, count, devices }: Trouble): string {
  const isOne = count === 1;
  const who = isOne && devices[0] ? devices[0].name : plural(count, 'device');
  return TITLES[kind](who, version ?? 'a release', isOne);
}

const STATUSES: Record<Trouble['kind'], (tone: Trouble['tone']) => AxisValue> = {
  rejected: () => ({ axis: 'update', value: 'rejected' }),
  failed: () => ({ axis: 'update', value: 'failed' }),
  reverted: () => ({ axis: 'update', value: 'reverted' }),
  errors: (tone) => ({ axis: 'health', value: tone === 'critical' ? 'critical' : 'attention' }),
  throttled: () => ({ axis: 'health', value: 'attention' }),
  offline: () => ({ axis: 'connectivity', value: 'offline' }),
  stale: () => ({ axis: 'connectivity', value: 'stale' }),
};

/** The status that a cause is about: its shape in the list, and the filter that finds its devices. */
export function troubleStatus({ kind, tone }: Trouble): AxisValue {
  return STATUSES[kind](tone);
}
