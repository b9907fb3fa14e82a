'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { Page } from '../shell/page.tsx';
import { useCurrentInView } from '../ui/use-current-in-view.ts';
import { useOrg } from '../ui/use-org.ts';
import { settingsPages } from './settings-pages.ts';
import classes from './settings-shell.module.css';

/** A page of the settings: its places at the left, or above on a phone. */
export function SettingsShell({ children }: { children: ReactNode }) {
  const { org, at } = useOrg();
  const path = usePathname();
  const row = useCurrentInView<HTMLElement>(path);
  const pages = settingsPages(org);
  const here = pages.find(({ href }) => href === path);
  return (
    <Page crumbs={[{ label: 'Settings', href: at.settings() }, { label: here?.label ?? 'Settings' }]}>
      <div className={classes.shell}>
        <nav ref={row} className={classes.nav} aria-label="Settings">
          {pages.map(({ href, label }) => (
            <Link key={href} href={href} className={classes.item} aria-current={href === path ? 'page' : undefined}>
              {label}
            </Link>
          ))}
        </nav>
        <div className={classes.body}>{children}</div>
      </div>
    </Page>
  );
}
