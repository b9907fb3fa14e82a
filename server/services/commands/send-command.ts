import { commandArgs } from '@flotilla/protocol';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { findCaptureSettings } from '../../db/capture-settings.ts';
import { countOpenCommands, insertCommand } from '../../db/commands.ts';
import { findDevice } from '../../db/devices-identity.ts';
import { asJson } from '../../db/json.ts';
import { notifyLive, notifyWork } from '../../db/notify.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, actorId, requirePermission } from '../../domain/access/actor.ts';
import { askableOps, COMMAND_LIFE_MS } from '../../domain/command/states.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';

/** Commands of one device that may wait or be under way at once. */
const MAX_OPEN = 10;

export const SendCommand = z.object({
  deviceId: z.uuid(),
  op: z.enum(askableOps),
  args: z.record(z.string(), z.unknown()).default({}),
});
export type SendCommand = z.infer<typeof SendCommand>;

/**
 * Signs a command for one device and hands it to the worker, which sends it until it is answered or has run out.
 * @throws AppError `not_found`, `invalid`, `forbidden` for a capture that the organization does not allow, `conflict` when too many are open.
 */
export async function sendCommand(
  deps: Pick<Deps, 'db' | 'signer' | 'now'>,
  actor: Actor,
  input: SendCommand,
): Promise<{ id: string }> {
  requirePermission(actor, 'devices:write');
  const { deviceId, op } = input;
  const args = argsOf(input);
  const now = deps.now();
  const id = uuidv7({ msecs: now.getTime() });
  const expiresAt = new Date(now.getTime() + COMMAND_LIFE_MS);
  const document = { id, deviceId, op, args, issuedAt: now.getTime(), expiresAt: expiresAt.getTime() };
  const jws = await deps.signer.sign(document);
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    const device = await findDevice(scope, deviceId);
    if (!device) throw notFound('device');
    if (device.decommissionedAt) throw conflict('decommissioned', 'This device has left the fleet.');
    if (op === 'capture') requireAllowed(await findCaptureSettings(scope), args);
    if ((await countOpenCommands(scope, deviceId)) >= MAX_OPEN)
      throw conflict('too_many_commands', 'This device has ten commands to answer. Wait until it has answered some.');
    const by = { actorKind: actor.kind, actorId: actorId(actor) };
    await insertCommand(scope, { id, deviceId, op, args, jws, issuedAt: now, expiresAt, ...by });
    await writeAudit(scope, actor, 'command.send', { kind: 'device', id: deviceId }, asJson({ command: id, op, args }));
    await notifyLive(scope, 'command', deviceId);
    await notifyWork(scope, { kind: 'commands' });
  });
  return { id };
}

function argsOf({ op, args }: SendCommand): Record<string, unknown> {
  const parsed = commandArgs[op].safeParse(args);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => ({ pointer: `/args/${path.join('/')}`, message }));
  const [first] = fields;
  throw new AppError({
    code: 'invalid',
    reason: 'bad_args',
    userMessage: `The device would not understand this${first ? `: ${first.pointer} ${first.message}` : ''}.`,
    fields,
  });
}

function requireAllowed(settings: { isAllowed: boolean; maxSamples: number }, args: Record<string, unknown>): void {
  if (!settings.isAllowed)
    throw new AppError({
      code: 'forbidden',
      reason: 'captures_not_allowed',
      userMessage: 'Your organization does not allow its devices to keep inputs. An admin can allow it.',
    });
  if (Number(args.samples) > settings.maxSamples)
    throw new AppError({
      code: 'invalid',
      reason: 'too_many_samples',
      userMessage: `Your organization allows ${settings.maxSamples} samples at once. Ask for fewer.`,
    });
}

function conflict(reason: string, userMessage: string): AppError {
  return new AppError({ code: 'conflict', reason, userMessage });
}
