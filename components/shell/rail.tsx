'use client';

import { Tooltip } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { formatCount } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { useBrowserValue } from '../ui/use-now.ts';
import { Logo } from './logo.tsx';
import type { NavItem, Place } from './nav.ts';
import classes from './rail.module.css';
import { type User, UserMenu } from './user-menu.tsx';

type RailProps = {
  org: { slug: string; name: string };
  orgSwitcher: ReactNode;
  user: User;
  onSignOut: () => void;
  counts: Partial<Record<Place, number>>;
  items: readonly NavItem[];
  place: Place | undefined;
  /** After a line was followed: the drawer closes. */
  onNavigate?: () => void;
};

/** The rail: mark, organization, palette, places, user. Between a phone and a desk it shows icons only. */
export function Rail({ org, orgSwitcher, user, onSignOut, counts, items, place, onNavigate }: RailProps) {
  const isMac = useBrowserValue(
    () => /Mac|iPhone|iPad/.test(navigator.userAgent),
    () => false,
  );
  return (
    <div className={classes.rail} data-in-drawer={onNavigate !== undefined}>
      <Link className={classes.brand} href={items[0]?.href ?? '/'} onClick={() => onNavigate?.()}>
        <Logo />
        <span className={classes.word}>Flotilla</span>
      </Link>
      {orgSwitcher ?? (
        <div className={classes.org}>
          <OrgMark name={org.name} />
          <span className={classes.word}>{org.name}</span>
        </div>
      )}
      <button type="button" className={classes.find} onClick={spotlight.open}>
        <Icon name="search" />
        <span className={classes.word}>Find or do</span>
        <kbd>{isMac ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
      <nav className={classes.nav} aria-label="Main">
        {items.map((item) => {
          const count = counts[item.place];
          return (
            <Tooltip key={item.place} label={item.label} position="right" classNames={{ tooltip: classes.hint ?? '' }}>
              <Link
                className={classes.item}
                href={item.href}
                aria-current={item.place === place ? 'page' : undefined}
                onClick={() => onNavigate?.()}
              >
                <Icon name={item.icon} />
                <span className={classes.word}>{item.label}</span>
                {count !== undefined && count > 0 && <span className={classes.count}>{formatCount(count)}</span>}
              </Link>
            </Tooltip>
          );
        })}
      </nav>
      <div className={classes.low}>
        <UserMenu user={user} onSignOut={onSignOut} />
      </div>
    </div>
  );
}

/** An organization's letter on a dark square; for a switcher too. */
export function OrgMark({ name }: { name: string }) {
  return (
    <span className={classes.mark} aria-hidden="true">
      {name.slice(0, 1).toUpperCase()}
    </span>
  );
}
