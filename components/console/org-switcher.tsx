'use client';

import { Menu } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { routes } from '../routes.ts';
import { OrgMark } from '../shell/rail.tsx';
import { Icon } from '../ui/icon.tsx';
import type { Membership } from './console.tsx';
import classes from './org-switcher.module.css';

/** The organization's place in the rail, for a person who belongs to several. */
export function OrgSwitcher({ org, memberships }: { org: Membership; memberships: readonly Membership[] }) {
  const router = useRouter();
  return (
    <Menu position="bottom-start" width={200}>
      <Menu.Target>
        <button type="button" className={classes.button}>
          <OrgMark name={org.name} />
          <span className={classes.name}>{org.name}</span>
          <Icon name="down" size={14} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Organizations</Menu.Label>
        {memberships.map((each) => (
          <Menu.Item
            key={each.slug}
            leftSection={<OrgMark name={each.name} />}
            rightSection={each.slug === org.slug ? <Icon name="check" size={14} /> : null}
            onClick={() => router.push(routes.org(each.slug).overview())}
          >
            {each.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
