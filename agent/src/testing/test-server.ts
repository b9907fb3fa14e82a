import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import {
  type Command,
  type DesiredAgent,
  type DesiredSlot,
  type DeviceEvent,
  EnrollRequest,
  EventMessage,
  eventsOf,
  LogBatch,
  mayDevicePublish,
  mayDeviceSubscribe,
  parseTopic,
  RegistryTokenRequest,
  type RegistryTokenResponse,
  Reply,
  Reported,
  Session,
  Telemetry,
  type TrustedKey,
  topicOf,
} from '@flotilla/protocol';
import { Aedes, type Client } from 'aedes';
import { CompactSign, exportJWK, generateKeyPair, importJWK, jwtVerify } from 'jose';
import { createPki } from './pki.ts';

export const TEST_TOKEN = `flt_enr_${'0'.repeat(32)}_${'a'.repeat(43)}`;

export type TestServer = Awaited<ReturnType<typeof startTestServer>>;

/** Answers an artifact request; the default sends what `artifacts` holds, with Range. */
type ArtifactHandler = (request: IncomingMessage, response: ServerResponse, bytes: Buffer) => void;

/**
 * The server's side of the device protocol, real where a device can tell: TLS with certificates, an MQTT broker that binds
 * client id to certificate, signatures, Range. It commits and acknowledges at once unless `isAcking` is false.
 */
export async function startTestServer() {
  const pki = await createPki();
  const signer = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const trustedKey: TrustedKey = {
    kid: 'test',
    kty: 'OKP',
    crv: 'Ed25519',
    x: (await exportJWK(signer.publicKey)).x ?? '',
  };
  const devices = new Map<string, string>();
  const artifacts = new Map<string, Buffer>();
  const state = {
    isAcking: true,
    sessions: [] as Session[],
    reported: [] as Reported[],
    events: new Map<string, DeviceEvent>(),
    telemetry: new Map<string, Telemetry>(),
    replies: [] as Reply[],
    logs: [] as LogBatch[],
    /** What devices handed up, by the id of its command. */
    archives: new Map<string, Buffer>(),
    artifactRequests: [] as { sha256: string; range: string | undefined }[],
    onArtifact: sendRange as ArtifactHandler,
    pendingEnrolments: 0,
    certificateDays: 30,
    renewals: 0,
    registryCredentials: { scheme: 'none' } as RegistryTokenResponse,
    registryTokensFor: [] as string[],
    desiredJws: null as string | null,
  };

  const broker = await Aedes.createBroker({
    authenticate: (client, _user, _password, done) => done(null, commonNameOf(client) === client.id),
    authorizePublish: (client, packet, done) =>
      done(client && !mayDevicePublish(client.id, packet.topic) ? new Error('not allowed') : null),
    authorizeSubscribe: (client, subscription, done) =>
      done(null, client && mayDeviceSubscribe(client.id, subscription.topic) ? subscription : null),
  });
  const publish = (topic: string, payload: string, retain = false) =>
    new Promise<void>((resolve, reject) => {
      const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain, dup: false } as const;
      broker.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  broker.on('publish', (packet, client) => {
    const parsed = parseTopic(packet.topic);
    if (!client || !parsed) return;
    const body = JSON.parse(packet.payload.toString());
    if (parsed.kind === 'session') state.sessions.push(Session.parse(body));
    if (parsed.kind === 'reported') state.reported.push(Reported.parse(body));
    if (parsed.kind === 'reply') state.replies.push(Reply.parse(body));
    for (const event of parsed.kind === 'events' ? eventsOf(EventMessage.parse(body)) : [])
      state.events.set(`${event.boot} ${event.seq}`, event);
    if (parsed.kind === 'log') state.logs.push(LogBatch.parse(body));
    if (parsed.kind === 'telemetry') state.telemetry.set(`${body.boot} ${body.seq}`, Telemetry.parse(body));
    if (state.isAcking && (parsed.kind === 'events' || parsed.kind === 'telemetry')) void acknowledge(parsed.deviceId);
  });
  async function acknowledge(deviceId: string) {
    const boot = [...state.events.values(), ...state.telemetry.values()].at(-1)?.boot;
    if (!boot) return;
    const highest = (seqs: number[]) => contiguous(seqs);
    const eventSeq = highest([...state.events.values()].filter((each) => each.boot === boot).map(({ seq }) => seq));
    const telemetrySeq = highest(
      [...state.telemetry.values()].filter((each) => each.boot === boot).map(({ seq }) => seq),
    );
    await publish(topicOf(deviceId, 'ack'), JSON.stringify({ boot, eventSeq, telemetrySeq }));
  }

  const sockets = new Set<TLSSocket>();
  const tls: TlsServer = createTlsServer(
    { key: pki.serverKey, cert: pki.serverCertificate, ca: pki.ca, requestCert: true, rejectUnauthorized: true },
    (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      broker.handle(socket);
    },
  );
  const mqttPort = await listen(tls);
  const http: Server = createServer(
    (request, response) => void answer(request, response).catch(() => response.destroy()),
  );
  const url = `http://127.0.0.1:${await listen(http)}`;

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const problem = (status: number, code: string, detail: string) =>
      send(status, { type: 'about:blank', title: code, status, code, detail });
    const path = request.url?.replace('/api/agent/v1/', '') ?? '';
    if (path === 'enroll') {
      const asked = EnrollRequest.parse(JSON.parse(await textOf(request)));
      if (asked.token !== TEST_TOKEN) return problem(403, 'token_unknown', 'This token is not valid. Make a new one.');
      if (state.pendingEnrolments-- > 0) return send(202, { retryAfterS: 0.05 });
      const deviceKey = pki.keyOf(asked.csr);
      const deviceId = devices.get(deviceKey) ?? randomUUID();
      devices.set(deviceKey, deviceId);
      const certificate = await pki.issue(asked.csr, deviceId, state.certificateDays);
      const mqttUrl = `mqtts://127.0.0.1:${mqttPort}`;
      return send(201, {
        deviceId,
        certificate,
        ca: pki.ca,
        mqttUrl,
        apiUrl: url,
        trustedKeys: [trustedKey],
        serverTime: Date.now(),
      });
    }
    const deviceId = await deviceOf(request);
    if (!deviceId) return problem(401, 'bad_token', 'The device token is not valid.');
    if (path === 'renew') {
      const { csr } = JSON.parse(await textOf(request));
      state.renewals += 1;
      return send(200, { certificate: await pki.issue(csr, deviceId, 30), ca: pki.ca });
    }
    if (path === 'registry-token') {
      state.registryTokensFor.push(RegistryTokenRequest.parse(JSON.parse(await textOf(request))).image);
      return send(200, state.registryCredentials);
    }
    if (path === 'desired') {
      if (state.desiredJws === null) return problem(404, 'not_found', 'Nothing is desired.');
      const etag = `"${generation}"`;
      if (request.headers['if-none-match'] === etag) return response.writeHead(304).end();
      return response.writeHead(200, { etag }).end(state.desiredJws);
    }
    const commandId = /^commands\/([0-9a-f-]{36})\/archive$/.exec(path)?.[1];
    if (commandId && request.method === 'PUT') {
      const bytes = await bytesOf(request);
      const digest = createHash('sha256').update(bytes).digest('hex');
      if (digest !== request.headers['flotilla-sha256']) return problem(400, 'wrong_digest', 'Other bytes.');
      state.archives.set(commandId, bytes);
      return send(201, { sha256: digest, sizeBytes: bytes.length });
    }
    const sha256 = /^artifacts\/([0-9a-f]{64})$/.exec(path)?.[1];
    const bytes = sha256 && artifacts.get(sha256);
    if (!sha256 || !bytes) return problem(404, 'not_found', 'No such artifact.');
    state.artifactRequests.push({ sha256, range: request.headers.range });
    state.onArtifact(request, response, bytes);
  }

  async function deviceOf(request: IncomingMessage): Promise<string | null> {
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    for (const [spki, deviceId] of devices) {
      const point = Buffer.from(spki, 'hex').subarray(-64);
      const jwk = {
        kty: 'EC',
        crv: 'P-256',
        x: point.subarray(0, 32).toString('base64url'),
        y: point.subarray(32).toString('base64url'),
      };
      const options = { audience: 'flotilla-agent-api', subject: deviceId, algorithms: ['ES256'], maxTokenAge: 300 };
      if (await jwtVerify(token, await importJWK(jwk, 'ES256'), options).catch(() => null)) return deviceId;
    }
    return null;
  }

  async function sign(document: object): Promise<string> {
    const payload = new TextEncoder().encode(JSON.stringify(document));
    return await new CompactSign(payload)
      .setProtectedHeader({ alg: 'EdDSA', kid: trustedKey.kid })
      .sign(signer.privateKey);
  }

  let generation = 0;
  return {
    url,
    pki,
    state,
    artifacts,
    devices,
    publish,
    sign,
    /** Tells a device what to run, as the worker does: signed, retained. */
    async desire(
      deviceId: string,
      slots: Record<string, DesiredSlot | null>,
      telemetry: object = { windowS: 1, logLevel: 'debug' },
      agent?: DesiredAgent,
    ) {
      generation += 1;
      const times = { issuedAt: Date.now(), expiresAt: Date.now() + 3_600_000 };
      state.desiredJws = await sign({
        v: 1,
        deviceId,
        generation,
        ...times,
        slots,
        telemetry,
        ...(agent && { agent }),
      });
      await publish(topicOf(deviceId, 'desired'), state.desiredJws, true);
    },
    async command(deviceId: string, command: Pick<Command, 'op'> & Partial<Command>) {
      const id = command.id ?? randomUUID();
      const times = { issuedAt: Date.now(), expiresAt: Date.now() + 60_000 };
      await publish(topicOf(deviceId, 'cmd', id), await sign({ id, deviceId, args: {}, ...times, ...command }));
      return id;
    },
    acknowledge,
    phases: (deployment: string) =>
      [...state.events.values()]
        .filter((each) => each.kind === 'phase' && each.deployment === deployment)
        .map(({ to }) => to),
    latest: () => state.reported.at(-1),
    /** Cuts every MQTT connection, as a broker that restarts. */
    cutConnections: () => {
      for (const socket of sockets) socket.destroy();
    },
    async stop() {
      await new Promise<void>((resolve) => broker.close(resolve));
      http.closeAllConnections();
      http.close();
      tls.close();
    },
  };
}

export const sendRange: ArtifactHandler = (request, response, bytes) => {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const rest = bytes.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': rest.length }).end(rest);
};

function commonNameOf(client: Client): string | undefined {
  const { CN } = (client.conn as TLSSocket).getPeerCertificate().subject;
  return Array.isArray(CN) ? CN[0] : CN;
}

/** The highest number with nothing missing below it, from the lowest on. */
function contiguous(seqs: number[]): number {
  const sorted = [...seqs].sort((a, b) => a - b);
  let reached = (sorted[0] ?? 1) - 1;
  for (const seq of sorted) if (seq === reached + 1) reached = seq;
  return reached;
}

async function listen(server: Server | TlsServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function textOf(request: IncomingMessage): Promise<string> {
  return (await bytesOf(request)).toString('utf8');
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
