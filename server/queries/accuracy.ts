import * as z from 'zod';
import { listAccuracy, listHours } from '../db/accuracy.ts';
import { findVersion } from '../db/models.ts';
import { findMonitoringSettings } from '../db/predictions.ts';
import { forTenant } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { type EstimateReport, estimateReport } from '../domain/accuracy/estimate.ts';
import { type Measured, measuredOf } from '../domain/accuracy/measured.ts';
import { type AccuracyPoint, accuracyOverTime, accuracyStepMs } from '../domain/accuracy/over-time.ts';
import { sumHours } from '../domain/drift/hour-sums.ts';
import { AppError, notFound } from '../domain/errors.ts';
import type { Deps } from '../services/deps.ts';
import { classNames } from '../services/models/class-names.ts';

/** Longest range of one query. */
const MAX_RANGE_MS = 93 * 86_400_000;

export const AccuracyInput = z.object({
  model: z.string().max(64),
  version: z.string().max(64),
  /** Absent: the whole fleet. */
  deviceId: z.uuid().optional(),
  slot: z.string().max(32).optional(),
  from: z.coerce.date(),
  to: z.coerce.date(),
});
export type AccuracyInput = z.infer<typeof AccuracyInput>;

export type AccuracyView = Measured & {
  from: Date;
  to: Date;
  /** Answers that were given in the range. */
  answers: number;
  /** By the version's labels file. */
  classes: string[] | null;
  /** What the calibrated confidence promises; null when no device sent it. */
  estimate: EstimateReport | null;
  /** The same by steps of the range, of `stepMs` each. */
  overTime: { stepMs: number; points: AccuracyPoint[] };
  /** Share of answers that devices report one by one. */
  sampledShare: number;
};

/** How right a version was, by the hours of its answers: measured from labels, and estimated without. */
export async function accuracyView(
  deps: Pick<Deps, 'db' | 'artifacts'>,
  actor: Actor,
  input: AccuracyInput,
): Promise<AccuracyView> {
  requirePermission(actor, 'telemetry:read');
  const spanMs = input.to.getTime() - input.from.getTime();
  if (spanMs <= 0 || spanMs > MAX_RANGE_MS)
    throw new AppError({
      code: 'invalid',
      reason: 'range',
      userMessage: 'The range must end after it starts, and be at most 93 days long.',
      fields: [{ pointer: '/to', message: 'out of range' }],
    });
  const scope = forTenant(deps.db, actor.organizationId);
  const version = await findVersion(scope, input.model, input.version);
  if (!version) throw notFound('version');
  const { from, to, slot } = input;
  const filter = { versionId: version.id, deviceId: input.deviceId ?? null, slot, from, to };
  const stepMs = accuracyStepMs(spanMs);
  const [hours, cells, settings, classes] = await Promise.all([
    listHours(scope, filter),
    listAccuracy(scope, filter, stepMs),
    findMonitoringSettings(scope),
    classNames(deps, version),
  ]);
  const sums = sumHours(hours.map((hour) => hour.sums));
  return {
    ...measuredOf(sums, cells, settings.unsureBelow),
    from,
    to,
    classes,
    answers: sums.inferences,
    estimate: sums.estimated ? estimateReport(sums.estimated) : null,
    overTime: { stepMs, points: accuracyOverTime(hours, cells, settings.unsureBelow, stepMs) },
    sampledShare: settings.predictionShare,
  };
}
