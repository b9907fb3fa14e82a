import type { EventRow } from '@/server/queries/device-events.ts';
import type { Stretch } from '../../charts/state-timeline.tsx';
import type { Marker } from '../../charts/types.ts';
import { entityColor } from '../../ui/entity-color.ts';

/** Rows of the state timeline under a device's charts. */
export type TimelineRow = { id: string; label: string; stretches: Stretch[] };

type Change = { t: number; row: EventRow };

/** Phase changes, oldest first. */
function changesOf(events: readonly EventRow[]): Change[] {
  return events
    .filter(({ kind, event }) => kind === 'phase' && event.to !== undefined)
    .map((row) => ({ t: row.at.getTime(), row }))
    .sort((a, b) => a.t - b.t);
}

function nameOf({ release }: EventRow): string {
  return release?.version ?? 'a release';
}

/** Releases in service, from each activation to the next; what served before the first known one is not claimed. */
function releaseStretches(changes: readonly Change[], to: number): Stretch[] {
  const switches = changes.filter(({ row }) => row.event.to === 'active');
  return switches.map(({ t, row }, index) => ({
    from: t,
    to: switches[index + 1]?.t ?? to,
    label: row.release ? `${row.release.version} ${row.release.modelName}` : 'a release',
    ...(row.release && { color: entityColor(`${row.release.modelName}@${row.release.version}`) }),
  }));
}

function updateStretch({ row }: Change): Pick<Stretch, 'label' | 'tone'> {
  switch (row.event.to) {
    case 'active':
      return { label: 'Up to date' };
    case 'failed':
      return { label: `${nameOf(row)} not taken`, tone: 'critical' };
    case 'reverted':
      return { label: `went back from ${nameOf(row)}`, tone: 'critical' };
    case 'reverting':
      return { label: 'Reverting', tone: 'attention' };
    case 'idle':
    case 'superseded':
      return { label: 'Idle' };
    default:
      return { label: `Updating to ${nameOf(row)}`, tone: 'progress' };
  }
}

/** What the update did over time; neighbouring steps of one update are one stretch. */
function updateStretches(changes: readonly Change[], to: number): Stretch[] {
  const stretches: Stretch[] = [];
  changes.forEach((change, index) => {
    const next = { from: change.t, to: changes[index + 1]?.t ?? to, ...updateStretch(change) };
    const last = stretches.at(-1);
    if (last && last.label === next.label) last.to = next.to;
    else stretches.push(next);
  });
  return stretches;
}

/** Rows over a range; an empty one is left out. */
export function timelineOf(events: readonly EventRow[], to: number): TimelineRow[] {
  const changes = changesOf(events);
  return [
    { id: 'update', label: 'Update', stretches: updateStretches(changes, to) },
    { id: 'release', label: 'Release', stretches: releaseStretches(changes, to) },
  ].filter(({ stretches }) => stretches.length > 0);
}

/** Moments worth a line through every chart: switches, refusals and ways back. */
export function markersOf(events: readonly EventRow[]): Marker[] {
  return changesOf(events).flatMap(({ t, row }): Marker[] => {
    switch (row.event.to) {
      case 'active':
        return [{ t, label: `release ${nameOf(row)}`, tone: 'quiet' }];
      case 'failed':
        return [{ t, label: `${nameOf(row)} not taken`, tone: 'critical' }];
      case 'reverted':
        return [{ t, label: `back from ${nameOf(row)}`, tone: 'attention' }];
      default:
        return [];
    }
  });
}
