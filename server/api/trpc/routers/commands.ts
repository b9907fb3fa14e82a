import { DeviceCommandsInput, DeviceLogInput, deviceCommands, deviceLog } from '../../../queries/device-commands.ts';
import {
  captureSettings,
  SetCaptureSettings,
  setCaptureSettings,
} from '../../../services/commands/capture-settings.ts';
import { SendCommand, sendCommand } from '../../../services/commands/send-command.ts';
import { orgProcedure, router } from '../init.ts';

export const commandsRouter = router({
  list: orgProcedure('devices:read')
    .input(DeviceCommandsInput)
    .query(({ ctx, input }) => deviceCommands(ctx.deps, ctx.actor, input)),
  send: orgProcedure('devices:write')
    .input(SendCommand)
    .mutation(({ ctx, input }) => sendCommand(ctx.deps, ctx.actor, input)),
  log: orgProcedure('devices:read')
    .input(DeviceLogInput)
    .query(({ ctx, input }) => deviceLog(ctx.deps, ctx.actor, input)),
  captures: orgProcedure('settings:read').query(({ ctx }) => captureSettings(ctx.deps, ctx.actor)),
  setCaptures: orgProcedure('settings:write')
    .input(SetCaptureSettings)
    .mutation(({ ctx, input }) => setCaptureSettings(ctx.deps, ctx.actor, input)),
});
