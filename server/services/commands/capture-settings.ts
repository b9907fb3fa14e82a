import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { type CaptureSettings, findCaptureSettings, saveCaptureSettings } from '../../db/capture-settings.ts';
import { listDesired } from '../../db/desired-states.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import type { Deps } from '../deps.ts';
import { reissueDesired } from '../devices/issue-desired.ts';

/** Documents issued again in one transaction. */
const AT_ONCE = 500;

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
  const documents = await listDesired(forTenant(deps.db, organizationId));
  for (let at = 0; at < documents.length; at += AT_ONCE) {
    const due = documents.slice(at, at + AT_ONCE);
    await inTenant(deps.db, organizationId, (scope) => reissueDesired(deps, scope, due));
  }
  return input;
}
