import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { deleteAlertMute, insertAlertMute, listAlertMutes, MAX_MUTES } from '../../db/alerts-mutes.ts';
import { writeAudit } from '../../db/audit.ts';
import { notifyLive } from '../../db/notify.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { type Mute, MuteFields, type MuteState, muteStateAt } from '../../domain/alerts/mute.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';

export type MuteView = Mute & { state: MuteState };
export const RemoveMute = z.object({ muteId: z.uuid() });
export type RemoveMute = z.infer<typeof RemoveMute>;

/** Every mute, newest first, with whether it holds now. */
export async function listMutes(deps: Pick<Deps, 'db' | 'now'>, actor: Actor): Promise<MuteView[]> {
  requirePermission(actor, 'alerts:read');
  const mutes = await listAlertMutes(forTenant(deps.db, actor.organizationId));
  return mutes.map((mute) => ({ ...mute, state: muteStateAt(mute.schedule, deps.now()) }));
}

/** Silences alerts for a time: they fire and are shown, but nobody is told. @throws AppError `conflict`, reason `too_many` */
export async function saveMute(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: z.input<typeof MuteFields>,
): Promise<MuteView> {
  requirePermission(actor, 'alerts:write');
  const fields = MuteFields.parse(input);
  const [id, createdAt] = [uuidv7(), deps.now()];
  const createdById = actor.kind === 'user' ? actor.userId : null;
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    if ((await listAlertMutes(scope)).length >= MAX_MUTES)
      throw new AppError({
        code: 'conflict',
        reason: 'too_many',
        userMessage: `There are at most ${MAX_MUTES} mutes. Remove those that are over.`,
      });
    await insertAlertMute(scope, { id, fields, createdById, createdAt });
    await writeAudit(scope, actor, 'alert-mute.create', { kind: 'alert-mute', id }, { name: fields.name });
    await notifyLive(scope, 'alert', id);
  });
  return { ...fields, id, createdById, createdAt, state: muteStateAt(fields.schedule, createdAt) };
}

/** Alerts that it held back are told at the next look. @throws AppError `not_found` */
export async function removeMute(deps: Pick<Deps, 'db'>, actor: Actor, { muteId }: RemoveMute): Promise<void> {
  requirePermission(actor, 'alerts:write');
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    if (!(await deleteAlertMute(scope, muteId))) throw notFound('mute');
    await writeAudit(scope, actor, 'alert-mute.remove', { kind: 'alert-mute', id: muteId });
    await notifyLive(scope, 'alert', muteId);
  });
}
