'use client';

import { createContext, type ReactNode, useContext } from 'react';
import { type Permission, permissionsOf, type Role } from '@/server/domain/access/permissions.ts';

const RoleContext = createContext<Role>('viewer');

/** What the signed-in person is in this organization, for everything on its pages. */
export function AccessProvider({ role, children }: { role: Role; children: ReactNode }) {
  return <RoleContext value={role}>{children}</RoleContext>;
}

/** Why this person may not do it, for a `ForbiddenTooltip`; null when they may. The server decides again. */
export function useForbidden(permission: Permission): string | null {
  const role = useContext(RoleContext);
  if (permissionsOf(role).includes(permission)) return null;
  return `Your role here is ${role}, which may look but not change this. Ask an owner or admin.`;
}
