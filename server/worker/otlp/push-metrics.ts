import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { versionNames } from '../../db/fleet-counts.ts';
import { takeLease } from '../../db/leases.ts';
import { listOtlpProgress, saveOtlpProgress } from '../../db/otlp.ts';
import { forTenant } from '../../db/scope.ts';
import { sumTelemetry } from '../../db/telemetry.ts';
import { alignDown } from '../../domain/telemetry/range.ts';
import type { OtlpTarget } from '../../platform/config.ts';
import type { Logger } from '../../platform/logger.ts';
import { type FleetMetrics, fleetMetrics } from '../../queries/fleet-metrics.ts';
import type { Deps } from '../../services/deps.ts';
import { type FleetMinute, fleetResource } from './fleet-resource.ts';

const LEASE = 'otlp';

/** Longer than the longest duty may take, so that two workers never send the same. */
const LEASE_LIFE_MS = 120_000;

const MINUTE_MS = 60_000;

/** A minute is sent when its last windows have had time to arrive; what comes later is in the database, but was not sent. */
const SETTLE_MS = 90_000;

/** Minutes that are caught up after a collector was away; those before are left out. */
const MAX_BEHIND_MS = 60 * MINUTE_MS;

/** One duty ends after so long, and goes on with the next. */
const DUTY_MS = 60_000;
const TIMEOUT_MS = 10_000;

/** The answers after which OTLP/HTTP asks to send again: https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const RETRYABLE = new Set([429, 502, 503, 504]);

type PushDeps = Pick<Deps, 'db' | 'now'> & { logger: Logger };

/**
 * Sends every organization's minutes that are over and were not sent, oldest first. Each is sent at least once, and by one worker.
 * @throws Error when the collector is away; what was not taken is sent again at the next duty.
 */
export async function pushMetrics(deps: PushDeps, target: OtlpTarget, holder: string): Promise<void> {
  if (!(await takeLease(deps.db, LEASE, holder, LEASE_LIFE_MS))) return;
  const startedMs = deps.now().getTime();
  const untilMs = alignDown(new Date(startedMs - SETTLE_MS), MINUTE_MS).getTime();
  for (const { organizationId, slug, sentUntil } of await listOtlpProgress(deps.db)) {
    const actor = { kind: 'system', organizationId } as const;
    const firstMs = Math.max(sentUntil?.getTime() ?? untilMs - MINUTE_MS, untilMs - MAX_BEHIND_MS);
    if (firstMs >= untilMs) continue;
    const fleet = await fleetMetrics(deps, actor);
    for (let fromMs = firstMs; fromMs < untilMs; fromMs += MINUTE_MS) {
      if (deps.now().getTime() - startedMs > DUTY_MS) return;
      await send(deps, target, await minuteOf(deps, { organizationId, slug, fromMs, fleet }));
      await saveOtlpProgress(deps.db, organizationId, new Date(fromMs + MINUTE_MS));
    }
  }
}

async function minuteOf(
  deps: PushDeps,
  {
    organizationId,
    slug,
    fromMs,
    fleet,
  }: { organizationId: string; slug: string; fromMs: number; fleet: FleetMetrics },
): Promise<FleetMinute> {
  const scope = forTenant(deps.db, organizationId);
  const [from, to] = [new Date(fromMs), new Date(fromMs + MINUTE_MS)];
  const buckets = await sumTelemetry(scope, { from, to }, 'version', MINUTE_MS);
  const names = await versionNames(
    scope,
    buckets.flatMap(({ key }) => (key ? [key] : [])),
  );
  const versions = buckets.flatMap((bucket) => {
    const name = names.get(bucket.key ?? '');
    return name ? [{ ...name, bucket }] : [];
  });
  return { organization: slug, from, to, versions, fleet };
}

async function send({ logger }: PushDeps, { url, headers }: OtlpTarget, minute: FleetMinute): Promise<void> {
  const body = ProtobufMetricsSerializer.serializeRequest(fleetResource(minute));
  if (!body) throw new Error('the metrics could not be written as OTLP');
  const response = await fetch(`${url}/v1/metrics`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-protobuf' },
    body: Buffer.from(body),
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (response.ok) return;
  const what = { status: response.status, organization: minute.organization, minute: minute.from };
  if (RETRYABLE.has(response.status)) throw new Error(`the OpenTelemetry collector answered ${response.status}`);
  logger.error(what, 'the OpenTelemetry collector refused a minute of metrics; it is left out');
}
