import { generateKeyPairSync } from 'node:crypto';
import { appendFile, chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnrollRequest, TrustedKey, Uuid } from '@flotilla/protocol';
import { decodeProtectedHeader } from 'jose';
import * as z from 'zod';
import type { ConnectionTarget } from '../src/connection/connection.ts';
import { agentUrl, openHttp, problemOf, readText } from '../src/connection/http.ts';
import { createCsr } from '../src/identity/csr.ts';
import { askUntilAnswered } from '../src/identity/enroll.ts';
import type { Logger } from '../src/logger.ts';
import { atOnce } from './at-once.ts';
import { factsOf, hardwareOf } from './hardware.ts';

/** Enrolments on their way. A server signs about as many at a time as it has cores and database connections. */
const ENROLL_AT_ONCE = 16;

/** Enrolled devices are written down in groups of this size. */
const SAVE_EVERY = 200;

const Server = z.object({ ca: z.string(), mqttUrl: z.url(), trustedKeys: z.array(TrustedKey).min(1) });
type Server = z.infer<typeof Server>;
const Enrolled = z.object({ index: z.number().int().min(0), deviceId: Uuid, key: z.string(), certificate: z.string() });
type Enrolled = z.infer<typeof Enrolled>;

export type DeviceIdentity = { index: number; deviceId: string; name: string; target: ConnectionTarget };
export type EnrolledFleet = {
  identities: DeviceIdentity[];
  trustedKeys: TrustedKey[];
  enrolled: number;
  enrollS: number;
};

export type EnrollOptions = {
  serverUrl: string;
  /** Needed for devices that this folder does not know yet. */
  token: string | null;
  dir: string;
  devices: number;
  seed: number;
  namePrefix: string;
  logger: Logger;
  signal: AbortSignal;
  onProgress: (enrolled: number, of: number) => void;
};

/**
 * The keys and certificates of the fleet: from the folder, as far as they are there and the server is the one that made them, else
 * by enrolling. @throws Error with a sentence for a person.
 */
export async function enrollFleet(options: EnrollOptions): Promise<EnrolledFleet> {
  const { dir, devices, token, signal, onProgress } = options;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const kept = await loadKept(options);
  const missing = Array.from({ length: devices }, (_, index) => index).filter((index) => !kept.devices.has(index));
  const startedMs = performance.now();
  if (missing.length > 0) {
    if (token === null) throw new Error(`${missing.length} devices are not enrolled yet. Name a token with --token.`);
    let unsaved: Enrolled[] = [];
    let done = 0;
    const save = async (least: number) => {
      if (unsaved.length < least) return;
      const lines = unsaved.map((each) => `${JSON.stringify(each)}\n`).join('');
      unsaved = [];
      await appendFile(join(dir, 'devices.jsonl'), lines, { mode: 0o600 });
    };
    try {
      await atOnce(ENROLL_AT_ONCE, missing, async (index) => {
        signal.throwIfAborted();
        const { device, server } = await enrollOne(options, token, index);
        if (!kept.server) await writeFile(join(dir, 'server.json'), JSON.stringify(server), { mode: 0o600 });
        kept.server = server;
        kept.devices.set(index, device);
        unsaved.push(device);
        done += 1;
        onProgress(done, missing.length);
        await save(SAVE_EVERY);
      });
    } finally {
      await save(1);
    }
  }
  const { server } = kept;
  if (!server) throw new Error('There is no device to simulate.');
  const identities = [...kept.devices.values()]
    .filter(({ index }) => index < devices)
    .sort((a, b) => a.index - b.index)
    .map((device) => identityOf(options, server, device));
  const enrollS = (performance.now() - startedMs) / 1000;
  return { identities, trustedKeys: server.trustedKeys, enrolled: missing.length, enrollS };
}

type Kept = { server: Server | null; devices: Map<number, Enrolled> };

/** What another server made is of no use here; it is deleted, because it would never be again. */
async function loadKept({ dir, serverUrl }: EnrollOptions): Promise<Kept> {
  const path = join(dir, 'server.json');
  const text = await readFile(path, 'utf8').catch(() => null);
  const signedBy = await signingKeyOf(serverUrl);
  const server = text === null ? null : Server.parse(JSON.parse(text));
  if (!server?.trustedKeys.some(({ kid }) => kid === signedBy)) {
    for (const name of ['server.json', 'devices.jsonl']) await rm(join(dir, name), { force: true });
    return { server: null, devices: new Map() };
  }
  await chmod(path, 0o600);
  const lines = (await readFile(join(dir, 'devices.jsonl'), 'utf8').catch(() => '')).split('\n');
  const devices = lines.flatMap((line) => {
    try {
      return [Enrolled.parse(JSON.parse(line))];
    } catch {
      return []; // The last line of a process that was killed, or the empty one behind it.
    }
  });
  return { server, devices: new Map(devices.map((device) => [device.index, device])) };
}

/** The key with which the server signs now: it tells one installation from another. */
async function signingKeyOf(serverUrl: string): Promise<string | undefined> {
  const response = await openHttp({ url: agentUrl(serverUrl, 'time') }).catch((cause: Error) => {
    throw new Error(`No Flotilla answers at ${serverUrl}: ${cause.message}`, { cause });
  });
  const text = await readText(response);
  const status = response.statusCode ?? 0;
  if (status !== 200) throw new Error(`${serverUrl} is not a Flotilla: ${problemOf(status, text).message}`);
  return decodeProtectedHeader(text).kid;
}

async function enrollOne(
  { serverUrl, seed, namePrefix, logger, signal }: EnrollOptions,
  token: string,
  index: number,
): Promise<{ device: Enrolled; server: Server }> {
  const name = nameOf(namePrefix, index);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const facts = factsOf(name, hardwareOf(seed, index));
  const body = EnrollRequest.parse({ token, csr: createCsr(privateKey), facts, name });
  const answer = await askUntilAnswered({ logger, random: Math.random }, { serverUrl, signal }, JSON.stringify(body));
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const { deviceId, certificate, ca, mqttUrl, trustedKeys } = answer;
  return { device: { index, deviceId, key, certificate }, server: { ca, mqttUrl, trustedKeys } };
}

function identityOf({ namePrefix }: EnrollOptions, { ca, mqttUrl }: Server, device: Enrolled): DeviceIdentity {
  const { index, deviceId, key, certificate } = device;
  return { index, deviceId, name: nameOf(namePrefix, index), target: { mqttUrl, deviceId, key, certificate, ca } };
}

function nameOf(prefix: string, index: number): string {
  return `${prefix}-${String(index + 1).padStart(5, '0')}`;
}
