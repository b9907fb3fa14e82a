/**
 * One test for each attack of the TUF specification (1.5.2) and the Uptane standard (4) on a device, named as they name it.
 * Each ends with the same three things: what served serves on, nothing of the attacker's is kept, and the event that is
 * reported names the suspicion.
 */
import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createServer, type Server } from 'node:tls';
import { type DesiredState, RESEND_AFTER_MS, Release, ReleasePath, type Reply } from '@flotilla/protocol';
import { CompactSign, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Inbox } from './agent/inbox.ts';
import { CommandEntries, CommandLog } from './commands/command-log.ts';
import { handleCommand } from './commands/handle-command.ts';
import { Connection } from './connection/connection.ts';
import { Accepted, DesiredStore } from './desired/desired-store.ts';
import { staleDocument } from './desired/watch-freshness.ts';
import { createCsr } from './identity/csr.ts';
import { createLogger } from './logger.ts';
import { checkRelease } from './slot/check-release.ts';
import { SpoolSender } from './spool/sender.ts';
import { type EventDraft, Spool } from './spool/spool.ts';
import { JsonFile } from './state/json-file.ts';
import { MemoryFileSystem } from './state/testing/memory-file-system.ts';
import { ArtifactStore } from './store/artifact-store.ts';
import type { SpeedLimit } from './store/download.ts';
import { downloadRelease } from './store/download-release.ts';
import { stage } from './store/stage.ts';
import { createPki } from './testing/pki.ts';
import { makeRelease, uuid } from './testing/release.ts';
import { until } from './testing/wait.ts';

const DEVICE = uuid(1);
const NOW = 1_800_000_000_000;
const never = new AbortController().signal;
const logger = createLogger(
  () => {},
  () => NOW,
);

type Signer = { kid: string; privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']; x: string };
let server: Signer;
let attacker: Signer;
beforeAll(async () => {
  const make = async (kid: string): Promise<Signer> => {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    return { kid, privateKey, x: (await exportJWK(publicKey)).x ?? '' };
  };
  server = await make('server');
  attacker = await make('attacker');
});
const trusted = ({ kid, x }: Signer) => ({ kid, kty: 'OKP' as const, crv: 'Ed25519' as const, x });

function sign(payload: object, signer = server, kid = signer.kid): Promise<string> {
  const bytes = Buffer.from(JSON.stringify(payload));
  return new CompactSign(bytes).setProtectedHeader({ alg: 'EdDSA', kid }).sign(signer.privateKey);
}
const documentOf = (changes: Partial<DesiredState> | Record<string, unknown> = {}) => ({
  ...{ v: 1, deviceId: DEVICE, generation: 6, issuedAt: NOW, expiresAt: NOW + 1000, slots: {} },
  telemetry: { windowS: 15, logLevel: 'info' },
  ...changes,
});

/** A device that obeys generation 5 and serves by it. */
let disk: MemoryFileSystem;
let desired: DesiredStore;
let inbox: Inbox;
let obeyed: DesiredState[];
let events: EventDraft[];
beforeEach(() => {
  disk = new MemoryFileSystem();
  obeyed = [];
  events = [];
  const accepted: Accepted = { generation: 5, trustedKeys: [trusted(server)], document: null };
  desired = new DesiredStore(new JsonFile(disk, '/d/desired.json', Accepted), accepted, DEVICE, () => NOW);
  inbox = new Inbox({
    desired,
    onDesired: async (document) => void obeyed.push(document),
    onAck: async () => {},
    onCommand: async () => {},
    addEvent: async (event) => void events.push(event),
    logger,
    now: () => NOW,
  });
});

async function expectRefused(jws: string, code: string): Promise<void> {
  await inbox.receiveDesired(jws);
  expect(obeyed).toEqual([]);
  expect(desired.generation).toBe(5);
  expect(await disk.list('/d')).toEqual([]);
  expect(events).toMatchObject([{ kind: 'refused', reason: { code, retry: 'never' } }]);
}

/** A mirror between server and device that answers as it likes. */
function deviceAt(mirror: (sha256: string, from: number) => Iterable<Buffer> | AsyncIterable<Buffer>, slowest = slow) {
  const store = new ArtifactStore(disk, '/d/artifacts');
  const open = async (sha256: string, from: number, signal: AbortSignal) => {
    const stream = Readable.from(mirror(sha256, from));
    signal.addEventListener('abort', () => stream.destroy(new Error('aborted')), { once: true });
    return Object.assign(stream, { statusCode: from > 0 ? 206 : 200 }) as unknown as IncomingMessage;
  };
  const freeBytes = async () => 2 ** 40;
  const get = ({ files }: Release) =>
    downloadRelease({ fs: disk, store, open, slowest, freeBytes }, files, never, () => {});
  const verify = async ({ files }: Release) => {
    for (const file of files) await store.verify(file);
  };
  return { store, get, verify };
}
const slow: SpeedLimit = { minBytes: 1024, perMs: 50 };

/** A signed release of files with these contents. */
function releaseOf(contents: Record<string, Buffer>): Release {
  const files = Object.entries(contents).map(([path, bytes], index) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return {
      path,
      sha256,
      sizeBytes: bytes.length,
      role: index === 0 ? ('model' as const) : ('external-data' as const),
    };
  });
  return makeRelease(2, { files });
}
const good = randomBytes(4_000);
const weights = randomBytes(3_000);

test.each([
  ['signed by a key nobody knows', () => sign(documentOf(), attacker), 'desired.unknown_key'],
  ['signed by a foreign key under a trusted name', () => sign(documentOf(), attacker, 'server'), 'desired.signature'],
  ['not signed', async () => JSON.stringify(documentOf()), 'desired.signature'],
  ['changed after it was signed', async () => changed(await sign(documentOf())), 'desired.signature'],
  ['with the algorithm "none"', async () => unsigned(), 'desired.signature'],
  ['with the public key as a shared secret', () => sharedSecret(), 'desired.signature'],
])('TUF, Uptane: arbitrary software: a document %s is refused', async (_, make, code) => {
  await expectRefused(await make(), code);
});

function changed(jws: string): string {
  const [head, , signature] = jws.split('.');
  const payload = Buffer.from(JSON.stringify(documentOf({ generation: 7 }))).toString('base64url');
  return `${head}.${payload}.${signature}`;
}
function unsigned(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', kid: 'server' })}.${part(documentOf())}.`;
}
function sharedSecret(): Promise<string> {
  return new SignJWT(documentOf())
    .setProtectedHeader({ alg: 'HS256', kid: 'server' })
    .sign(Buffer.from(server.x, 'base64url'));
}

test('TUF: wrong software: a document for another device is refused', async () => {
  await expectRefused(await sign(documentOf({ deviceId: uuid(2) })), 'desired.wrong_device');
});

test('Uptane: replay by a missing vehicle id: a document for nobody is refused', async () => {
  const { deviceId: _, ...forAll } = documentOf();
  await expectRefused(await sign(forAll), 'desired.malformed');
});

test('Uptane: replay of another kind: a signed command is no desired state', async () => {
  const command = { id: uuid(9), deviceId: DEVICE, op: 'ping', args: {}, issuedAt: NOW, expiresAt: NOW + 1000 };
  await expectRefused(await sign(command), 'desired.malformed');
});

test('TUF, Uptane: rollback: a document of a lower generation is refused', async () => {
  await expectRefused(await sign(documentOf({ generation: 4 })), 'desired.stale');
});

test('TUF, Uptane: rollback under the same number: other content of the accepted generation is not obeyed', async () => {
  await inbox.receiveDesired(await sign(documentOf({ generation: 5, slots: { default: null } })));
  expect(obeyed).toEqual([]);
});

test('TUF: fast-forward: who cannot sign cannot push the generation up, and a number beyond counting is refused', async () => {
  await inbox.receiveDesired(await sign(documentOf({ generation: Number.MAX_SAFE_INTEGER }), attacker, 'server'));
  await inbox.receiveDesired(await sign(documentOf({ generation: 2 ** 60 })));
  expect(events).toMatchObject([{ reason: { code: 'desired.signature' } }, { reason: { code: 'desired.malformed' } }]);
  await inbox.receiveDesired(await sign(documentOf({ generation: 6 })));
  expect(desired.generation).toBe(6);
});

test('TUF, Uptane: freeze: an expired document is refused, and a device that gets no fresh one says so', async () => {
  await expectRefused(await sign(documentOf({ expiresAt: NOW })), 'desired.expired');
  expect(staleDocument(desired.document, NOW + 999)).toBeNull();
  await inbox.receiveDesired(await sign(documentOf()));
  expect(staleDocument(desired.document, NOW + 999)).toBeNull();
  expect(staleDocument(desired.document, NOW + 1000)).toMatchObject({ code: 'desired.frozen', retry: 'later' });
  expect(obeyed).toHaveLength(1);
});

test('TUF: vulnerability to key compromise: after a rotation the old key signs nothing any more', async () => {
  await inbox.receiveDesired(await sign(documentOf({ trustedKeys: [trusted(attacker)] })));
  await inbox.receiveDesired(await sign(documentOf({ generation: 7 })));
  expect(desired.generation).toBe(6);
  expect(events).toMatchObject([{ reason: { code: 'desired.unknown_key' } }]);
});

test('TUF, Uptane: endless data: a document without end is refused unread', async () => {
  await expectRefused('x'.repeat(10_000_000), 'desired.malformed');
});

test('TUF, Uptane: endless data: a file is stopped at its signed size, and no more of it is kept', async () => {
  const release = releaseOf({ 'model.onnx': good });
  const device = deviceAt(function* () {
    while (true) yield good.subarray(0, 900);
  });
  await expect(device.get(release)).rejects.toMatchObject({ code: 'download.too_large' });
  expect(await device.store.heldBytes(release.files[0] as Release['files'][0])).toBeLessThanOrEqual(good.length);
});

test('TUF, Uptane: slow retrieval: a mirror that drips is given up, and named', async () => {
  const device = deviceAt(async function* () {
    while (true) {
      yield Buffer.alloc(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  await expect(device.get(releaseOf({ 'model.onnx': good }))).rejects.toMatchObject({ code: 'download.too_slow' });
});

test('TUF: malicious mirror: other bytes of the same length are thrown away, and named', async () => {
  const release = releaseOf({ 'model.onnx': good });
  const device = deviceAt(() => [randomBytes(good.length)]);
  await device.get(release);
  await expect(device.verify(release)).rejects.toMatchObject({ code: 'verify.digest' });
  expect(await disk.list('/d/artifacts')).toEqual([]);
});

test('TUF, Uptane: mix-and-match, partial bundle: of two files that belong together, one of another release stops both', async () => {
  const release = releaseOf({ 'model.onnx': good, 'model.data': weights });
  const older = randomBytes(weights.length);
  const device = deviceAt((sha256) => [sha256 === release.model.sha256 || isModel(release, sha256) ? good : older]);
  await device.get(release);
  await expect(device.verify(release)).rejects.toMatchObject({ code: 'verify.digest' });
  await expect(stage(disk, device.store, release, '/d/slots/default/x')).rejects.toThrow();
});
const isModel = ({ files }: Release, sha256: string) => files[0]?.sha256 === sha256;

test('TUF: extraneous dependencies: only what the signed release names is asked for', async () => {
  const release = releaseOf({ 'model.onnx': good, 'model.data': weights });
  const asked: string[] = [];
  const device = deviceAt((sha256) => {
    asked.push(sha256);
    return [isModel(release, sha256) ? good : weights];
  });
  await device.get(release);
  await device.verify(release);
  expect(asked).toEqual(release.files.map(({ sha256 }) => sha256));
  expect(await disk.list('/d/artifacts')).toEqual([...asked].sort());
});

test.each(['../identity/key.pem', '/etc/passwd', 'a/../../b', '.hidden', 'a//b', 'a\\..\\b', 'a\0b', ''])(
  'path traversal: a file named %j is refused before anything is fetched, and at staging again',
  async (path) => {
    const release = releaseOf({ 'model.onnx': good });
    const named = { ...release, files: [{ ...release.files[0], path }] };
    expect(ReleasePath.safeParse(path).success).toBe(false);
    await expectRefused(
      await sign(documentOf({ slots: { default: { deployment: uuid(3), release: named } } })),
      'desired.malformed',
    );
    const staged = stage(disk, new ArtifactStore(disk, '/d/artifacts'), named as Release, '/d/slots/default/x');
    await expect(staged).rejects.toMatchObject({ code: 'verify.path' });
  },
);

test('path traversal: a file that is a folder of another too is refused', () => {
  const release = releaseOf({ model: good, 'model/weights': weights });
  const facts = { runtimes: ['process'], executionProviders: ['cpu'], maxOpset: 99 };
  expect(() => checkRelease(release, facts as never)).toThrow(expect.objectContaining({ code: 'verify.path' }));
});

test('Uptane: wrong image: a container that is not named by digest is no release', () => {
  const runtime = { kind: 'container', image: 'registry.example/runner:latest', memoryMb: 64, cpus: 1 };
  expect(Release.safeParse({ ...makeRelease(1), runtime }).success).toBe(false);
});

test('Uptane: replay: a command is carried out once, an old one and one for another device never', async () => {
  const log = new CommandLog(new JsonFile(disk, '/d/commands.json', CommandEntries), []);
  const replies: Reply[] = [];
  let runs = 0;
  const restart = async () => {
    runs += 1;
  };
  const ports = {
    ...{ deviceId: DEVICE, trustedKeys: () => [trusted(server)], log, now: () => NOW },
    operations: { ping: restart, 'restart-runner': restart, decommission: restart } as never,
    reply: (reply: Reply) => void replies.push(reply),
  };
  const command = {
    id: uuid(9),
    deviceId: DEVICE,
    op: 'restart-runner',
    args: {},
    issuedAt: NOW,
    expiresAt: NOW + 1000,
  };
  const taken = await sign(command);
  for (let n = 0; n < 3; n++) await handleCommand(ports, uuid(9), taken);
  expect(runs).toBe(1);
  await handleCommand(ports, uuid(8), await sign({ ...command, id: uuid(8), expiresAt: NOW }));
  expect(replies.at(-1)).toMatchObject({ status: 'refused', reason: { code: 'command.expired' } });
  const foreign = handleCommand(ports, uuid(7), await sign({ ...command, id: uuid(7), deviceId: uuid(2) }));
  await expect(foreign).rejects.toMatchObject({ code: 'command.wrong_device' });
  const forged = handleCommand(ports, uuid(6), await sign({ ...command, id: uuid(6) }, attacker));
  await expect(forged).rejects.toMatchObject({ code: 'command.unknown_key' });
  const moved = handleCommand(ports, uuid(5), taken);
  await expect(moved).rejects.toMatchObject({ code: 'command.malformed' });
  expect(runs).toBe(1);
});

let listener: Server | undefined;
afterEach(() => void listener?.close());

test('Uptane: eavesdrop: to a broker with another CA the device says nothing, and it waits longer and longer', async () => {
  const [ours, theirs] = [await createPki(), await createPki()];
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let heardBytes = 0;
  let attempts = 0;
  const tls = createServer({ key: theirs.serverKey, cert: theirs.serverCertificate }, (socket) => {
    socket.on('data', (chunk) => {
      heardBytes += chunk.length;
    });
  });
  listener = tls.on('tlsClientError', () => {});
  tls.on('connection', () => {
    attempts += 1;
  });
  const port = await new Promise<number>((resolve) =>
    tls.listen(0, '127.0.0.1', () => resolve((tls.address() as { port: number }).port)),
  );
  const waits: unknown[] = [];
  const target = {
    ...{ mqttUrl: `mqtts://127.0.0.1:${port}`, deviceId: DEVICE, ca: ours.ca },
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: await ours.issue(createCsr(privateKey), DEVICE, 1),
  };
  const connection = new Connection({
    ...{ target: () => target, nextSession: async () => 1, boot: randomUUID(), agentVersion: '1' },
    ...{ onConnect: () => {}, onDisconnect: () => {}, onMessage: () => {}, now: Date.now, random: () => 0 },
    logger: { log: (_level, _message, fields) => void waits.push(fields?.waitMs), setLevel: () => {} },
  });
  connection.start();
  await until('three attempts', () => waits.length >= 3);
  await connection.stop(0);
  expect(attempts).toBeGreaterThanOrEqual(3);
  expect(heardBytes).toBe(0);
  expect(waits.slice(0, 3)).toEqual([100, 200, 400]);
});

test('Uptane: drop-request: what an attacker swallows is told again until the server has it', async () => {
  const spool = new Spool(disk, '/d/spool');
  await spool.open(randomUUID);
  const sent: number[] = [];
  let now = NOW;
  const sender = new SpoolSender(
    spool,
    (_, payload) => void sent.push(JSON.parse(payload).seq),
    () => now,
  );
  for (const message of ['a', 'b']) await spool.addEvent({ at: NOW, kind: 'agent', message });
  await sender.connected();
  now += RESEND_AFTER_MS - 1;
  await sender.tick();
  expect(sent).toEqual([1, 2]);
  now += 1;
  await sender.tick();
  expect(sent).toEqual([1, 2, 1, 2]);
  await sender.acknowledged({ boot: spool.boot, eventSeq: 2, telemetrySeq: 0 });
  now += RESEND_AFTER_MS;
  await sender.tick();
  expect(sent).toEqual([1, 2, 1, 2]);
});

test('Uptane: denial of service: the same forged document a hundred times is one event, and the next good one is obeyed', async () => {
  const forged = await sign(documentOf(), attacker);
  for (let n = 0; n < 100; n++) await inbox.receiveDesired(forged);
  expect(events).toHaveLength(1);
  await inbox.receiveDesired(await sign(documentOf()));
  expect(obeyed).toHaveLength(1);
});
