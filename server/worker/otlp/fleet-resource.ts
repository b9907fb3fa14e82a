import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { TelemetryBucket } from '../../db/telemetry.ts';
import { exponentialHistogramOf } from '../../domain/telemetry/exponential-histogram.ts';
import { metricOf } from '../../domain/telemetry/metrics.ts';
import type { FleetMetrics } from '../../queries/fleet-metrics.ts';

/** One minute of one organization: what each version did in it, and what the fleet is at its end. */
export type FleetMinute = {
  organization: string;
  from: Date;
  to: Date;
  versions: { model: string; version: string; bucket: TelemetryBucket }[];
  fleet: Pick<FleetMetrics, 'devices' | 'openRollouts' | 'refusedMessages' | 'droppedWindows'>;
};

type Point = DataPoint<number>;

/** ValueType of `@opentelemetry/api`. */
const INT = 0;
const DOUBLE = 1;

const MS = 1 / 1000;

/**
 * The minute as OpenTelemetry metrics. Counts are deltas of the minute, latency is an exponential histogram in seconds made from the merged
 * sketch, states are gauges. What was not measured has no data point.
 */
export function fleetResource({ organization, from, to, versions, fleet }: FleetMinute): ResourceMetrics {
  const span = { startTime: hrTime(from), endTime: hrTime(to) };
  const ofVersions = (value: (bucket: TelemetryBucket) => number | null): Point[] =>
    versions.flatMap(({ model, version, bucket }) => {
      const measured = value(bucket);
      return measured === null ? [] : [{ ...span, attributes: attributesOf(model, version), value: measured }];
    });
  const ofStates = (axis: string, counts: Record<string, number>): Point[] =>
    Object.entries(counts).map(([state, value]) => ({ ...span, attributes: { [axis]: state }, value }));
  const latency = versions
    .filter(({ bucket }) => bucket.latency.count > 0)
    .map(({ model, version, bucket }) => ({
      ...span,
      attributes: attributesOf(model, version),
      value: { ...exponentialHistogramOf(bucket.latency, MS), negative: { offset: 0, bucketCounts: [] } },
    }));
  const metrics: MetricData[] = [
    delta(
      'flotilla.inferences',
      'Inferences',
      '{inference}',
      ofVersions(({ inferences }) => inferences),
    ),
    delta(
      'flotilla.inference.errors',
      'Inferences that failed',
      '{inference}',
      ofVersions(({ errors }) => errors),
    ),
    {
      ...base('flotilla.inference.duration', 'Latency inside the runtime', 's', DOUBLE),
      dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
      dataPoints: latency,
    },
    delta(
      'flotilla.inference.energy',
      'Energy of inferences',
      'J',
      ofVersions(({ energyJ }) => energyJ),
      DOUBLE,
    ),
    gauge(
      'flotilla.accuracy',
      'Share of labelled answers that were right',
      '1',
      ofVersions((bucket) => metricOf('accuracy', bucket)),
      DOUBLE,
    ),
    ...Object.entries(fleet.devices).map(([axis, counts]) =>
      gauge(`flotilla.devices.${axis}`, `Devices by ${axis}`, '{device}', ofStates(axis, counts)),
    ),
    gauge(
      'flotilla.rollouts.open',
      'Rollouts that are not over, by state',
      '{rollout}',
      ofStates('state', fleet.openRollouts),
    ),
    gauge('flotilla.messages.refused', 'Messages of devices that were refused, ever', '{message}', [
      { ...span, attributes: {}, value: fleet.refusedMessages },
    ]),
    gauge('flotilla.windows.dropped', 'Telemetry windows that devices dropped, ever', '{window}', [
      { ...span, attributes: {}, value: fleet.droppedWindows },
    ]),
  ];
  return {
    resource: resourceFromAttributes({ 'service.name': 'flotilla', 'flotilla.organization': organization }),
    scopeMetrics: [
      { scope: { name: 'flotilla', version: '1' }, metrics: metrics.filter(({ dataPoints }) => dataPoints.length > 0) },
    ],
  };
}

function attributesOf(model: string, version: string): Record<string, string> {
  return { 'flotilla.model.name': model, 'flotilla.model.version': version };
}

function base(name: string, description: string, unit: string, valueType: number) {
  return { descriptor: { name, description, unit, valueType }, aggregationTemporality: AggregationTemporality.DELTA };
}

function delta(name: string, description: string, unit: string, dataPoints: Point[], valueType = INT): MetricData {
  return {
    ...base(name, description, unit, valueType),
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints,
  };
}

function gauge(name: string, description: string, unit: string, dataPoints: Point[], valueType = INT): MetricData {
  return { ...base(name, description, unit, valueType), dataPointType: DataPointType.GAUGE, dataPoints };
}

function hrTime(at: Date): [number, number] {
  return [Math.floor(at.getTime() / 1000), (at.getTime() % 1000) * 1e6];
}
