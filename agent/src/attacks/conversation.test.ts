/**
 * One test for each attack of the TUF specification (1.5.2) and the Uptane standard (4) on a device, named as they name it. Here: what is said, and to whom.
 * Each ends with the same three things: what served serves on, nothing of the attacker's is kept, and the event that is
 * reported names the suspicion.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:tls';
import { eventsOf, RESEND_AFTER_MS, type Reply } from '@flotilla/protocol';
import { afterEach, expect, test } from 'vitest';
import { CommandEntries, CommandLog } from '../commands/command-log.ts';
import { handleCommand } from '../commands/handle-command.ts';
import { Connection } from '../connection/connection.ts';
import { createCsr } from '../identity/csr.ts';
import { SpoolSender } from '../spool/sender.ts';
import { Spool } from '../spool/spool.ts';
import { JsonFile } from '../state/json-file.ts';
import { DEVICE, NOW, sign as signBy, trusted, useAttackedDevice } from '../testing/attacked-device.ts';
import { createPki } from '../testing/pki.ts';
import { uuid } from '../testing/release.ts';
import { until } from '../testing/wait.ts';

const device = useAttackedDevice();
const sign = (payload: object, signer = device.server) => signBy(payload, signer);

test('Uptane: replay: a command is carried out once, an old one and one for another device never', async () => {
  const log = new CommandLog(new JsonFile(device.disk, '/d/commands.json', CommandEntries), []);
  const replies: Reply[] = [];
  let runs = 0;
  const restart = async () => {
    runs += 1;
  };
  const ports = {
    ...{ deviceId: DEVICE, trustedKeys: () => [trusted(device.server)], log, now: () => NOW },
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
  const forged = handleCommand(ports, uuid(6), await sign({ ...command, id: uuid(6) }, device.attacker));
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
    logger: {
      log: (_level, _message, fields) => void waits.push(fields?.waitMs),
      setLevel: () => {},
      addSink: () => {},
    },
  });
  connection.start();
  await until('three attempts', () => waits.length >= 3);
  await connection.stop(0);
  expect(attempts).toBeGreaterThanOrEqual(3);
  expect(heardBytes).toBe(0);
  expect(waits.slice(0, 3)).toEqual([100, 200, 400]);
});

test('Uptane: drop-request: what an attacker swallows is told again until the server has it', async () => {
  const spool = new Spool(device.disk, '/d/spool');
  await spool.open(randomUUID);
  const sent: number[] = [];
  let now = NOW;
  const sender = new SpoolSender(
    spool,
    (_, payload) => void sent.push(...eventsOf(JSON.parse(payload)).map(({ seq }) => seq)),
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
