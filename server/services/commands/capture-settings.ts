import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { type CaptureSettings, findCaptureSettings, saveCaptureSettings } from '../../db/capture-settings.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import type { Deps } from '../deps.ts';
import { reissueAll } from '../devices/reissue-all.ts';

export const SetCaptureSettings = z.object({
  isAllowed: z.boolean(),
  maxSamples: z.number().int().min(1).max(10_000).default(1_000),
});
export type SetCaptureSettings = z.infer<typeof SetCaptureSettings>;

export function captureSettings(deps: Pick<Deps, 'db'>, actor: Actor): Promise<CaptureSettings> {
  requirePermission(actor, 'settings:read');
  return findCaptureSettings(forTenant(deps.db, actor.organizationId));
}

/** Allows or forbids that devices keep inputs. Every device is told, by its desired state, before this returns. */
export async function setCaptureSettings(
  deps: Pick<Deps, 'db' | 'signer' | 'now' | 'telemetryWindowS'>,
  actor: Actor,
  input: SetCaptureSettings,
): Promise<CaptureSettings> {
  requirePermission(actor, 'settings:write');
  const { organizationId } = actor;
  await inTenant(deps.db, organizationId, async (scope) => {
    await saveCaptureSettings(scope, input);
    await writeAudit(scope, actor, 'captures.set', { kind: 'organization', id: organizationId }, input);
  });
  await reissueAll(deps, organizationId);
  return input;
}
