'use client';

import { Menu } from '@mantine/core';
import { Icon } from '../ui/icon.tsx';
import classes from './user-menu.module.css';

/** Who is signed in, and as what. */
export type User = { name: string; role: string };

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return `${words[0]?.[0] ?? ''}${words.length > 1 ? (words.at(-1)?.[0] ?? '') : ''}`.toUpperCase();
}

/** The foot of the rail: the person, and the way out. */
export function UserMenu({ user, onSignOut }: { user: User; onSignOut: () => void }) {
  return (
    <Menu position="top-start" width={200}>
      <Menu.Target>
        <button type="button" className={classes.me}>
          <span className={classes.face} aria-hidden="true">
            {initials(user.name)}
          </span>
          <span className={classes.words}>
            <span className={classes.name}>{user.name}</span>
            <small>{user.role}</small>
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="out" />} onClick={onSignOut}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
