import type { ReferenceProfile } from '@flotilla/protocol';
import { RegisterVersion, registerVersion } from '../services/models/register-version.ts';
import { judgeDrift } from '../services/monitoring/judge-drift.ts';
import { CreateRelease, createRelease } from '../services/releases/create-release.ts';
import { demoFile, onlineDevices, partsOf, type TestDevice, type Told } from './fleet.ts';
import { type TestFleet, testFleet } from './test-fleet.ts';

const HOUR_MS = 3_600_000;

/** A version that says nothing of its inputs, in the organization of each test. */
export const ofVersion = { model: 'vibration-fault', version: '1.0.0' };

/** What a window says beside its numbers; nothing of inputs, answers and truth that is not given. */
type Seen = Omit<Told, 'agoMs'>;
const plain = { inputs: undefined, outputs: undefined, labelled: undefined, predictions: undefined, errors: 0 };

export type MonitoredFleet = TestFleet & {
  deviceId: (at: number) => string;
  /** A release of the demo model, with what it was trained on or without. */
  releaseWith: (profile: ReferenceProfile | null, version?: string) => Promise<string>;
  /** Windows of a device that began so long ago, in one message, which may be sent again. */
  message: (
    at: number,
    windows: { ageMs: number; window: Seen }[],
    release?: string,
  ) => { send: () => ReturnType<TestFleet['ingest']> };
  send: (at: number, window: Seen, release?: string) => ReturnType<TestFleet['ingest']>;
  /** The hour ends, and drift is judged. */
  hourEnds: () => Promise<void>;
};

/** Two devices of a fresh organization for each test of a file, whose windows say what they saw and answered. Their clock is moved by hand. */
export function monitoredFleet(startAt?: Date): MonitoredFleet {
  let releaseId: string;
  let devices: TestDevice[];
  const fleet = testFleet(async ({ deps, ours, ingest }) => {
    releaseId = await releaseWith(null);
    devices = await onlineDevices(deps, ours.owner, ingest, 'ab');
  }, startAt);

  async function releaseWith(profile: ReferenceProfile | null, version = '1.0.0'): Promise<string> {
    const { deps, ours } = fleet;
    const parts: Parameters<typeof partsOf> = [
      ['model', 'm.onnx', await demoFile('vibration-fault-1.0.0.onnx')],
      ['labels', 'labels.json', await demoFile('labels.json')],
    ];
    if (profile) parts.push(['reference', 'reference.json', Buffer.from(JSON.stringify(profile))]);
    await registerVersion(deps, ours.owner, RegisterVersion.parse({ ...ofVersion, version }), partsOf(...parts));
    return (await createRelease(deps, ours.owner, CreateRelease.parse({ ...ofVersion, version }))).release.id;
  }

  const message: MonitoredFleet['message'] = (at, windows, release = releaseId) => {
    const device = devices[at];
    if (!device) throw new Error('no such device');
    const told = windows.map(({ ageMs, window }) => ({ ...plain, agoMs: ageMs, releaseId: release, ...window }));
    const body = device.telemetry(...told);
    return { send: () => fleet.ingest(device.id, 'telemetry', body) };
  };

  return Object.assign(fleet, {
    deviceId: (at: number) => devices[at]?.id ?? '',
    releaseWith,
    message,
    send: (at: number, window: Seen, release?: string) => message(at, [{ ageMs: 20_000, window }], release).send(),
    hourEnds: async () => {
      fleet.clock.forwardMs(HOUR_MS + 6 * 60_000);
      await fleet.fold();
      await judgeDrift(fleet.deps);
    },
  });
}
