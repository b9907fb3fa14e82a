import type pg from 'pg';
import type { ParsedMessage, Refusal } from './parse-message.ts';
import type { DeviceAck } from './spools.ts';
import { commitStatus, type StatusMessage } from './status.ts';
import { commitTelemetry, type TelemetryMessage } from './telemetry.ts';

/**
 * Commits a batch of messages: status and reports in one transaction, then telemetry in another. Applying it twice changes nothing.
 * Returns what to acknowledge. Messages of devices that are unknown or decommissioned are dropped: there is nobody to tell.
 */
export async function commitBatch(
  pool: pg.Pool,
  messages: readonly ParsedMessage[],
  refusals: readonly Refusal[],
  now: Date,
): Promise<DeviceAck[]> {
  const status = messages.filter((message): message is StatusMessage => message.kind !== 'telemetry');
  const telemetry = messages.filter((message): message is TelemetryMessage => message.kind === 'telemetry');
  return [
    ...(status.length + refusals.length > 0 ? await commitStatus(pool, status, refusals, now) : []),
    ...(telemetry.length > 0 ? await commitTelemetry(pool, telemetry, now) : []),
  ];
}
