import { createHash } from 'node:crypto';
import { Command, DesiredState, topicOf } from '@flotilla/protocol';
import { decodeJwt } from 'jose';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deleteOldCommands } from '../db/command-archives.ts';
import { claimDueCommands, expireCommands, markSent } from '../db/command-outbox.ts';
import { ingestPool } from '../db/ingest/transaction.ts';
import { inTenant } from '../db/scope.ts';
import type { Actor } from '../domain/access/actor.ts';
import { SILENCE_MS } from '../domain/command/states.ts';
import { DeviceCommandsInput, DeviceLogInput, deviceCommands, deviceLog } from '../queries/device-commands.ts';
import { SetCaptureSettings, setCaptureSettings } from '../services/commands/capture-settings.ts';
import { openArchive } from '../services/commands/open-archive.ts';
import { receiveArchive } from '../services/commands/receive-archive.ts';
import { SendCommand, sendCommand } from '../services/commands/send-command.ts';
import { issueDesired } from '../services/devices/issue-desired.ts';
import { testClock } from '../testing/clock.ts';
import { testDatabase } from '../testing/database.ts';
import { enrollTestDevice } from '../testing/enrollment.ts';
import { removeArtifacts, type TestDeps, testDeps } from '../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { commitBatch } from './batch.ts';
import { parseMessage } from './parse-message.ts';

const database = testDatabase();
const clock = testClock();
let pki: TestPki;
let deps: TestDeps;
let pool: pg.Pool;
let ours: TestOrganization;
let theirs: TestOrganization;
let device: string;
let other: string;
beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, clock.now);
});
beforeEach(async () => {
  pool = ingestPool(database.url(), 2);
  [ours, theirs] = [await createTestOrganization(database.db()), await createTestOrganization(database.db())];
  [device, other] = [await newDevice('a'), await newDevice('b')];
});
afterEach(() => pool.end());
afterAll(async () => {
  await removeArtifacts(deps);
  await pki.remove();
});

async function newDevice(name: string, organization = ours): Promise<string> {
  const { deviceId } = await enrollTestDevice(deps, organization.owner, name);
  await says(deviceId, 'session', { online: true, session: 1, boot: uuidv7(), agentVersion: '1', protocol: 1, at: 0 });
  return deviceId;
}
async function says(deviceId: string, kind: 'session' | 'reply' | 'log', body: object, id?: string): Promise<void> {
  const topic = topicOf(deviceId, kind, id);
  const payload = Buffer.from(JSON.stringify(body));
  const parsed = parseMessage({ topic, payload, receivedAt: clock.now() });
  if (!parsed) return;
  await commitBatch(pool, parsed.ok ? [parsed.message] : [], parsed.ok ? [] : [parsed.refusal], clock.now());
}
const replies = (id: string, status: string, more: object = {}, by = device) =>
  says(by, 'reply', { id, status, ...more }, id);
const ask = (op: string, args: object = {}, deviceId = device, actor: Actor = ours.owner) =>
  sendCommand(deps, actor, SendCommand.parse({ deviceId, op, args }));
const listOf = async (deviceId = device) =>
  (await deviceCommands(deps, ours.owner, DeviceCommandsInput.parse({ deviceId }))).commands;
const commandOf = async (id: string) => (await listOf()).find((each) => each.id === id);
const due = (now = clock.now()) => claimDueCommands(database.db(), now, 10);
const asDevice = (deviceId = device, organization = ours) =>
  ({ kind: 'device', organizationId: organization.organizationId, deviceId }) as const;
async function* streamOf(...chunks: Uint8Array[]) {
  yield* chunks;
}
const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const upload = (commandId: string, bytes: Uint8Array, { by = asDevice(), sha256 = digestOf(bytes) } = {}) =>
  receiveArchive(deps, by, { commandId, sha256, bytes: streamOf(bytes) });
const partsOf = (commandId: string) => database.db().commandArchivePart.count({ where: { commandId } });

describe('a command', () => {
  it('is signed for its device, written down, and goes its way once', async () => {
    const { id } = await ask('benchmark', { runs: 20 });
    const [sent] = (await due()).filter((each) => each.id === id);
    expect(Command.parse(decodeJwt(sent?.jws ?? ''))).toMatchObject({
      id,
      deviceId: device,
      op: 'benchmark',
      args: { runs: 20 },
    });
    await markSent(database.db(), [{ id, nextSendAt: clock.now() }], clock.now());
    expect(await commandOf(id)).toMatchObject({ state: 'sent', sentAt: clock.now() });
    await replies(id, 'accepted');
    await replies(id, 'running', { progress: { percent: 40, note: 'measuring' } });
    expect(await commandOf(id)).toMatchObject({ state: 'running', progress: 40, note: 'measuring' });
    await replies(id, 'done', { result: { latencyP95Ms: 2 } });
    await replies(id, 'failed', { reason: { code: 'runner.crashed', detail: 'late', retry: 'never' } });
    await replies(id, 'running', { progress: { percent: 50 } });
    expect(await commandOf(id)).toMatchObject({
      state: 'done',
      result: { latencyP95Ms: 2 },
      reason: null,
      finishedAt: clock.now(),
    });
    expect(await due(new Date(clock.now().getTime() + 600_000))).toEqual([]);
    const [entry] = await database.db().auditEntry.findMany({ where: { subjectId: device, action: 'command.send' } });
    expect(entry).toMatchObject({ detail: { command: id, op: 'benchmark', args: { runs: 20 } } });
  });

  it('is taken to be sent by one worker at a time, again until it is answered, and not while its device is away', async () => {
    const { id } = await ask('ping');
    expect((await Promise.all([due(), due()])).flat().map((each) => each.id)).toEqual([id]);
    clock.forwardMs(11_000);
    expect(await due()).toMatchObject([{ id, sends: 2 }]);
    await says(device, 'session', { online: false, session: 1, boot: uuidv7(), agentVersion: '1', protocol: 1, at: 0 });
    clock.forwardMs(11_000);
    expect(await due()).toEqual([]);
  });

  it('runs out when no device takes it, and when one that took it is silent', async () => {
    const [{ id: unheard }, { id: silent }] = [await ask('ping'), await ask('ping')];
    await replies(silent, 'accepted');
    clock.forwardMs(16 * 60_000);
    await expireCommands(database.db(), clock.now(), SILENCE_MS);
    expect([(await commandOf(unheard))?.state, (await commandOf(silent))?.state]).toEqual(['expired', 'accepted']);
    clock.forwardMs(SILENCE_MS);
    await expireCommands(database.db(), clock.now(), SILENCE_MS);
    expect((await commandOf(silent))?.state).toBe('expired');
    await replies(silent, 'done', { result: 1 });
    expect((await commandOf(silent))?.state).toBe('done');
  });

  it('is not moved by another device, nor by a word on another topic, and keeps no endless answer', async () => {
    const { id } = await ask('ping');
    await replies(id, 'done', {}, other);
    await replies(id, 'done', {}, await newDevice('x', theirs));
    await says(device, 'reply', { id: uuidv7(), status: 'done' }, id);
    expect((await commandOf(id))?.state).toBe('issued');
    await replies(id, 'done', { result: 'x'.repeat(15_000) });
    expect((await commandOf(id))?.result).toEqual({ cut: expect.any(String) });
    expect(await database.db().refusedMessage.count({ where: { deviceId: device, kind: 'reply' } })).toBe(1);
  });

  it.each([
    ['of another tenant’s device', () => ask('ping', {}, device, theirs.owner), 'not_found'],
    ['with arguments that no device takes', () => ask('benchmark', { runs: -1 }), 'bad_args'],
    ['to capture where that is not allowed', () => ask('capture'), 'captures_not_allowed'],
  ])('%s is refused', async (_, send, reason) => {
    await expect(send()).rejects.toMatchObject({ reason });
    expect(await listOf()).toEqual([]);
  });

  it('is one of ten at most that a device has to answer', async () => {
    for (let count = 0; count < 10; count += 1) await ask('ping');
    await expect(ask('ping')).rejects.toMatchObject({ reason: 'too_many_commands' });
  });
});

describe('an archive', () => {
  it('comes up from the device that was asked, and down to who may see it, which is written down', async () => {
    const { id } = await ask('diagnostics');
    const bytes = Buffer.alloc(1_300_000, 7);
    expect(await upload(id, bytes)).toEqual({ sha256: digestOf(bytes), sizeBytes: bytes.length });
    await replies(id, 'done');
    const archive = await openArchive(deps, ours.owner, { deviceId: device, commandId: id });
    expect(Buffer.concat(await archive.bytes.toArray()).equals(bytes)).toBe(true);
    const actions = (await database.db().auditEntry.findMany({ where: { subjectId: device } })).map(
      ({ action }) => action,
    );
    expect(actions).toEqual(expect.arrayContaining(['command.archive-upload', 'command.archive-download']));
    await expect(openArchive(deps, theirs.owner, { deviceId: device, commandId: id })).rejects.toMatchObject({
      code: 'not_found',
    });
    clock.forwardMs(8 * 24 * 3_600_000);
    await expect(openArchive(deps, ours.owner, { deviceId: device, commandId: id })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it.each([
    ['by another device', (id: string) => upload(id, Buffer.from('x'), { by: asDevice(other) }), 'not_found'],
    ['for a command that is none', () => upload(uuidv7(), Buffer.from('x')), 'not_found'],
    [
      'of other bytes than announced',
      (id: string) => upload(id, Buffer.from('x'), { sha256: digestOf(Buffer.from('y')) }),
      'wrong_digest',
    ],
    ['without a digest', (id: string) => upload(id, Buffer.from('x'), { sha256: 'none' }), 'bad_digest'],
    ['that is too large', (id: string) => upload(id, Buffer.alloc(17 * 1024 * 1024)), 'payload_too_large'],
  ])('%s is refused, and nothing of it is kept', async (_, send, reason) => {
    const { id } = await ask('diagnostics');
    await expect(send(id)).rejects.toMatchObject({ reason });
    expect(await partsOf(id)).toBe(0);
    expect((await commandOf(id))?.archive).toBeNull();
  });

  it('belongs to a command that collects something and is not finished', async () => {
    const { id: ping } = await ask('ping');
    await expect(upload(ping, Buffer.from('x'))).rejects.toMatchObject({ code: 'not_found' });
    const { id } = await ask('diagnostics');
    await upload(id, Buffer.from('first'));
    await upload(id, Buffer.from('second'));
    expect(await partsOf(id)).toBe(1);
    await replies(id, 'done');
    await expect(upload(id, Buffer.from('third'))).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is deleted when it has run out', async () => {
    const { id } = await ask('diagnostics');
    await upload(id, Buffer.from('x'));
    await database.db().deviceCommand.update({ where: { id }, data: { archiveExpiresAt: new Date(Date.now() - 1) } });
    await deleteOldCommands(database.db());
    expect([await partsOf(id), (await commandOf(id))?.archive]).toEqual([0, null]);
  });
});

describe('captures', () => {
  const documentOf = async () =>
    DesiredState.parse(
      decodeJwt((await database.db().desiredState.findUniqueOrThrow({ where: { deviceId: device } })).jws),
    );

  it('are off until an admin allows them; then every device is told, and it is written down', async () => {
    await inTenant(database.db(), ours.organizationId, (scope) =>
      issueDesired(deps, scope, [{ deviceId: device, slot: 'default', wanted: null }]),
    );
    expect((await documentOf()).telemetry.captures).toBeUndefined();
    await setCaptureSettings(deps, ours.owner, SetCaptureSettings.parse({ isAllowed: true, maxSamples: 50 }));
    expect(await documentOf()).toMatchObject({ generation: 2, telemetry: { captures: { maxSamples: 50 } } });
    await expect(ask('capture', { samples: 51 })).rejects.toMatchObject({ reason: 'too_many_samples' });
    await expect(ask('capture', { samples: 50 })).resolves.toBeDefined();
    await setCaptureSettings(deps, ours.owner, SetCaptureSettings.parse({ isAllowed: false }));
    expect((await documentOf()).telemetry.captures).toBeUndefined();
    const { organizationId } = ours;
    expect(await database.db().auditEntry.count({ where: { organizationId, action: 'captures.set' } })).toBe(2);
  });
});

describe('a log', () => {
  const line = (message: string, level = 'info') => ({ at: clock.now().getTime(), level, message });
  const linesOf = async (filter: object = {}) =>
    (await deviceLog(deps, ours.owner, DeviceLogInput.parse({ deviceId: device, ...filter }))).map(
      ({ message }) => message,
    );

  it('is kept in order, found by level and words, and says what the device held back', async () => {
    await says(device, 'log', { lines: [line('one'), line('Two', 'error'), line('three', 'debug')], suppressed: 4 });
    await says(other, 'log', { lines: [line('elsewhere')] });
    expect(await linesOf()).toEqual(['4 lines were held back', 'Two', 'one']);
    expect(await linesOf({ level: 'error' })).toEqual(['Two']);
    expect(await linesOf({ search: 'two' })).toEqual(['Two']);
    expect(await linesOf({ level: 'debug', limit: 1 })).toEqual(['4 lines were held back']);
    expect(await deviceLog(deps, theirs.owner, DeviceLogInput.parse({ deviceId: device }))).toEqual([]);
  });

  it('is bounded for each device, and takes any text', async () => {
    const batch = Array.from({ length: 100 }, (_, n) => line(`line ${n} \u0000`));
    for (let count = 0; count < 21; count += 1) await says(device, 'log', { lines: batch });
    expect(await database.db().deviceLogLine.count({ where: { deviceId: device } })).toBe(2_000);
    expect(await linesOf({ limit: 1 })).toEqual(['line 99  ']);
  });
});
