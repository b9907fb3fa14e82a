import { hash } from 'node:crypto';
import type { Reported } from '@flotilla/protocol';
import type pg from 'pg';
import {
  type DeviceChange,
  devicesWrite,
  type IngestDevice,
  lockedDevices,
  saveRefusals,
  withDevices,
} from '../db/ingest/devices.ts';
import { hintsWrite } from '../db/ingest/hints.ts';
import { lockedStreams } from '../db/ingest/streams.ts';
import { readTogether, writeTogether } from '../db/ingest/together.ts';
import { inTransaction } from '../db/ingest/transaction.ts';
import type { WorkHint } from '../db/notify.ts';
import { eventsBySpool, ingestEvents } from './events.ts';
import { liveHints } from './live-hints.ts';
import type { ParsedMessage, Refusal } from './parse-message.ts';
import { ingestLogs, ingestReplies } from './replies.ts';
import { deploymentsOf, ingestReports, newestOf, type Report } from './reports.ts';
import type { DeviceAck } from './spools.ts';

export type StatusMessage = Exclude<ParsedMessage, { kind: 'telemetry' }>;

/** Commits what devices are, did and answered, and what was refused, in one transaction. */
export function commitStatus(
  pool: pg.Pool,
  messages: readonly StatusMessage[],
  refusals: readonly Refusal[],
  now: Date,
): Promise<DeviceAck[]> {
  return inTransaction(pool, async (client) => {
    if (refusals.length > 0) await saveRefusals(client, refusals, now);
    const spools = eventsBySpool(messages.filter((message) => message.kind === 'events'));
    const { devices, deployments, streams } = await readTogether(client, {
      devices: lockedDevices([...new Set(messages.map(({ deviceId }) => deviceId))]),
      deployments: deploymentsOf(messages.filter((message) => message.kind === 'reported')),
      streams: lockedStreams('events', spools),
    });
    const known = withDevices(messages, devices);
    if (known.length === 0) return [];
    const sessions = sessionsOf(known);
    const reports = newestOf(known.filter((message) => message.kind === 'reported'));
    const { moved, writes } = ingestReports(reports, deployments);
    await ingestReplies(
      client,
      known.filter((message) => message.kind === 'reply'),
    );
    await ingestLogs(
      client,
      known.filter((message) => message.kind === 'log'),
    );
    const events = await ingestEvents(client, spools, devices, streams, now);
    await writeTogether(
      client,
      [devicesWrite(changesOf(known, sessions, reports)), ...writes, ...events.writes],
      hintsWrite(liveHints(known, moved), workOf(moved.length > 0, sessions.size > 0)),
    );
    return events.acks;
  });
}

type Known = StatusMessage & { device: IngestDevice };

/**
 * What is to be written of each device. A retained report does not say that its device was heard: it may be long gone. A retained birth
 * does: the broker would have replaced it by the last will.
 */
function changesOf(
  messages: readonly Known[],
  sessions: ReadonlyMap<string, NonNullable<DeviceChange['session']>>,
  reports: readonly Report[],
): DeviceChange[] {
  const changes = new Map<string, DeviceChange>();
  for (const { deviceId } of messages) {
    const session = sessions.get(deviceId) ?? null;
    changes.set(deviceId, { deviceId, heardAt: null, session, reported: null, facts: null });
  }
  for (const { device, body } of reports) {
    const change = changes.get(device.id);
    if (!change) continue;
    change.reported = body;
    change.facts = newFacts(body, device);
  }
  for (const message of messages) {
    const change = changes.get(message.deviceId);
    if (!change || (message.kind === 'session' && !message.body.online)) continue;
    if (message.kind === 'reported' && message.isRetained) continue;
    change.heardAt = message.receivedAt;
  }
  const isSaid = ({ heardAt, session, reported }: DeviceChange) =>
    heardAt !== null || session !== null || reported !== null;
  return [...changes.values()].filter(isSaid);
}

/** Reports repeat the facts, which hardly ever change. */
function newFacts({ facts }: Reported, { factsDigest }: IngestDevice): DeviceChange['facts'] {
  if (!facts) return null;
  const json = JSON.stringify(facts);
  const digest = hash('sha256', json, 'base64');
  return digest === factsDigest ? null : { json, digest };
}

/** The newest birth or will of each device; a will of an older session than the newest birth is ignored. */
function sessionsOf(messages: readonly Known[]): Map<string, NonNullable<DeviceChange['session']>> {
  const newest = new Map<string, NonNullable<DeviceChange['session']>>();
  for (const message of messages) {
    if (message.kind !== 'session') continue;
    const session = newest.get(message.deviceId)?.body.session ?? message.device.session;
    if (message.body.session >= session) newest.set(message.deviceId, { body: message.body, at: message.receivedAt });
  }
  return newest;
}

/** A device that comes back gets the commands that waited for it. */
function workOf(hasMoved: boolean, hasSessions: boolean): WorkHint[] {
  return [
    ...(hasMoved || hasSessions ? [{ kind: 'rollouts' as const }] : []),
    ...(hasSessions ? [{ kind: 'commands' as const }] : []),
  ];
}
