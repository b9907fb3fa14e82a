import { AppError } from '../errors.ts';
import { type Permission, permissionsOf, type Role } from './permissions.ts';

/** Who acts, always inside one organization. `engine` and `system` are the worker's own decisions and duties. */
export type Actor =
  | { kind: 'user'; organizationId: string; userId: string; role: Role }
  | { kind: 'api-key'; organizationId: string; keyId: string; scopes: readonly Permission[] }
  | { kind: 'device'; organizationId: string; deviceId: string }
  | { kind: 'label-webhook'; organizationId: string; webhookId: string }
  | { kind: 'engine'; organizationId: string }
  | { kind: 'system'; organizationId: string };

export function can(actor: Actor, permission: Permission): boolean {
  switch (actor.kind) {
    case 'user':
      return permissionsOf(actor.role).includes(permission);
    case 'api-key':
      return actor.scopes.includes(permission);
    case 'label-webhook':
      return permission === 'labels:write';
    case 'device':
      return false;
    case 'engine':
    case 'system':
      return true;
  }
}

/** @throws AppError `forbidden`, naming the permission that is missing. */
export function requirePermission(actor: Actor, permission: Permission): void {
  if (can(actor, permission)) return;
  throw new AppError({
    code: 'forbidden',
    userMessage:
      actor.kind === 'api-key'
        ? `This API key lacks the scope ${permission}. Use a key that has it.`
        : `Your role does not allow this (${permission}). Ask an owner or admin of the organization.`,
    details: { permission },
  });
}

/** The identifier that an audit row names. */
export function actorId(actor: Actor): string | null {
  switch (actor.kind) {
    case 'user':
      return actor.userId;
    case 'api-key':
      return actor.keyId;
    case 'label-webhook':
      return actor.webhookId;
    case 'device':
      return actor.deviceId;
    case 'engine':
    case 'system':
      return null;
  }
}
