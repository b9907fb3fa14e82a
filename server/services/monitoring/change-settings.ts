import { MAX_PREDICTIONS_PER_WINDOW } from '@flotilla/protocol';
import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { findMonitoringSettings, type MonitoringSettings, saveMonitoringSettings } from '../../db/predictions.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import type { Deps } from '../deps.ts';
import { reissueAll } from '../devices/reissue-all.ts';

const Days = z.number().int().min(1).max(3_650);

export const ChangeMonitoring = z
  .object({
    predictionShare: z
      .number()
      .min(0)
      .max(1)
      .meta({ description: 'Share of all answers that devices report one by one, by chance.' }),
    unsureBelow: z.number().min(0).max(1).multipleOf(0.05).nullable().meta({
      description: 'Answers with a confidence below this are reported too, up to the cap; null: none of them.',
    }),
    maxPerWindow: z
      .number()
      .int()
      .min(1)
      .max(MAX_PREDICTIONS_PER_WINDOW)
      .meta({ description: 'Cap of reported answers a telemetry window.' }),
    keepMonitoringDays: Days,
    keepPredictionsDays: Days,
  })
  .partial();
export type ChangeMonitoring = z.infer<typeof ChangeMonitoring>;

export function monitoringSettings(deps: Pick<Deps, 'db'>, actor: Actor): Promise<MonitoringSettings> {
  requirePermission(actor, 'settings:read');
  return findMonitoringSettings(forTenant(deps.db, actor.organizationId));
}

/** Changes which answers devices report, and how long they are kept. Devices hear of it in a document that is signed anew. */
export async function changeMonitoring(
  deps: Pick<Deps, 'db' | 'signer' | 'now' | 'telemetryWindowS'>,
  actor: Actor,
  input: ChangeMonitoring,
): Promise<MonitoringSettings> {
  requirePermission(actor, 'settings:write');
  const [before, after] = await inTenant(deps.db, actor.organizationId, async (scope) => {
    const present = await findMonitoringSettings(scope);
    const next = {
      ...present,
      ...Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)),
    };
    await saveMonitoringSettings(scope, next);
    await writeAudit(scope, actor, 'monitoring.change', { kind: 'organization', id: actor.organizationId }, next);
    return [present, next] as const;
  });
  const isSampling = (['predictionShare', 'unsureBelow', 'maxPerWindow'] as const).some(
    (key) => before[key] !== after[key],
  );
  if (isSampling) await reissueAll(deps, actor.organizationId);
  return after;
}
