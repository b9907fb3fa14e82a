import * as z from 'zod';
import { DeviceEventsInput, deviceEvents } from '../../../queries/device-events.ts';
import { devicePage } from '../../../queries/device-page.ts';
import { DeviceTableInput, deviceTable } from '../../../queries/device-table.ts';
import { DecommissionDevice, decommissionDevice } from '../../../services/devices/decommission-device.ts';
import { UpdateDevice, updateDevice } from '../../../services/devices/update-device.ts';
import { orgProcedure, router } from '../init.ts';

export const devicesRouter = router({
  table: orgProcedure('devices:read')
    .input(DeviceTableInput)
    .query(({ ctx, input }) => deviceTable(ctx.deps, ctx.actor, input)),
  page: orgProcedure('devices:read')
    .input(z.object({ deviceId: z.uuid() }))
    .query(({ ctx, input }) => devicePage(ctx.deps, ctx.actor, input)),
  events: orgProcedure('devices:read')
    .input(DeviceEventsInput)
    .query(({ ctx, input }) => deviceEvents(ctx.deps, ctx.actor, input)),
  update: orgProcedure('devices:write')
    .input(UpdateDevice)
    .mutation(({ ctx, input }) => updateDevice(ctx.deps, ctx.actor, input)),
  decommission: orgProcedure('devices:write')
    .input(DecommissionDevice)
    .mutation(({ ctx, input }) => decommissionDevice(ctx.deps, ctx.actor, input)),
});
