import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { createLogger, messageOf } from '../src/logger.ts';
import { Fleet } from './fleet.ts';
import { enrollFleet } from './identities.ts';
import { help, readSimulatorOptions, type SimulatorOptions } from './options.ts';

/** What a parent process may ask over the channel; each is answered with a message of the same kind. */
const Order = z.object({ kind: z.enum(['begin', 'report', 'stop']) });

/** A line of progress at most this often. */
const SAY_EVERY_MS = 2_000;

const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
process.once('disconnect', () => ending.abort());

const say = (line: string) => console.log(`  ${line}`);
const tell = (message: object) => process.send?.(message);
const seconds = (ms: number) => (ms / 1000).toFixed(1);

try {
  const options = readSimulatorOptions(process.argv.slice(2));
  if (options) await simulate(options);
  else console.log(help);
  process.exit(0);
} catch (error) {
  if (ending.signal.aborted) process.exit(0);
  await complain(messageOf(error));
  process.exit(1);
}

/** To the person, by way of the parent process when there is one. */
async function complain(message: string): Promise<void> {
  if (process.send) await new Promise((sent) => process.send?.({ kind: 'failed', message }, sent));
  else console.error(message);
}

async function simulate(options: SimulatorOptions): Promise<void> {
  const logger = createLogger((line) => process.stderr.write(line), Date.now, 'error');
  const enrolled = await enrollFleet({
    ...options,
    serverUrl: options.url,
    namePrefix: options.name,
    logger,
    signal: ending.signal,
    onProgress: progressOf('enrolled'),
  });
  const { identities, enrollS } = enrolled;
  if (enrolled.enrolled > 0) say(`enrolled ${rateOf(enrolled.enrolled, enrollS * 1000)}`);
  const memory = join(options.dir, 'fleet.json');
  const fleet = new Fleet({ ...options, enrolled, firstVersion: await readFirstVersion(memory), logger });
  const connectingMs = performance.now();
  const progress = progressOf('connected');
  await fleet.connect((turns) => progress(turns, identities.length));
  const connectMs = performance.now() - connectingMs;
  if (!ending.signal.aborted) {
    say(`connected ${rateOf(fleet.connected, connectMs)}`);
    if (fleet.connected === 0) throw new Error(`No device could connect to ${identities[0]?.target.mqttUrl}.`);
    tell({
      kind: 'ready',
      enrolled: enrolled.enrolled,
      enrollS,
      connected: fleet.connected,
      connectS: connectMs / 1000,
    });
    process.on('message', (message) => obey(fleet, message));
    if (!options.wait) fleet.begin();
    await untilEnded(fleet);
  }
  await fleet.stop();
  await writeFile(memory, JSON.stringify({ firstVersion: fleet.firstVersion }));
}

/** Says now and then how the fleet is, as long as that changes. */
async function untilEnded(fleet: Fleet): Promise<void> {
  let last = '';
  const telling = setInterval(() => {
    const { connected, devices, versions } = fleet.report();
    const served = Object.entries(versions).map(([version, count]) => `${count} serve ${version}`);
    const line = [`${connected} of ${devices} connected`, ...served.sort()].join(', ');
    if (line !== last) say(line);
    last = line;
  }, SAY_EVERY_MS);
  await new Promise<void>((resolve) => {
    if (ending.signal.aborted) resolve();
    ending.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  clearInterval(telling);
}

function obey(fleet: Fleet, message: unknown): void {
  const order = Order.safeParse(message);
  if (!order.success) return;
  const { kind } = order.data;
  if (kind === 'begin') fleet.begin();
  if (kind === 'stop') ending.abort();
  const { user, system } = process.cpuUsage();
  tell({ kind, ...fleet.report(), cpuS: (user + system) / 1e6, rssMb: process.memoryUsage.rss() / 2 ** 20 });
}

async function readFirstVersion(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? null : z.object({ firstVersion: z.string().nullable() }).parse(JSON.parse(text)).firstVersion;
}

function progressOf(what: string): (done: number, of: number) => void {
  let saidMs = performance.now();
  return (done, of) => {
    if (performance.now() - saidMs < SAY_EVERY_MS) return;
    saidMs = performance.now();
    say(`${what} ${done} of ${of} …`);
  };
}

function rateOf(count: number, ms: number): string {
  return `${count} devices in ${seconds(ms)} s${ms > 0 ? ` (${((count * 1000) / ms).toFixed(0)} a second)` : ''}`;
}
