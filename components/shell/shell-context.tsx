'use client';

import { createContext } from 'react';
import type { Moment } from '../ui/time.tsx';

/** The live stream of this tab: whether it runs, and when the data on the page was last true. */
export type Connection = { state: 'live' | 'reconnecting' | 'paused'; at: Moment | null };

type Shell = { connection: Connection; isMenuOpen: boolean; openMenu: () => void };

/** What the frame shares with the bar of each page. */
export const ShellContext = createContext<Shell>({
  connection: { state: 'paused', at: null },
  isMenuOpen: false,
  openMenu: () => {},
});
