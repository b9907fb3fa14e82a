'use client';

import type { ReactNode } from 'react';
import type { Role } from '@/server/domain/access/permissions.ts';
import { LiveProvider } from '../live/live-provider.tsx';
import { ApiProvider } from '../trpc/provider.tsx';
import { AccessProvider } from './access.tsx';
import { ConsoleFrame } from './console-frame.tsx';

/** One organization a person belongs to. */
export type Membership = { slug: string; name: string; role: Role };

type ConsoleProps = {
  org: Membership;
  /** All of the person's organizations, this one among them. */
  memberships: readonly Membership[];
  userName: string;
  children: ReactNode;
};

/** Everything around the pages of one organization: its data, its live stream, who may do what, and the frame. */
export function Console({ org, memberships, userName, children }: ConsoleProps) {
  return (
    <ApiProvider>
      <LiveProvider org={org.slug}>
        <AccessProvider role={org.role}>
          <ConsoleFrame org={org} memberships={memberships} userName={userName}>
            {children}
          </ConsoleFrame>
        </AccessProvider>
      </LiveProvider>
    </ApiProvider>
  );
}
