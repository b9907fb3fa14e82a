'use client';

import { ActionIcon, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import Link from 'next/link';
import { type ReactNode, useContext } from 'react';
import type { Href } from '../routes.ts';
import { Icon } from '../ui/icon.tsx';
import { useBrowserValue } from '../ui/use-now.ts';
import { ConnectionPill } from './connection-pill.tsx';
import { ShellContext } from './shell-context.tsx';
import classes from './top-bar.module.css';

/** One step of the way to a page; the last one is the page itself and needs no link. */
export type Crumb = { label: string; href?: Href };

type TopBarProps = {
  crumbs: readonly Crumb[];
  /** Controls of the whole page: a time range, a fleet. Hidden on a phone unless marked `data-phone`. */
  tools?: ReactNode;
};

/** The bar over a page: where one is, the page's controls, whether it is live, light or dark. */
export function TopBar({ crumbs, tools }: TopBarProps) {
  const { connection, isMenuOpen, openMenu } = useContext(ShellContext);
  return (
    <header className={classes.bar}>
      <ActionIcon className={classes.menu} aria-label="Menu" aria-expanded={isMenuOpen} onClick={openMenu}>
        <Icon name="menu" />
      </ActionIcon>
      <nav className={classes.place} aria-label="Breadcrumbs">
        <ol className={classes.crumbs}>
          {crumbs.map((crumb, index) => (
            <li key={crumb.label} className={classes.crumb} data-last={index === crumbs.length - 1}>
              {crumb.href === undefined || index === crumbs.length - 1 ? (
                <span aria-current="page">{crumb.label}</span>
              ) : (
                <Link href={crumb.href}>{crumb.label}</Link>
              )}
            </li>
          ))}
        </ol>
      </nav>
      {tools !== undefined && <div className={classes.tools}>{tools}</div>}
      <ConnectionPill connection={connection} />
      <SchemeMenu />
    </header>
  );
}

/** Light, dark, or as the system has it. */
export function SchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const computed = useComputedColorScheme('light', { getInitialValueInEffect: true });
  const chosen = useBrowserValue<string>(
    () => colorScheme,
    () => 'auto',
  );
  const choices = [
    { scheme: 'light', label: 'Light', icon: 'sun' },
    { scheme: 'dark', label: 'Dark', icon: 'moon' },
    { scheme: 'auto', label: 'As the system', icon: 'display' },
  ] as const;
  return (
    <Menu width={160}>
      <Menu.Target>
        <ActionIcon aria-label="Colour scheme">
          <Icon name={computed === 'dark' ? 'moon' : 'sun'} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(({ scheme, label, icon }) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon name={icon} />}
            rightSection={chosen === scheme ? <Icon name="check" size={14} /> : null}
            onClick={() => setColorScheme(scheme)}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
