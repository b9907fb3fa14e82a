import type pg from 'pg';
import { type IngestDevice, lockDevices, saveHeard, saveRefusals, saveSessions } from '../db/ingest/devices.ts';
import { notifyHints } from '../db/ingest/hints.ts';
import { inTransaction } from '../db/ingest/transaction.ts';
import type { LiveHint, WorkHint } from '../db/notify.ts';
import { clockOffsetMs } from '../domain/telemetry/clock.ts';
import type { ParsedMessage, Refusal } from './parse-message.ts';
import { ingestReports, type Report } from './reports.ts';
import { type DeviceAck, ingestSpools, type SpooledMessage } from './spools.ts';

/**
 * Commits a batch of messages in one transaction; status and reports before telemetry. Applying it twice changes nothing.
 * Returns what to acknowledge. Messages of devices that are unknown or decommissioned are dropped: there is nobody to tell.
 */
export function commitBatch(
  pool: pg.Pool,
  messages: readonly ParsedMessage[],
  refusals: readonly Refusal[],
  now: Date,
): Promise<DeviceAck[]> {
  return inTransaction(pool, async (client) => {
    if (refusals.length > 0) await saveRefusals(client, refusals, now);
    const devices = await lockDevices(client, [...new Set(messages.map(({ deviceId }) => deviceId))]);
    const known = messages.flatMap((message) => {
      const device = devices.get(message.deviceId);
      return device ? [{ ...message, device }] : [];
    });
    if (known.length === 0) return [];
    await saveHeard(client, heardOf(known));
    const sessions = sessionsOf(known);
    if (sessions.length > 0) await saveSessions(client, sessions);
    const moved = await ingestReports(
      client,
      known.flatMap((message): Report[] => (message.kind === 'reported' ? [message] : [])),
    );
    const acks = await ingestSpools(
      client,
      known.flatMap((message): SpooledMessage[] =>
        message.kind === 'events' || message.kind === 'telemetry' ? [message] : [],
      ),
      now,
    );
    await notifyHints(
      client,
      hintsOf(
        known,
        moved.map(({ organizationId, rolloutId }) => ({ organizationId, rolloutId })),
      ),
      workOf(moved.length > 0 || sessions.length > 0),
    );
    return acks;
  });
}

type Known = ParsedMessage & { device: IngestDevice };

/**
 * Who was heard, and when. A retained report says nothing of that: its device may be long gone. A retained birth does: the broker would
 * have replaced it by the last will.
 */
function heardOf(messages: readonly Known[]): { deviceId: string; at: Date; clockOffsetMs: number | null }[] {
  const heard = new Map<string, { deviceId: string; at: Date; clockOffsetMs: number | null }>();
  for (const message of messages) {
    if (message.kind === 'session' && !message.body.online) continue;
    if (message.kind === 'reported' && message.isRetained) continue;
    const before = heard.get(message.deviceId);
    const offset =
      message.kind === 'telemetry'
        ? clockOffsetMs(message.body.sentAt, message.receivedAt)
        : (before?.clockOffsetMs ?? null);
    heard.set(message.deviceId, { deviceId: message.deviceId, at: message.receivedAt, clockOffsetMs: offset });
  }
  return [...heard.values()];
}

/** The newest birth or will of each device; a will of an older session than the newest birth is ignored. */
function sessionsOf(
  messages: readonly Known[],
): { deviceId: string; body: Extract<ParsedMessage, { kind: 'session' }>['body']; at: Date }[] {
  const newest = new Map<
    string,
    { deviceId: string; body: Extract<ParsedMessage, { kind: 'session' }>['body']; at: Date }
  >();
  for (const message of messages) {
    if (message.kind !== 'session') continue;
    const session = newest.get(message.deviceId)?.body.session ?? message.device.session;
    if (message.body.session >= session)
      newest.set(message.deviceId, { deviceId: message.deviceId, body: message.body, at: message.receivedAt });
  }
  return [...newest.values()];
}

function hintsOf(
  messages: readonly Known[],
  moved: readonly { organizationId: string; rolloutId: string }[],
): LiveHint[] {
  const hints = new Map<string, LiveHint>();
  const add = (hint: LiveHint) => hints.set(`${hint.kind}/${hint.id}`, hint);
  for (const { kind, device } of messages) {
    const hintKind = kind === 'telemetry' ? 'telemetry' : kind === 'events' ? 'event' : 'device';
    add({ organizationId: device.organizationId, kind: hintKind, id: device.id });
  }
  for (const { organizationId, rolloutId } of moved) add({ organizationId, kind: 'rollout', id: rolloutId });
  return [...hints.values()];
}

function workOf(isWorkForEngine: boolean): WorkHint[] {
  return isWorkForEngine ? [{ kind: 'rollouts' }] : [];
}
