import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type * as z from 'zod';
import {
  Ack,
  ArchiveReceipt,
  Command,
  DesiredState,
  DeviceEvent,
  EnrollRequest,
  EnrollResponse,
  EventMessage,
  LogBatch,
  ReferenceProfile,
  RegistryTokenRequest,
  RegistryTokenResponse,
  Reply,
  Reported,
  Session,
  Telemetry,
} from './index.ts';

/** One message of each kind as version 1 wrote it. These files never change: a device of version 1 is understood for ever. */
const folder = join(import.meta.dirname, '../fixtures/v1');
const schemas: Record<string, z.ZodType> = {
  ack: Ack,
  'archive-receipt': ArchiveReceipt,
  command: Command,
  'command-capture': Command,
  log: LogBatch,
  reply: Reply,
  'reply-done': Reply,
  'desired-state': DesiredState,
  'desired-state-agent': DesiredState,
  'desired-state-container': DesiredState,
  'desired-state-backend': DesiredState,
  'desired-state-by-device': DesiredState,
  'desired-state-windows': DesiredState,
  'desired-state-latency': DesiredState,
  'desired-state-monitored': DesiredState,
  'enroll-request': EnrollRequest,
  'enroll-response': EnrollResponse,
  event: DeviceEvent,
  'event-stop-start': DeviceEvent,
  'event-upgrade': DeviceEvent,
  'events-together': EventMessage,
  'registry-token-request': RegistryTokenRequest,
  'registry-token-response': RegistryTokenResponse,
  'reference-profile': ReferenceProfile,
  reported: Reported,
  'reported-agent': Reported,
  'reported-inference': Reported,
  session: Session,
  telemetry: Telemetry,
  'telemetry-monitored': Telemetry,
  'telemetry-network': Telemetry,
  'telemetry-unsure': Telemetry,
};
const optional = new Set([
  ...['slot', 'deployment', 'releaseId', 'from', 'to', 'reason', 'proof'].flatMap((field) => [
    `event.${field}`,
    `event-stop-start.${field}`,
  ]),
  ...['from', 'to', 'upgrade'].map((field) => `event-upgrade.${field}`),
  ...['slot', 'deployment', 'releaseId', 'from', 'to', 'more'].map((field) => `events-together.${field}`),
  'command.args',
  'command-capture.args',
  'log.suppressed',
  'reply.progress',
  'reply-done.result',
  'desired-state.trustedKeys',
  'desired-state-agent.trustedKeys',
  'desired-state-agent.agent',
  'desired-state-container.trustedKeys',
  'desired-state-backend.trustedKeys',
  'desired-state-by-device.trustedKeys',
  'desired-state-by-device.agent',
  'desired-state-windows.trustedKeys',
  'desired-state-latency.trustedKeys',
  'enroll-request.name',
  'reported.facts',
  'reported-agent.agent',
  'reported-inference.facts',
  'telemetry.dropped',
  'telemetry-monitored.dropped',
  'telemetry-network.dropped',
  'telemetry-unsure.dropped',
  'desired-state-monitored.trustedKeys',
  ...['outputs', 'calibration'].map((field) => `reference-profile.${field}`),
]);
const read = (name: string): Record<string, unknown> => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));

it('there is a fixture for every message, and no other', () => {
  expect(readdirSync(folder).toSorted()).toEqual(
    Object.keys(schemas)
      .map((name) => `${name}.json`)
      .toSorted(),
  );
});

it.each(Object.entries(schemas))('%s of version 1 is read whole', (name, schema) => {
  expect(schema.parse(read(name))).toEqual(read(name));
});

it.each(Object.entries(schemas))('%s may have fields of a later version', (name, schema) => {
  expect(schema.parse({ ...read(name), later: { a: 1 } })).toHaveProperty('later', { a: 1 });
});

it.each(
  Object.entries(schemas).flatMap(([name, schema]) => {
    const isOptional = (field: string) => optional.has(`${name}.${field}`);
    const required = Object.keys(read(name)).filter((field) => !isOptional(field));
    return required.map((field) => [name, field, schema] as const);
  }),
)('%s without %s is refused', (name, field, schema) => {
  const { [field]: _, ...rest } = read(name);
  expect(schema.safeParse(rest).success).toBe(false);
});
