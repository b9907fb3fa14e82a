import { logLevels, reasonSentence } from '@flotilla/protocol';
import * as z from 'zod';
import { type CaptureSettings, findCaptureSettings } from '../db/capture-settings.ts';
import { listCommands, type StoredCommand } from '../db/commands.ts';
import { type LogLine, listLogLines } from '../db/device-logs.ts';
import { forTenant } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import type { Deps } from '../services/deps.ts';

export const DeviceCommandsInput = z.object({
  deviceId: z.uuid(),
  before: z.uuid().optional(),
  limit: z.number().int().min(1).max(200).default(20),
});
export type DeviceCommandsInput = z.infer<typeof DeviceCommandsInput>;

export type CommandRow = StoredCommand & { sentence: string | null };

/** What was asked of a device and what came of it, newest first. */
export async function deviceCommands(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  { deviceId, before, limit }: DeviceCommandsInput,
): Promise<{ commands: CommandRow[]; captures: CaptureSettings }> {
  requirePermission(actor, 'devices:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const [commands, captures] = await Promise.all([
    listCommands(scope, deviceId, { limit, before }),
    findCaptureSettings(scope),
  ]);
  const rows = commands.map((each) => ({ ...each, sentence: each.reason ? reasonSentence(each.reason.code) : null }));
  return { commands: rows, captures };
}

export const DeviceLogInput = z.object({
  deviceId: z.uuid(),
  level: z.enum(logLevels).default('info'),
  search: z.string().trim().max(100).optional(),
  before: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  limit: z.number().int().min(1).max(500).default(100),
});
export type DeviceLogInput = z.infer<typeof DeviceLogInput>;

/** The newest lines of a device's log. */
export async function deviceLog(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  { deviceId, ...filter }: DeviceLogInput,
): Promise<LogLine[]> {
  requirePermission(actor, 'devices:read');
  return listLogLines(forTenant(deps.db, actor.organizationId), deviceId, filter);
}
