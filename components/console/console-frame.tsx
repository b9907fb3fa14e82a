'use client';

import { useQuery } from '@tanstack/react-query';
import { signOut } from 'next-auth/react';
import { type ReactNode, useState } from 'react';
import { useLive } from '../live/live-provider.tsx';
import { routes } from '../routes.ts';
import { AppShell } from '../shell/app-shell.tsx';
import { useTRPC } from '../trpc/client.ts';
import type { Membership } from './console.tsx';
import { OrgSwitcher } from './org-switcher.tsx';
import { usePaletteGroups } from './use-palette-groups.ts';
import { useSignedOut } from './use-signed-out.ts';

type ConsoleFrameProps = {
  org: Membership;
  memberships: readonly Membership[];
  userName: string;
  children: ReactNode;
};

/** More running rollouts than this are not counted for the rail. */
const MAX_COUNTED = 50;

/** The shell, with what is live in it: the connection, the rail's counts, the palette's devices. */
export function ConsoleFrame({ org, memberships, userName, children }: ConsoleFrameProps) {
  const trpc = useTRPC();
  const live = useLive();
  const moving = useQuery(
    trpc.rollouts.list.queryOptions({
      org: org.slug,
      states: ['running', 'paused', 'aborting', 'rolling-back'],
      limit: MAX_COUNTED,
    }),
  );
  const alerts = useQuery(trpc.alerts.counts.queryOptions({ org: org.slug }));
  const [typed, setTyped] = useState<string | null>(null);
  const palette = usePaletteGroups(org.slug, typed);
  useSignedOut();
  return (
    <AppShell
      org={org}
      orgSwitcher={memberships.length > 1 ? <OrgSwitcher org={org} memberships={memberships} /> : undefined}
      user={{ name: userName, role: org.role.slice(0, 1).toUpperCase() + org.role.slice(1) }}
      onSignOut={() => void signOut({ callbackUrl: routes.signIn() })}
      counts={{ rollouts: moving.data?.items.length ?? 0, alerts: alerts.data?.firing ?? 0 }}
      palette={palette}
      onPaletteQuery={setTyped}
      connection={{ state: live.status, at: live.at }}
    >
      {children}
    </AppShell>
  );
}
