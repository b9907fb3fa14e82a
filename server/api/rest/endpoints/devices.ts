import { createHash } from 'node:crypto';
import * as z from 'zod';
import { listDeployments } from '../../../db/deployments.ts';
import { findDesired } from '../../../db/desired-states.ts';
import { listSlots } from '../../../db/device-detail.ts';
import { forTenant } from '../../../db/scope.ts';
import { connectivities, healths, updates } from '../../../domain/device/axes.ts';
import { KnownFacts } from '../../../domain/device/facts.ts';
import { AppError, notFound } from '../../../domain/errors.ts';
import { DeviceEventsInput, deviceEvents } from '../../../queries/device-events.ts';
import { devicePage } from '../../../queries/device-page.ts';
import { deviceTable } from '../../../queries/device-table.ts';
import { decommissionDevice } from '../../../services/devices/decommission-device.ts';
import { UpdateDevice, updateDevice } from '../../../services/devices/update-device.ts';
import { endpoint, type RestContext } from '../kernel/endpoint.ts';
import {
  DeploymentResource,
  DeviceResource,
  deploymentResource,
  deviceResource,
  PageQuery,
  pageById,
  pageOf,
} from '../resources.ts';

const DevicePath = z.object({ deviceId: z.uuid() });
const listOf = <T extends readonly [string, ...string[]]>(values: T) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values)))
    .optional();
const DeviceDetail = DeviceResource.extend({
  facts: KnownFacts.meta({ id: 'DeviceFacts' }),
  createdAt: z.iso.datetime(),
  decommissionedAt: z.iso.datetime().nullable(),
}).meta({ id: 'DeviceDetail' });

type DeviceContext = Pick<RestContext<{ deviceId: string }, unknown, unknown>, 'deps' | 'actor' | 'params'>;

async function detailOf({
  deps,
  actor,
  params,
}: DeviceContext): Promise<{ body: z.input<typeof DeviceDetail>; etag: string }> {
  const { device, status } = await devicePage(deps, actor, params);
  const body = {
    ...deviceResource({ ...device, status }),
    facts: device.facts,
    createdAt: device.createdAt.toISOString(),
    decommissionedAt: device.decommissionedAt?.toISOString() ?? null,
  };
  const etag = `"${createHash('sha256')
    .update(JSON.stringify([device.name, device.labels]))
    .digest('hex')
    .slice(0, 16)}"`;
  return { body, etag };
}

export const deviceEndpoints = [
  endpoint({
    method: 'GET',
    path: '/devices',
    operationId: 'listDevices',
    tag: 'Devices',
    permission: 'devices:read',
    status: 200,
    summary: 'List devices, in order of name',
    query: PageQuery.extend({
      q: z.string().max(100).optional(),
      selector: z.string().max(1000).optional(),
      connectivity: listOf(connectivities),
      health: listOf(healths),
      update: listOf(updates),
    }),
    response: pageOf(DeviceResource),
    handle: async ({ deps, actor, query }) => {
      const { rows, nextCursor } = await deviceTable(deps, actor, query);
      return { status: 200, body: { items: rows.map(deviceResource), nextCursor } };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/devices/{deviceId}',
    operationId: 'getDevice',
    tag: 'Devices',
    permission: 'devices:read',
    status: 200,
    summary: 'Get a device',
    params: DevicePath,
    response: DeviceDetail,
    handle: async (context) => {
      const { body, etag } = await detailOf(context);
      return { status: 200, body, headers: { etag } };
    },
  }),
  endpoint({
    method: 'PATCH',
    path: '/devices/{deviceId}',
    operationId: 'updateDevice',
    tag: 'Devices',
    permission: 'devices:write',
    status: 200,
    summary: 'Rename a device, or replace its labels',
    description: 'With If-Match, only when name and labels are still those of that ETag.',
    params: DevicePath,
    body: UpdateDevice.omit({ deviceId: true }).meta({ id: 'UpdateDevice' }),
    response: DeviceDetail,
    handle: async ({ deps, actor, params, body, request }) => {
      const wanted = request.headers.get('if-match');
      const { etag } = await detailOf({ deps, actor, params });
      if (wanted !== null && wanted !== etag)
        throw new AppError({
          code: 'precondition_failed',
          userMessage: 'The device was changed in the meantime. Get it again, and repeat the change on what it is now.',
          details: { etag },
        });
      await updateDevice(deps, actor, { ...body, ...params });
      const after = await detailOf({ deps, actor, params });
      return { status: 200, body: after.body, headers: { etag: after.etag } };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/devices/{deviceId}/decommission',
    operationId: 'decommissionDevice',
    tag: 'Devices',
    permission: 'devices:write',
    status: 200,
    summary: 'End a device’s membership for good',
    params: DevicePath,
    response: DeviceDetail,
    handle: async (context) => {
      await decommissionDevice(context.deps, context.actor, context.params);
      return { status: 200, body: (await detailOf(context)).body };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/devices/{deviceId}/desired',
    operationId: 'getDesiredState',
    tag: 'Devices',
    permission: 'devices:read',
    status: 200,
    summary: 'What the device is told to become',
    params: DevicePath,
    response: z
      .object({
        generation: z.int(),
        slots: z.record(z.string(), z.object({ deployment: z.uuid(), releaseId: z.uuid() }).nullable()),
        issuedAt: z.iso.datetime(),
        expiresAt: z.iso.datetime(),
        jws: z.string(),
      })
      .meta({ id: 'DesiredState' }),
    handle: async ({ deps, actor, params }) => {
      const desired = await findDesired(forTenant(deps.db, actor.organizationId), params.deviceId);
      if (!desired) throw notFound('desired state');
      const { generation, slots, issuedAt, expiresAt, jws } = desired;
      return {
        status: 200,
        body: { generation, slots, issuedAt: issuedAt.toISOString(), expiresAt: expiresAt.toISOString(), jws },
      };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/devices/{deviceId}/reported',
    operationId: 'getReportedState',
    tag: 'Devices',
    permission: 'devices:read',
    status: 200,
    summary: 'What the device says it runs',
    params: DevicePath,
    response: z
      .object({ slots: z.record(z.string(), z.unknown()), updatedAt: z.iso.datetime().nullable() })
      .meta({ id: 'ReportedState' }),
    handle: async ({ deps, actor, params }) => {
      const slots = await listSlots(forTenant(deps.db, actor.organizationId), params.deviceId);
      const newest =
        slots
          .map(({ updatedAt }) => updatedAt.toISOString())
          .sort()
          .at(-1) ?? null;
      return {
        status: 200,
        body: { slots: Object.fromEntries(slots.map(({ slot, report }) => [slot, report])), updatedAt: newest },
      };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/devices/{deviceId}/deployments',
    operationId: 'listDeviceDeployments',
    tag: 'Devices',
    permission: 'devices:read',
    status: 200,
    summary: 'List a device’s deployments, newest first',
    params: DevicePath,
    query: PageQuery.extend({ cursor: z.uuid().optional() }),
    response: pageOf(DeploymentResource),
    handle: async ({ deps, actor, params, query }) => {
      const rows = await listDeployments(forTenant(deps.db, actor.organizationId), {
        deviceId: params.deviceId,
        limit: query.limit,
        before: query.cursor,
      });
      return pageById(rows, query.limit, deploymentResource);
    },
  }),
  endpoint({
    method: 'GET',
    path: '/devices/{deviceId}/events',
    operationId: 'listDeviceEvents',
    tag: 'Devices',
    permission: 'devices:read',
    status: 200,
    summary: 'List what happened on a device, newest first',
    description: 'The cursor is the time of the last event seen.',
    params: DevicePath,
    query: PageQuery.extend({ cursor: z.iso.datetime().optional() }),
    response: pageOf(
      z
        .object({ id: z.uuid(), at: z.iso.datetime(), kind: z.string(), event: z.record(z.string(), z.unknown()) })
        .meta({ id: 'DeviceEvent' }),
    ),
    handle: async ({ deps, actor, params, query }) => {
      const rows = await deviceEvents(
        deps,
        actor,
        DeviceEventsInput.parse({ ...params, limit: query.limit, before: query.cursor }),
      );
      const items = rows.map(({ id, at, kind, event }) => ({ id, at: at.toISOString(), kind, event }));
      return {
        status: 200,
        body: { items, nextCursor: rows.length === query.limit ? (items.at(-1)?.at ?? null) : null },
      };
    },
  }),
];
