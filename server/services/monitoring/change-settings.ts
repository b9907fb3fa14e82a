import { MAX_PREDICTIONS_PER_WINDOW } from '@flotilla/protocol';
import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import {
  findMonitoringSettings,
  listIssued,
  type MonitoringSettings,
  saveMonitoringSettings,
} from '../../db/predictions.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import type { Deps } from '../deps.ts';
import { reissueDesired } from '../devices/issue-desired.ts';

/** Documents that one transaction signs anew. */
const AT_ONCE = 500;

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
  if (isSampling) await tellDevices(deps, actor.organizationId);
  return after;
}

async function tellDevices(
  deps: Pick<Deps, 'db' | 'signer' | 'now' | 'telemetryWindowS'>,
  organizationId: string,
): Promise<void> {
  for (let after: string | null = null; ; ) {
    const due: { deviceId: string; generation: number }[] = await listIssued(
      forTenant(deps.db, organizationId),
      after,
      AT_ONCE,
    );
    if (due.length === 0) return;
    await inTenant(deps.db, organizationId, (scope) => reissueDesired(deps, scope, due));
    after = due.at(-1)?.deviceId ?? null;
  }
}
