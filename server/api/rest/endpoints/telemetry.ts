import * as z from 'zod';
import { metrics } from '../../../domain/telemetry/metrics.ts';
import { TelemetrySeriesInput, telemetrySeries } from '../../../queries/telemetry-series.ts';
import { endpoint } from '../kernel/endpoint.ts';

const Point = z.object({
  at: z.iso.datetime(),
  value: z.number().nullable(),
  n: z.number().meta({ description: 'Observations behind the value.' }),
});
export const TelemetryQuery = TelemetrySeriesInput.extend({
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
}).meta({ id: 'TelemetryQuery' });
const TelemetryResult = z
  .object({
    stepS: z.number(),
    powerSources: z
      .array(z.string())
      .meta({ description: '"estimate" means power and energy were estimated, not measured.' }),
    series: z.array(
      z.object({
        key: z.string().nullable().meta({ description: 'Device id, version id or value of the label, by groupBy.' }),
        metric: z.enum(metrics),
        points: z.array(Point),
      }),
    ),
  })
  .meta({ id: 'TelemetryResult' });

export const telemetryEndpoints = [
  endpoint({
    method: 'POST',
    path: '/telemetry/query',
    operationId: 'queryTelemetry',
    tag: 'Telemetry',
    permission: 'telemetry:read',
    status: 200,
    summary: 'Query telemetry as series',
    description: 'A bucket without windows is absent. Percentiles come from merged sketches.',
    body: TelemetryQuery,
    response: TelemetryResult,
    handle: async ({ deps, actor, body }) => {
      const { stepMs, powerSources, series } = await telemetrySeries(deps, actor, TelemetrySeriesInput.parse(body));
      const points = (rows: (typeof series)[number]['points']) =>
        rows.map(({ t, value, n }) => ({ at: new Date(t).toISOString(), value, n }));
      return {
        status: 200,
        body: {
          stepS: stepMs / 1000,
          powerSources,
          series: series.map((each) => ({ ...each, points: points(each.points) })),
        },
      };
    },
  }),
];
