'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useCurrentInView } from '../ui/use-current-in-view.ts';
import { useOrg } from '../ui/use-org.ts';
import classes from './alert-nav.module.css';

/** The four pages of alerts: what fires, the rules, who is told, when nobody is. */
export function AlertNav() {
  const { at } = useOrg();
  const path = usePathname();
  const row = useCurrentInView<HTMLElement>(path);
  const pages = [
    { label: 'Alerts', href: at.alerts() },
    { label: 'Rules', href: at.alertRules() },
    { label: 'Channels', href: at.alertChannels() },
    { label: 'Mutes', href: at.alertMutes() },
  ];
  return (
    <nav ref={row} className={classes.nav} aria-label="Pages of alerts">
      {pages.map(({ label, href }) => (
        <Link key={href} className={classes.page} href={href} aria-current={path === href ? 'page' : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
