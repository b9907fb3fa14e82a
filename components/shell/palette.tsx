'use client';

import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useRouter } from 'next/navigation';
import type { Href } from '../routes.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import type { NavItem } from './nav.ts';
import classes from './palette.module.css';

/** One thing the palette offers: a place to go, or something to do. Its words are searched, and `keywords` too. */
export type PaletteAction = {
  id: string;
  label: string;
  description?: string;
  icon?: IconName;
  keywords?: string[];
} & ({ href: Href } | { run: () => void });

/** Actions under one grey heading. */
export type PaletteGroup = { group: string; actions: readonly PaletteAction[] };

/** More matches than this are not read anyway. */
const MAX_SHOWN = 12;

type PaletteProps = {
  items: readonly NavItem[];
  groups: readonly PaletteGroup[];
  /** What is typed while it is open, for groups that are looked up; null when it closes. */
  onQuery: ((query: string | null) => void) | undefined;
};

/** ⌘K: navigation first, then what the caller offers. Row actions and bulk actions do not belong here. */
export function Palette({ items, groups, onQuery }: PaletteProps) {
  const router = useRouter();
  const navigation: PaletteGroup = {
    group: 'Go to',
    actions: items.map(({ place, label, icon, href }) => ({ id: place, label, icon, href })),
  };
  const actions: SpotlightActionGroupData[] = [navigation, ...groups].map(({ group, actions }) => ({
    group,
    actions: actions.map((action) => ({
      id: `${group}:${action.id}`,
      label: action.label,
      ...(action.description !== undefined && { description: action.description }),
      ...(action.keywords !== undefined && { keywords: action.keywords }),
      leftSection: <Icon name={action.icon ?? 'right'} />,
      onClick: () => ('href' in action ? router.push(action.href) : action.run()),
    })),
  }));
  return (
    <Spotlight
      actions={actions}
      onSpotlightOpen={() => onQuery?.('')}
      onSpotlightClose={() => onQuery?.(null)}
      onQueryChange={(query) => onQuery?.(query)}
      limit={MAX_SHOWN}
      shortcut="mod + K"
      scrollable
      maxHeight={420}
      transitionProps={{ duration: 100 }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.3 }}
      nothingFound="Nothing by that name"
      searchProps={{ placeholder: 'Find or do', leftSection: <Icon name="search" />, 'aria-label': 'Find or do' }}
      classNames={{
        content: classes.content ?? '',
        actionsList: classes.list ?? '',
        search: classes.search ?? '',
        action: classes.action ?? '',
        actionLabel: classes.label ?? '',
        actionDescription: classes.description ?? '',
        actionsGroup: classes.group ?? '',
      }}
    />
  );
}
