import * as z from 'zod';
import { exportSeries, exportWindows } from '../../../queries/telemetry-export.ts';
import { TelemetrySeriesInput } from '../../../queries/telemetry-series.ts';
import { fileAnswer, fileFormats, mediaTypes } from '../files/answer.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { TelemetryQuery } from './telemetry.ts';

const Format = z.enum(fileFormats).default('csv').meta({ description: 'Format of the file.' });
const TelemetryExport = TelemetryQuery.extend({ format: Format }).meta({ id: 'TelemetryExport' });
const WindowsExport = TelemetryExport.pick({
  from: true,
  to: true,
  deviceIds: true,
  selector: true,
  versionIds: true,
  slot: true,
  format: true,
}).meta({ id: 'WindowsExport' });

/** `telemetry-20261121T0800-20261121T0900` */
function fileName(what: string, from: Date, to: Date): string {
  const short = (at: Date) => at.toISOString().slice(0, 16).replaceAll(/[-:]/g, '');
  return `${what}-${short(from)}-${short(to)}`;
}

const common = {
  method: 'POST',
  tag: 'Telemetry',
  permission: 'telemetry:read',
  status: 200,
  binaryResponse: Object.values(mediaTypes),
} as const;

export const telemetryExportEndpoints = [
  endpoint({
    ...common,
    path: '/telemetry/export',
    operationId: 'exportTelemetry',
    summary: 'Export series as a file',
    description:
      'Takes what `POST /telemetry/query` takes, and answers with a file: a row for each bucket of each group, a column for each metric and, with `_n`, the observations behind it. An empty cell was not measured.',
    body: TelemetryExport,
    handle: async ({ deps, actor, body: { format, ...query } }) => {
      const input = TelemetrySeriesInput.parse(query);
      return fileAnswer(await exportSeries(deps, actor, input), format, fileName('telemetry', input.from, input.to));
    },
  }),
  endpoint({
    ...common,
    path: '/telemetry/windows/export',
    operationId: 'exportWindows',
    summary: 'Export windows as a file',
    description:
      'Every stored window of at most 31 days, as devices sent them, sent while it is read. Windows are kept as long as the organization keeps them.',
    body: WindowsExport,
    handle: async ({ deps, actor, body: { format, ...query } }) => {
      const input = { ...query, from: new Date(query.from), to: new Date(query.to) };
      return fileAnswer(await exportWindows(deps, actor, input), format, fileName('windows', input.from, input.to));
    },
  }),
];
