'use client';

import { useParams } from 'next/navigation';
import { useMemo } from 'react';
import { type OrgRoutes, routes } from '../routes.ts';

/** The organization whose page this is, as the address names it, and the addresses of its pages. */
export function useOrg(): { org: string; at: OrgRoutes } {
  const { org } = useParams<{ org: string }>();
  return useMemo(() => ({ org, at: routes.org(org) }), [org]);
}
