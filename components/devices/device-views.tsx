import Link from 'next/link';
import type { DeviceTable } from '@/server/queries/device-table.ts';
import { withQuery } from '../routes.ts';
import { formatCount } from '../ui/format.ts';
import { useOrg } from '../ui/use-org.ts';
import { type DeviceFilters, isView, VIEWS, viewCount } from './device-filters.ts';
import classes from './device-views.module.css';

type DeviceViewsProps = { q: string; filters: DeviceFilters; counts: DeviceTable['counts'] | undefined };

/** The views that many people need, as links: each is a set of filters in the address, with how many devices it has. */
export function DeviceViews({ q, filters, counts }: DeviceViewsProps) {
  const { at } = useOrg();
  return (
    <nav className={classes.views} aria-label="Views">
      {VIEWS.map((view) => (
        <Link
          key={view.label}
          href={withQuery(at.devices(), { q, label: filters.label, ...view.filters })}
          aria-current={isView(view, filters) ? 'page' : undefined}
        >
          {view.label} {counts && <span>{formatCount(viewCount(view, counts))}</span>}
        </Link>
      ))}
    </nav>
  );
}
