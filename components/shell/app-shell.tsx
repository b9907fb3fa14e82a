'use client';

import { Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { usePathname } from 'next/navigation';
import { type ReactNode, useMemo } from 'react';
import classes from './app-shell.module.css';
import { navItems, type Place, placeOf } from './nav.ts';
import { Palette, type PaletteGroup } from './palette.tsx';
import { Rail } from './rail.tsx';
import { type Connection, ShellContext } from './shell-context.tsx';
import { Shortcuts } from './shortcuts.tsx';
import type { User } from './user-menu.tsx';

type AppShellProps = {
  org: { slug: string; name: string };
  /** Takes the organization's place in the rail when a person belongs to several. */
  orgSwitcher?: ReactNode;
  user: User;
  onSignOut: () => void;
  /** Small numbers at the right of the rail's lines; a place without one shows none. */
  counts?: Partial<Record<Place, number>>;
  /** What the palette offers beside navigation: things to create, things to find. */
  palette?: readonly PaletteGroup[];
  /** What is typed into the open palette, for groups that are looked up; null when it closes. */
  onPaletteQuery?: (query: string | null) => void;
  connection: Connection;
  children: ReactNode;
};

/** The console's frame: rail, sheet, palette and keys. Every page in it starts with a `Page`. */
export function AppShell(props: AppShellProps) {
  const { org, orgSwitcher, user, onSignOut, counts = {}, palette = [], onPaletteQuery, connection, children } = props;
  const items = useMemo(() => navItems(org.slug), [org.slug]);
  const place = placeOf(usePathname(), items);
  const [isMenuOpen, menu] = useDisclosure(false);
  const shell = useMemo(() => ({ connection, isMenuOpen, openMenu: menu.open }), [connection, isMenuOpen, menu.open]);
  const rail = { org, orgSwitcher, user, onSignOut, counts, items, place };

  return (
    <ShellContext value={shell}>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <div className={classes.frame}>
        <aside className={classes.side}>
          <Rail {...rail} />
        </aside>
        <main className={classes.sheet} id="content">
          {children}
        </main>
      </div>
      <Drawer
        opened={isMenuOpen}
        onClose={menu.close}
        size={264}
        title="Menu"
        classNames={{ body: classes.drawer ?? '', header: classes.drawerHead ?? '' }}
      >
        <Rail {...rail} onNavigate={menu.close} />
      </Drawer>
      <Palette items={items} groups={palette} onQuery={onPaletteQuery} />
      <Shortcuts items={items} />
    </ShellContext>
  );
}
