import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { RESEND_AFTER_MS, topicOf, type Window } from '@flotilla/protocol';
import { SpoolDevice } from '../../testing/spool-device.ts';
import { windowVariants } from '../windows.ts';
import type { BenchFleet } from './fleet.ts';
import type { Published } from './visible.ts';

/** What the bench asks of this process, and what it is told. One order at a time. */
export type Order =
  | { kind: 'connect'; url: string; fleet: BenchFleet }
  /** Every device keeps this many windows on their way until so many were sent in all. Without a worker, a PUBACK ends one's way. */
  | { kind: 'saturate'; windows: number; depth: number; until: 'acknowledged' | 'puback' }
  | { kind: 'pace'; windowsPerS: number; seconds: number };
export type Answer = {
  sent: number;
  seconds: number;
  /** From a window's entry into the spool to the acknowledgement that covers it. */
  acknowledgedAfterMs: number[];
  /** Of `pace` alone. */
  published: Published[];
};

const CONNECT_AT_ONCE = 50;
const PACE_SLICE_MS = 20;

let url = '';
let fleet: BenchFleet = { devices: [], key: '', ca: '' };
let devices: SpoolDevice[] = [];
let acknowledgedAfterMs: number[] = [];
let published: Published[] = [];
let acknowledged = 0;
const nothing = () => undefined;
/** A device has one window less on its way. */
let onRoom: (device: SpoolDevice) => void = nothing;
const windows = windowVariants();

process.on('message', (order: Order) => {
  void obey(order).then((answer) => process.send?.(answer));
});

async function obey(order: Order): Promise<Answer> {
  [acknowledgedAfterMs, published, acknowledged] = [[], [], 0];
  const startedMs = performance.now();
  const sent = await work(order);
  return { sent, seconds: (performance.now() - startedMs) / 1000, acknowledgedAfterMs, published };
}

async function work(order: Order): Promise<number> {
  if (order.kind === 'connect') {
    ({ url, fleet } = order);
    await connectAll();
    return 0;
  }
  if (order.kind === 'pace') return pace(order.windowsPerS, order.seconds);
  return order.until === 'puback' ? drain(order.windows, order.depth) : saturate(order.windows, order.depth);
}

async function connectAll(): Promise<void> {
  for (let at = 0; at < fleet.devices.length; at += CONNECT_AT_ONCE) {
    const some = fleet.devices.slice(at, at + CONNECT_AT_ONCE).map(spoolDevice);
    await Promise.all(some.map((device) => device.connected));
    devices = [...devices, ...some];
  }
}

function spoolDevice({ id, certificate }: BenchFleet['devices'][number]): SpoolDevice {
  const device = new SpoolDevice(
    url,
    id,
    { key: fleet.key, cert: certificate, ca: fleet.ca },
    {
      resendAfterMs: RESEND_AFTER_MS,
      onAcknowledged: (_seq, afterMs) => {
        acknowledged += 1;
        acknowledgedAfterMs.push(afterMs);
        onRoom(device);
      },
    },
  );
  return device;
}

/** Each acknowledgement brings the next window: to look at ten thousand devices in turn costs the machine more than what they send. */
async function saturate(count: number, depth: number): Promise<number> {
  let sent = 0;
  onRoom = (device) => {
    for (; device.heldCount < depth && sent < count; sent += 1) device.add(next(sent));
  };
  for (const device of devices) onRoom(device);
  await untilAcknowledged(count);
  onRoom = nothing;
  return sent;
}

async function pace(windowsPerS: number, seconds: number): Promise<number> {
  let sent = 0;
  for (const startedMs = performance.now(); ; await delay(PACE_SLICE_MS)) {
    const elapsedS = (performance.now() - startedMs) / 1000;
    if (elapsedS >= seconds) break;
    for (; sent < elapsedS * windowsPerS; sent += 1) publish(devices[sent % devices.length], next(sent));
  }
  await untilAcknowledged(sent);
  return sent;
}

function publish(device: SpoolDevice | undefined, window: Window): void {
  if (!device) throw new Error('there are devices');
  const atMs = Date.now();
  published.push({ deviceId: device.id, seq: device.add(window), atMs });
}

/** The same messages over as many connections to a broker that somebody drains, until it has taken all. */
async function drain(count: number, depth: number): Promise<number> {
  const boot = randomUUID();
  const lanes = devices.map(async (device, lane) => {
    for (let seq = lane; seq < count; seq += devices.length * depth) {
      const some = Array.from({ length: depth }, (_, at) => seq + at * devices.length).filter((each) => each < count);
      await Promise.all(
        some.map((number) =>
          device.client.publishAsync(
            topicOf(device.id, 'telemetry'),
            JSON.stringify({ boot, seq: number + 1, oldestSeq: 1, sentAt: Date.now(), windows: [next(number)] }),
            { qos: 1 },
          ),
        ),
      );
    }
  });
  await Promise.all(lanes);
  return count;
}

async function untilAcknowledged(count: number): Promise<void> {
  while (acknowledged < count) await delay(5);
}

function next(number: number): Window {
  const window = windows[number % windows.length];
  if (!window) throw new Error('there are variants');
  return { ...window, startMs: Date.now() - window.durationMs };
}
