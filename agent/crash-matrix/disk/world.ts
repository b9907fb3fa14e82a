import { createHash } from 'node:crypto';
import {
  type DesiredSlot,
  type DeviceEvent,
  eventsOf,
  Release,
  type Telemetry,
  type TrustedKey,
} from '@flotilla/protocol';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { uuid } from '../../src/testing/release.ts';

export const DEVICE = uuid(1);
export const COMMAND = uuid(77);

const signer = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
export const trustedKey: TrustedKey = {
  kid: 'matrix',
  kty: 'OKP',
  crv: 'Ed25519',
  x: (await exportJWK(signer.publicKey)).x ?? '',
};

/** Artifacts by digest; the same for every world. */
export const artifacts = new Map<string, Buffer>();

function fileOf(path: string, role: 'model' | 'labels', content: string) {
  const bytes = Buffer.from(content.repeat(12));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  artifacts.set(sha256, bytes);
  return { path, role, sha256, sizeBytes: bytes.length };
}

/** A release of two files, one in a folder of its own. */
function releaseOf(n: number): ReturnType<typeof Release.parse> {
  const model = fileOf('model.onnx', 'model', `the weights of version ${n} `);
  const labels = fileOf('names/labels.json', 'labels', `the labels of version ${n} `);
  return Release.parse({
    id: uuid(n),
    model: { name: 'vibration-fault', version: `${n}.0.0`, sha256: model.sha256 },
    files: [model, labels],
    runtime: { kind: 'process' },
    settings: {},
    input: { source: 'http' },
    proof: {},
    observe: { seconds: 1 },
  });
}
export const slotOf = (n: number, deployment = n): DesiredSlot => ({
  deployment: uuid(1000 + deployment),
  release: releaseOf(n),
});

const signed = new Map<string, string>();

/** The signed document of one generation; the same bytes each time, as a retained message is. */
export async function documentOf(generation: number, slot: DesiredSlot): Promise<string> {
  const key = `${generation} ${slot.deployment}`;
  const known = signed.get(key);
  if (known) return known;
  const times = { issuedAt: 1, expiresAt: 8_000_000_000_000 };
  const document = { v: 1, deviceId: DEVICE, generation, ...times, slots: { default: slot }, telemetry: {} };
  const jws = await new CompactSign(Buffer.from(JSON.stringify(document)))
    .setProtectedHeader({ alg: 'EdDSA', kid: trustedKey.kid })
    .sign(signer.privateKey);
  signed.set(key, jws);
  return jws;
}

type Told = { boot: string; seq: number; body: string };

/** What the server and the bench beside the device know: it outlives every crash. */
export class World {
  told = new Map<string, Told>();
  sessions: number[] = [];
  generation = 0;
  commandRuns = 0;
  isCommandAnswered = false;
  /** Versions whose inferences fail once they serve. */
  readonly failing: ReadonlySet<string>;
  /** Versions that may answer requests. */
  readonly allowed: ReadonlySet<string>;
  readonly problems: string[] = [];

  constructor(failing: ReadonlySet<string>, allowed: ReadonlySet<string>) {
    this.failing = failing;
    this.allowed = allowed;
  }

  clone(): World {
    const copy = new World(this.failing, this.allowed);
    copy.told = new Map(this.told);
    copy.sessions = [...this.sessions];
    copy.generation = this.generation;
    copy.commandRuns = this.commandRuns;
    copy.isCommandAnswered = this.isCommandAnswered;
    return copy;
  }

  expect(isTrue: boolean, problem: string): void {
    if (!isTrue) this.problems.push(problem);
  }

  /** Takes a message as ingest does: a number that comes again must bring the same content. */
  receive(kind: 'events' | 'telemetry', payload: string): void {
    const message = JSON.parse(payload);
    for (const each of kind === 'events' ? eventsOf(message) : [message]) this.#receiveOne(kind, each);
  }

  #receiveOne(kind: string, each: DeviceEvent | Telemetry): void {
    const { boot, seq, oldestSeq: _, sentAt: _at, dropped: _d, ...content } = each;
    const key = `${kind} ${boot} ${seq}`;
    const body = JSON.stringify(content);
    const before = this.told.get(key);
    this.expect(!before || before.body === body, `${key} was told twice: ${before?.body} and ${body}`);
    this.told.set(key, { boot, seq, body });
  }

  /** Highest number of this life with nothing missing below it. */
  committed(kind: 'events' | 'telemetry', boot: string): number {
    let seq = 0;
    while (this.told.has(`${kind} ${boot} ${seq + 1}`)) seq += 1;
    return seq;
  }

  events(): Record<string, unknown>[] {
    const all = [...this.told].filter(([key]) => key.startsWith('events '));
    return all.sort(([, a], [, b]) => a.seq - b.seq).map(([, { body }]) => JSON.parse(body));
  }
}
