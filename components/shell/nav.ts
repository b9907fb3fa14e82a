import { type Href, routes } from '../routes.ts';
import type { IconName } from '../ui/icon.tsx';

/** The places of the rail. */
export type Place = 'overview' | 'devices' | 'models' | 'rollouts' | 'telemetry' | 'alerts' | 'enrollment' | 'settings';

/** One line of the rail: its address, and the key that follows `g`. */
export type NavItem = { place: Place; label: string; icon: IconName; href: Href; key: string };

/** The rail of one organization; every line leads to a page that exists. */
export function navItems(org: string): NavItem[] {
  const at = routes.org(org);
  return [
    { place: 'overview', label: 'Overview', icon: 'overview', href: at.overview(), key: 'o' },
    { place: 'devices', label: 'Devices', icon: 'devices', href: at.devices(), key: 'd' },
    { place: 'models', label: 'Models', icon: 'models', href: at.models(), key: 'm' },
    { place: 'rollouts', label: 'Rollouts', icon: 'rollouts', href: at.rollouts(), key: 'r' },
    { place: 'telemetry', label: 'Telemetry', icon: 'telemetry', href: at.telemetry(), key: 't' },
    { place: 'alerts', label: 'Alerts', icon: 'alerts', href: at.alerts(), key: 'a' },
    { place: 'enrollment', label: 'Enrollment', icon: 'enrollment', href: at.enrollment(), key: 'e' },
    { place: 'settings', label: 'Settings', icon: 'settings', href: at.settings(), key: 's' },
  ];
}

/** The place a path lies in: the overview only by itself, the others with everything under them. */
export function placeOf(path: string, items: readonly NavItem[]): Place | undefined {
  const inside = items.find((item) => item.place !== 'overview' && `${path}/`.startsWith(`${item.href}/`));
  return inside?.place ?? items.find((item) => item.href === path)?.place;
}
