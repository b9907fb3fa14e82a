import type { Telemetry } from '@flotilla/protocol';
import type pg from 'pg';
import { heardWrite, measuringDevices } from '../db/ingest/devices.ts';
import { hintsWrite } from '../db/ingest/hints.ts';
import { predictionsOf, savePredictions } from '../db/ingest/predictions.ts';
import { appendMinutes } from '../db/ingest/rollups.ts';
import { lockedStreams } from '../db/ingest/streams.ts';
import { readTogether, writeTogether } from '../db/ingest/together.ts';
import { BY_INDEX, inTransaction } from '../db/ingest/transaction.ts';
import { findVersions, insertWindows, type WindowRow } from '../db/ingest/windows.ts';
import { clockOffsetMs, correctedTime } from '../domain/telemetry/clock.ts';
import { minutesOf } from '../domain/telemetry/rollup.ts';
import { wireToBytes } from '../domain/telemetry/sketch-bytes.ts';
import { liveHints } from './live-hints.ts';
import type { ParsedMessage } from './parse-message.ts';
import { bySpool, type DeviceAck, type Spooled, takeNew } from './spools.ts';

export type TelemetryMessage = Extract<ParsedMessage, { kind: 'telemetry' }>;

/**
 * Commits what devices measured, in one transaction. The rows of the devices themselves, which status writes too, come last in it, and are
 * passed over where they are taken: telemetry never waits for status, and status for the end of a transaction at most.
 */
export function commitTelemetry(pool: pg.Pool, messages: readonly TelemetryMessage[], now: Date): Promise<DeviceAck[]> {
  return inTransaction(pool, (client) => store(client, messages, now), BY_INDEX);
}

async function store(client: pg.PoolClient, messages: readonly TelemetryMessage[], now: Date): Promise<DeviceAck[]> {
  const spools = bySpool(messages);
  const ids = [...new Set(spools.map(({ deviceId }) => deviceId))];
  const reads = { devices: measuringDevices(ids, now), streams: lockedStreams('telemetry', spools) };
  const { devices, streams } = await readTogether(client, reads, 'once');
  if (devices.length === 0) return [];
  const known = new Map(devices.map((device) => [device.id, device]));
  const { fresh, acks, writes } = await takeNew(client, 'telemetry', spools, known, streams, now, droppedOf);
  const versionOf = await findVersions(client, fresh.flatMap(releasesOf));
  const rows = fresh.flatMap((message) => windowRows(message, versionOf));
  const predictions = predictionsOf(rows);
  const quiet = messages.filter(({ deviceId }) => known.get(deviceId)?.isQuiet);
  const heard = quiet.length > 0 ? [heardWrite(heardOf(quiet))] : [];
  const hints = liveHints(devices.map((device) => ({ kind: 'telemetry', device })));
  // Sent in this order, and answered in it.
  await Promise.all([
    ...(rows.length > 0 ? [insertWindows(client, rows), appendMinutes(client, minutesOf(rows))] : []),
    ...(predictions.length > 0 ? [savePredictions(client, predictions)] : []),
    writeTogether(client, [...writes, ...heard], hintsWrite(hints, []), 'once'),
  ]);
  return acks;
}

const droppedOf = ({ dropped = 0 }: Telemetry) => dropped;

function releasesOf({ device: { organizationId }, body }: Spooled<Telemetry>) {
  return body.windows.map(({ releaseId }) => ({ organizationId, releaseId }));
}

function windowRows(
  { device: { id: deviceId, organizationId }, receivedAt, body }: Spooled<Telemetry>,
  versionOf: Awaited<ReturnType<typeof findVersions>>,
): WindowRow[] {
  const { boot, seq, sentAt, windows } = body;
  const offsetMs = clockOffsetMs(sentAt, receivedAt);
  return windows.map((window, position) => ({
    organizationId,
    deviceId,
    boot,
    seq,
    position,
    receivedAt,
    window,
    latency: wireToBytes(window.latencyMs.run),
    startAt: correctedTime(window.startMs, offsetMs, receivedAt),
    versionId: versionOf({ organizationId, releaseId: window.releaseId }),
  }));
}

/** By the newest message of each device. */
function heardOf(messages: readonly TelemetryMessage[]) {
  const newest = new Map(messages.map((message) => [message.deviceId, message]));
  return [...newest].map(([deviceId, { receivedAt, body }]) => ({
    deviceId,
    heardAt: receivedAt,
    clockOffsetMs: clockOffsetMs(body.sentAt, receivedAt),
  }));
}
