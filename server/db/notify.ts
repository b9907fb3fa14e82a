import * as z from 'zod';
import { Prisma } from './generated/client.ts';
import type { Scope } from './scope.ts';

/** Postgres channels. A notification is a hint; polling is the truth. */
export const LIVE_CHANNEL = 'flotilla_live';
export const WORK_CHANNEL = 'flotilla_work';

export const liveKinds = [
  'device',
  'event',
  'telemetry',
  'command',
  'log',
  'rollout',
  'model',
  'release',
  'enrollment-token',
  'alert',
] as const;

/** What changed, for the browsers of one organization: ids only. */
export const LiveHint = z.object({ organizationId: z.uuid(), kind: z.enum(liveKinds), id: z.string().max(64) });
export type LiveHint = z.infer<typeof LiveHint>;

export const workKinds = ['outbox', 'commands', 'rollouts', 'upgrades', 'kick', 'alerts', 'deliveries'] as const;
export const WorkHint = z.object({ kind: z.enum(workKinds), id: z.string().max(64).optional() });
export type WorkHint = z.infer<typeof WorkHint>;

/** Reads a payload of {@link WORK_CHANNEL}; undefined for what is none: whoever may connect to the database may notify. */
export function readWorkHint(payload: string): WorkHint | undefined {
  try {
    return WorkHint.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined;
  }
}

/** The statement of {@link notifyLive}, for another one to end with. */
export function liveNotification(organizationId: string, kind: LiveHint['kind'], id: string): Prisma.Sql {
  const hint: LiveHint = { organizationId, kind, id };
  return Prisma.sql`SELECT pg_notify(${LIVE_CHANNEL}, ${JSON.stringify(hint)})`;
}

/** Tells the open consoles that something changed; delivered when the transaction commits. */
export async function notifyLive({ tx, organizationId }: Scope, kind: LiveHint['kind'], id: string): Promise<void> {
  await tx.$executeRaw(liveNotification(organizationId, kind, id));
}

/** The statement of {@link notifyWork}, for another one to end with. */
export function workNotification(hint: WorkHint): Prisma.Sql {
  return Prisma.sql`SELECT pg_notify(${WORK_CHANNEL}, ${JSON.stringify(hint)})`;
}

/** Wakes the worker before its next tick; delivered when the transaction commits. */
export async function notifyWork({ tx }: Scope, hint: WorkHint): Promise<void> {
  await tx.$executeRaw(workNotification(hint));
}
