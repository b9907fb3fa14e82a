/** What an actor may do; also the scopes of an API key. */
export const permissions = [
  'devices:read',
  'devices:write',
  'enrollment:read',
  'enrollment:write',
  'models:read',
  'models:write',
  'releases:read',
  'releases:write',
  'rollouts:read',
  'rollouts:write',
  'telemetry:read',
  'labels:write',
  'alerts:read',
  'alerts:write',
  'api-keys:read',
  'api-keys:write',
  'audit:read',
  'settings:read',
  'settings:write',
] as const;
export type Permission = (typeof permissions)[number];

export const roles = ['owner', 'admin', 'operator', 'viewer'] as const;
export type Role = (typeof roles)[number];

const read = permissions.filter((permission) => permission.endsWith(':read'));
const operate: Permission[] = [
  'devices:write',
  'enrollment:write',
  'models:write',
  'releases:write',
  'rollouts:write',
  'labels:write',
  'alerts:write',
];

const grants: Record<Role, readonly Permission[]> = {
  viewer: read.filter((permission) => permission !== 'api-keys:read'),
  operator: [...read.filter((permission) => permission !== 'api-keys:read'), ...operate],
  admin: permissions,
  owner: permissions,
};

export function permissionsOf(role: Role): readonly Permission[] {
  return grants[role];
}

export function isPermission(text: string): text is Permission {
  return permissions.some((each) => each === text);
}

export function isRole(text: string): text is Role {
  return roles.some((each) => each === text);
}
