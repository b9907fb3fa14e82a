import { logLevels } from '@flotilla/protocol';
import * as z from 'zod';
import { findCommand, type StoredCommand } from '../../../db/commands.ts';
import { forTenant } from '../../../db/scope.ts';
import { askableOps, commandStates } from '../../../domain/command/states.ts';
import { notFound } from '../../../domain/errors.ts';
import { DeviceLogInput, deviceCommands, deviceLog } from '../../../queries/device-commands.ts';
import {
  captureSettings,
  SetCaptureSettings,
  setCaptureSettings,
} from '../../../services/commands/capture-settings.ts';
import { CommandPath, openArchive } from '../../../services/commands/open-archive.ts';
import { SendCommand, sendCommand } from '../../../services/commands/send-command.ts';
import { archiveResponse } from '../../archive-response.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { PageQuery, pageById, pageOf } from '../resources.ts';

const Time = z.iso.datetime();
const DevicePath = z.object({ deviceId: z.uuid() });
const CommandResource = z
  .object({
    id: z.uuid(),
    deviceId: z.uuid(),
    op: z.string(),
    args: z.record(z.string(), z.unknown()),
    state: z.enum(commandStates),
    progressPercent: z.number().nullable(),
    note: z.string().nullable(),
    result: z.unknown(),
    reason: z.object({ code: z.string(), detail: z.string() }).nullable(),
    issuedAt: Time,
    expiresAt: Time,
    sentAt: Time.nullable(),
    acceptedAt: Time.nullable(),
    finishedAt: Time.nullable(),
    archive: z.object({ sha256: z.string(), sizeBytes: z.int(), expiresAt: Time }).nullable(),
  })
  .meta({ id: 'DeviceCommand' });
const CaptureSettingsResource = z
  .object({ isAllowed: z.boolean(), maxSamples: z.int() })
  .meta({ id: 'CaptureSettings' });

function commandResource(command: StoredCommand): z.input<typeof CommandResource> {
  const { id, deviceId, op, args, state, progress, note, result, reason, archive } = command;
  return {
    ...{ id, deviceId, op, args, state, note, result: result ?? null },
    progressPercent: progress,
    reason: reason && { code: reason.code, detail: reason.detail },
    issuedAt: command.issuedAt.toISOString(),
    expiresAt: command.expiresAt.toISOString(),
    sentAt: command.sentAt?.toISOString() ?? null,
    acceptedAt: command.acceptedAt?.toISOString() ?? null,
    finishedAt: command.finishedAt?.toISOString() ?? null,
    archive: archive && { ...archive, expiresAt: archive.expiresAt.toISOString() },
  };
}

export const commandEndpoints = [
  endpoint({
    method: 'POST',
    path: '/devices/{deviceId}/commands',
    operationId: 'sendCommand',
    tag: 'Commands',
    permission: 'devices:write',
    status: 201,
    summary: 'Ask something of a device',
    description: `One of ${askableOps.join(', ')}. It is signed, sent until the device answers, and carried out once; a device that is away for a quarter of an hour does not get it.`,
    params: DevicePath,
    body: SendCommand.omit({ deviceId: true }).meta({ id: 'SendCommand' }),
    response: CommandResource,
    handle: async ({ deps, actor, params, body }) => {
      const { id } = await sendCommand(deps, actor, { ...body, ...params });
      const command = await findCommand(forTenant(deps.db, actor.organizationId), id);
      if (!command) throw notFound('command');
      return { status: 201, body: commandResource(command) };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/devices/{deviceId}/commands',
    operationId: 'listCommands',
    tag: 'Commands',
    permission: 'devices:read',
    status: 200,
    summary: 'List what was asked of a device, newest first',
    params: DevicePath,
    query: PageQuery.extend({ cursor: z.uuid().optional() }),
    response: pageOf(CommandResource),
    handle: async ({ deps, actor, params, query }) => {
      const { commands } = await deviceCommands(deps, actor, { ...params, limit: query.limit, before: query.cursor });
      return pageById(commands, query.limit, commandResource);
    },
  }),
  endpoint({
    method: 'GET',
    path: '/devices/{deviceId}/commands/{commandId}',
    operationId: 'getCommand',
    tag: 'Commands',
    permission: 'devices:read',
    status: 200,
    summary: 'Get a command, and what came of it',
    params: CommandPath,
    response: CommandResource,
    handle: async ({ deps, actor, params }) => {
      const command = await findCommand(forTenant(deps.db, actor.organizationId), params.commandId);
      if (command?.deviceId !== params.deviceId) throw notFound('command');
      return { status: 200, body: commandResource(command) };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/devices/{deviceId}/commands/{commandId}/archive',
    operationId: 'downloadCommandArchive',
    tag: 'Commands',
    permission: 'devices:write',
    status: 200,
    summary: 'Download what a command collected',
    description: 'A .tar.gz, kept for seven days. Each download is written down.',
    params: CommandPath,
    binaryResponse: ['application/gzip'],
    handle: async ({ deps, actor, params }) => archiveResponse(await openArchive(deps, actor, params)),
  }),
  endpoint({
    method: 'GET',
    path: '/devices/{deviceId}/logs',
    operationId: 'listDeviceLog',
    tag: 'Devices',
    permission: 'devices:read',
    status: 200,
    summary: 'List the lines of a device’s log, newest first',
    description: 'The newest 2,000 lines of each device are kept. `level` takes in those above it.',
    params: DevicePath,
    query: PageQuery.extend({
      cursor: DeviceLogInput.shape.before,
      level: z.enum(logLevels).default('info'),
      q: z.string().max(100).optional(),
    }),
    response: pageOf(
      z.object({ id: z.string(), at: Time, level: z.string(), message: z.string() }).meta({ id: 'LogLine' }),
    ),
    handle: async ({ deps, actor, params, query }) => {
      const { limit, level, q: search, cursor: before } = query;
      const lines = await deviceLog(deps, actor, { ...params, limit, level, search, before });
      const items = lines.map((line) => ({ ...line, at: line.at.toISOString() }));
      return { status: 200, body: { items, nextCursor: items.length === limit ? (items.at(-1)?.id ?? null) : null } };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/settings/captures',
    operationId: 'getCaptureSettings',
    tag: 'Settings',
    permission: 'settings:read',
    status: 200,
    summary: 'Whether devices may be asked to keep inputs',
    response: CaptureSettingsResource,
    handle: async ({ deps, actor }) => ({ status: 200, body: await captureSettings(deps, actor) }),
  }),
  endpoint({
    method: 'PATCH',
    path: '/settings/captures',
    operationId: 'setCaptureSettings',
    tag: 'Settings',
    permission: 'settings:write',
    status: 200,
    summary: 'Allow or forbid that devices keep inputs',
    description:
      'Off until someone allows it. Every device is told by its desired state, and refuses to capture without it.',
    body: SetCaptureSettings.meta({ id: 'SetCaptureSettings' }),
    response: CaptureSettingsResource,
    handle: async ({ deps, actor, body }) => ({ status: 200, body: await setCaptureSettings(deps, actor, body) }),
  }),
];
