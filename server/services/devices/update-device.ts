import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { isUniqueViolation } from '../../db/client.ts';
import { findDevice, lockDevice, renameDevice, replaceLabels } from '../../db/devices-identity.ts';
import { notifyLive } from '../../db/notify.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { Labels } from '../../domain/device/labels.ts';
import { DeviceName } from '../../domain/device/name.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';

/** `labels` are the whole set: what is not named goes. What is left out stays as it is. */
export const UpdateDevice = z.object({
  deviceId: z.uuid(),
  name: DeviceName.optional(),
  labels: Labels.optional(),
});
export type UpdateDevice = z.infer<typeof UpdateDevice>;

/** @throws AppError `not_found`, or `conflict` with reason `name_taken`. */
export async function updateDevice(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  input: UpdateDevice,
): Promise<{ id: string; name: string; labels: Labels }> {
  requirePermission(actor, 'devices:write');
  const { deviceId } = input;
  try {
    return await inTenant(deps.db, actor.organizationId, async (scope) => {
      await lockDevice(scope, deviceId);
      const before = await findDevice(scope, deviceId);
      if (!before) throw notFound('device');
      const { name = before.name, labels = before.labels } = input;
      if (name !== before.name) await renameDevice(scope, deviceId, name);
      if (input.labels) await replaceLabels(scope, deviceId, labels);
      const detail = {
        before: { name: before.name, labels: before.labels },
        after: { name, labels },
      };
      await writeAudit(scope, actor, 'device.update', { kind: 'device', id: deviceId }, detail);
      await notifyLive(scope, 'device', deviceId);
      return { id: deviceId, name, labels };
    });
  } catch (cause) {
    if (isUniqueViolation(cause)) throw nameTaken(input.name ?? '', cause);
    throw cause;
  }
}

function nameTaken(name: string, cause: unknown): AppError {
  return new AppError({
    code: 'conflict',
    reason: 'name_taken',
    userMessage: `Another device is called ${name}. Choose another name, or rename that device first.`,
    cause,
  });
}
