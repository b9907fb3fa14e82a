import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addToSketch, emptySketch, sketchToWire } from '@flotilla/protocol';
import root from 'otlp-decoder/build/src/generated/root.js';
import { afterEach, expect, test } from 'vitest';
import { demoRelease, onlineDevices } from '../../testing/fleet.ts';
import { createTestOrganization } from '../../testing/organizations.ts';
import { type TestFleet, testFleet } from '../../testing/test-fleet.ts';
import { pushMetrics } from './push-metrics.ts';

/** OpenTelemetry's own classes of its protocol buffers, from the last version of its package that had them. */
const { opentelemetry } = root as unknown as {
  opentelemetry: { proto: { collector: { metrics: { v1: { ExportMetricsServiceRequest: Message } } } } };
};
type Message = {
  decode: (bytes: Uint8Array) => unknown;
  toObject: (message: unknown, options: { longs: NumberConstructor; defaults: true }) => Request;
};
type Attribute = { key: string; value: { stringValue: string } };
type Point = {
  attributes: Attribute[];
  startTimeUnixNano: number;
  timeUnixNano: number;
  asInt?: number;
  asDouble?: number;
};
type Histogram = Point & {
  count: number;
  sum: number;
  scale: number;
  zeroCount: number;
  min: number;
  max: number;
  positive: { offset: number; bucketCounts: number[] };
};
type Metric = {
  name: string;
  unit: string;
  sum?: { dataPoints: Point[]; isMonotonic: boolean; aggregationTemporality: number };
  gauge?: { dataPoints: Point[] };
  exponentialHistogram?: { dataPoints: Histogram[]; aggregationTemporality: number };
};
type Request = {
  resourceMetrics: { resource: { attributes: Attribute[] }; scopeMetrics: { metrics: Metric[] }[] }[];
};

const DELTA = 1;
const MINUTE_MS = 60_000;
let clock: TestFleet['clock'];
let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let ingest: TestFleet['ingest'];
let pool: TestFleet['pool'];
let collector: Server;
let received: { path: string; headers: IncomingMessage['headers']; request: Request }[];
let answers: number[];
const fleet = testFleet(async (made) => {
  ({ clock, deps, ingest, pool } = made);
  await pool.query('TRUNCATE organization CASCADE'); // The minutes of every organization are pushed.
  await pool.query('TRUNCATE lease');
  ours = await createTestOrganization(made.db);
  [received, answers] = [[], []];
  const { ExportMetricsServiceRequest: type } = opentelemetry.proto.collector.metrics.v1;
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const decoded = type.toObject(type.decode(Buffer.concat(chunks)), { longs: Number, defaults: true });
    received.push({ path: request.url ?? '', headers: request.headers, request: decoded });
    response.writeHead(answers.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await new Promise((resolve) => collector.close(resolve));
});

const push = (holder = 'w1') =>
  pushMetrics(
    deps,
    { url: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`, headers: { 'x-key': 'secret' } },
    holder,
  );
const metricsOf = (at = 0) =>
  new Map(
    received[at]?.request.resourceMetrics[0]?.scopeMetrics[0]?.metrics.map((metric) => [metric.name, metric]) ?? [],
  );
const startsOf = () =>
  received.map(({ request }) => {
    const [metric] = request.resourceMetrics[0]?.scopeMetrics[0]?.metrics ?? [];
    const [point] = metric?.sum?.dataPoints ?? metric?.gauge?.dataPoints ?? [];
    return (point?.startTimeUnixNano ?? 0) / 1e6;
  });

/** A device that made 300 inferences, 3 of them wrong, in the minute that is sent next. */
async function measure(latenciesMs: readonly number[]): Promise<void> {
  const release = await demoRelease(deps, ours.owner, '1.0.0');
  const [device] = await onlineDevices(deps, ours.owner, ingest, 'a');
  if (!device) throw new Error('no device');
  const run = emptySketch();
  for (const each of latenciesMs) addToSketch(run, each);
  const nowMs = clock.now().getTime();
  const startMs = Math.floor((nowMs - 90_000) / MINUTE_MS) * MINUTE_MS - MINUTE_MS + 1_000;
  await device.measures({
    ...{ agoMs: nowMs - startMs, releaseId: release.id, inferences: 300, errors: 3, energyJ: 150 },
    latencyMs: { run: sketchToWire(run) },
    labelled: { n: 100, correct: 90 },
  });
}

test('a minute of the fleet reaches a collector as OpenTelemetry, with latency as a histogram', async () => {
  const latencies = [...Array.from({ length: 90 }, () => 5), ...Array.from({ length: 10 }, () => 40)];
  await measure(latencies);
  await push();
  expect(received).toHaveLength(1);
  expect(received[0]?.path).toBe('/v1/metrics');
  expect(received[0]?.headers).toMatchObject({ 'content-type': 'application/x-protobuf', 'x-key': 'secret' });
  const attributes = received[0]?.request.resourceMetrics[0]?.resource.attributes.map(({ key, value }) => [
    key,
    value.stringValue,
  ]);
  const { slug } = await fleet.db.organization.findUniqueOrThrow({ where: { id: ours.organizationId } });
  expect(attributes).toEqual([
    ['service.name', 'flotilla'],
    ['flotilla.organization', slug],
  ]);
  const metrics = metricsOf();
  expect(metrics.get('flotilla.inferences')?.sum).toMatchObject({
    isMonotonic: true,
    aggregationTemporality: DELTA,
    dataPoints: [{ asInt: 300 }],
  });
  expect(metrics.get('flotilla.inference.errors')?.sum?.dataPoints).toMatchObject([{ asInt: 3 }]);
  expect(metrics.get('flotilla.inference.energy')?.sum?.dataPoints).toMatchObject([{ asDouble: 150 }]);
  expect(metrics.get('flotilla.accuracy')?.gauge?.dataPoints).toMatchObject([{ asDouble: 0.9 }]);
  expect(metrics.get('flotilla.devices.connectivity')?.gauge?.dataPoints).toMatchObject([
    { asInt: 1, attributes: [{ key: 'connectivity', value: { stringValue: 'online' } }] },
  ]);
  const duration = metrics.get('flotilla.inference.duration');
  expect(duration?.unit).toBe('s');
  const [point] = duration?.exponentialHistogram?.dataPoints ?? [];
  if (!point) throw new Error('there is a histogram');
  expect(point.attributes.map(({ key, value }) => [key, value.stringValue])).toEqual([
    ['flotilla.model.name', 'vibration-fault'],
    ['flotilla.model.version', '1.0.0'],
  ]);
  expect(point).toMatchObject({ count: 100, zeroCount: 0, scale: 6, min: 0.005, max: 0.04 });
  expect(point.sum).toBeCloseTo(0.85);
  expect(point.timeUnixNano - point.startTimeUnixNano).toBe(MINUTE_MS * 1e6);
  const filled = point.positive.bucketCounts.flatMap((n, at) =>
    n > 0 ? [{ n, index: point.positive.offset + at }] : [],
  );
  expect(filled.map(({ n }) => n)).toEqual([90, 10]);
  for (const [at, seconds] of [0.005, 0.04].entries())
    expect(Math.abs(2 ** (((filled[at]?.index ?? 0) + 0.5) / 64) / seconds - 1)).toBeLessThan(0.016);
});

test('every minute is sent once, by one worker, and those that a collector missed are sent when it is back', async () => {
  await push();
  await push();
  await push('w2');
  expect(received).toHaveLength(1);
  answers = [503];
  clock.forwardMs(MINUTE_MS);
  await expect(push()).rejects.toThrow('503');
  clock.forwardMs(2 * MINUTE_MS);
  await push();
  const [first = 0, failed = 0, ...later] = startsOf();
  expect([failed - first, ...later.map((at) => at - first)].map((ms) => ms / MINUTE_MS)).toEqual([1, 1, 2, 3]);
});

test('what a collector refuses for good is left out, and what is older than an hour', async () => {
  await push();
  answers = [400];
  clock.forwardMs(3 * 3_600_000);
  await push();
  const starts = startsOf();
  expect(starts).toHaveLength(61);
  expect((starts.at(-1) ?? 0) - (starts[1] ?? 0)).toBe(59 * MINUTE_MS);
});
