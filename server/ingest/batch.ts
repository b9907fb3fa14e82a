import { hash } from 'node:crypto';
import { eventsOf, type Reported } from '@flotilla/protocol';
import type pg from 'pg';
import { type DeviceChange, type IngestDevice, lockDevices, saveDevices, saveRefusals } from '../db/ingest/devices.ts';
import { notifyHints } from '../db/ingest/hints.ts';
import { inTransaction } from '../db/ingest/transaction.ts';
import type { LiveHint, WorkHint } from '../db/notify.ts';
import { clockOffsetMs } from '../domain/telemetry/clock.ts';
import type { ParsedMessage, Refusal } from './parse-message.ts';
import { ingestLogs, ingestReplies } from './replies.ts';
import { ingestReports, newestOf, type Report } from './reports.ts';
import { type DeviceAck, ingestSpools, type SpooledMessage } from './spools.ts';

/** Things of one kind that a batch names to the consoles one by one. */
const MAX_NAMED = 50;

/** Stands for more than can be named. */
const MANY = '';

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
    const sessions = sessionsOf(known);
    const reports = newestOf(known.filter((message) => message.kind === 'reported'));
    await saveDevices(client, changesOf(known, sessions, reports));
    const moved = await ingestReports(client, reports);
    await ingestReplies(
      client,
      known.filter((message) => message.kind === 'reply'),
    );
    await ingestLogs(
      client,
      known.filter((message) => message.kind === 'log'),
    );
    const acks = await ingestSpools(client, known.flatMap(spooledIn), now);
    await notifyHints(
      client,
      hintsOf(
        known,
        moved.map(({ organizationId, rolloutId }) => ({ organizationId, rolloutId })),
      ),
      workOf(moved.length > 0, sessions.size > 0),
    );
    return acks;
  });
}

type Known = ParsedMessage & { device: IngestDevice };

/** A message of several events is as many messages of one. */
function spooledIn(message: Known): SpooledMessage[] {
  if (message.kind === 'telemetry') return [message];
  if (message.kind !== 'events') return [];
  const { device, receivedAt } = message;
  return eventsOf(message.body).map((body) => ({ kind: 'events', device, receivedAt, body }));
}

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
    changes.set(deviceId, { deviceId, heardAt: null, clockOffsetMs: null, session, reported: null, facts: null });
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
    if (message.kind === 'telemetry') change.clockOffsetMs = clockOffsetMs(message.body.sentAt, message.receivedAt);
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

/** What changed, once for each thing; where much of a kind did, once for all of it. */
function hintsOf(
  messages: readonly Known[],
  moved: readonly { organizationId: string; rolloutId: string }[],
): LiveHint[] {
  const hints = new Map<string, LiveHint>();
  const add = (hint: LiveHint) => hints.set(`${hint.kind}/${hint.id}`, hint);
  for (const { kind, device } of messages) {
    add({ organizationId: device.organizationId, kind: hintKinds[kind], id: device.id });
  }
  for (const { organizationId, rolloutId } of moved) add({ organizationId, kind: 'rollout', id: rolloutId });
  const groups = Map.groupBy(hints.values(), ({ organizationId, kind }) => `${organizationId}/${kind}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first && group.length > MAX_NAMED ? [{ ...first, id: MANY }] : group;
  });
}

const hintKinds = {
  session: 'device',
  reported: 'device',
  events: 'event',
  telemetry: 'telemetry',
  log: 'log',
  reply: 'command',
} as const satisfies Record<ParsedMessage['kind'], LiveHint['kind']>;

/** A device that comes back gets the commands that waited for it. */
function workOf(hasMoved: boolean, hasSessions: boolean): WorkHint[] {
  return [
    ...(hasMoved || hasSessions ? [{ kind: 'rollouts' as const }] : []),
    ...(hasSessions ? [{ kind: 'commands' as const }] : []),
  ];
}
