import { reasonSentence } from '@flotilla/protocol';
import * as z from 'zod';
import { type EventView, listEvents } from '../db/device-detail.ts';
import { forTenant } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import type { Deps } from '../services/deps.ts';
import { type ReleaseName, releaseNames } from './release-names.ts';

export const DeviceEventsInput = z.object({
  deviceId: z.uuid(),
  before: z.coerce.date().optional(),
  limit: z.number().int().min(1).max(200).default(30),
});
export type DeviceEventsInput = z.infer<typeof DeviceEventsInput>;

export type EventRow = EventView & { release: ReleaseName | null; sentence: string | null };

/** What happened on a device, newest first. */
export async function deviceEvents(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  input: DeviceEventsInput,
): Promise<EventRow[]> {
  requirePermission(actor, 'devices:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const events = await listEvents(scope, input.deviceId, { limit: input.limit, before: input.before });
  const names = await releaseNames(
    scope,
    events.map(({ event }) => event.releaseId ?? null),
  );
  return events.map((each) => ({
    ...each,
    release: names.get(each.event.releaseId ?? '') ?? null,
    sentence: each.event.reason ? reasonSentence(each.event.reason.code) : null,
  }));
}
