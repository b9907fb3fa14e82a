import { Readable } from 'node:stream';
import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { readArchive } from '../../db/command-archives.ts';
import { type CommandArchive, findCommand } from '../../db/commands.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';

export const CommandPath = z.object({ deviceId: z.uuid(), commandId: z.uuid() });
export type CommandPath = z.infer<typeof CommandPath>;

/** What a command collected. Who read it is written down: it may hold inputs. @throws AppError `not_found`, also when it has run out. */
export async function openArchive(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  { deviceId, commandId }: CommandPath,
): Promise<CommandArchive & { fileName: string; bytes: Readable }> {
  requirePermission(actor, 'devices:write');
  const { organizationId } = actor;
  const command = await findCommand(forTenant(deps.db, organizationId), commandId);
  const archive = command?.deviceId === deviceId ? command.archive : null;
  if (!command || !archive || archive.expiresAt <= deps.now()) throw notFound('archive');
  const detail = { command: commandId, sha256: archive.sha256 };
  await inTenant(deps.db, organizationId, (scope) =>
    writeAudit(scope, actor, 'command.archive-download', { kind: 'device', id: deviceId }, detail),
  );
  const bytes = Readable.from(readArchive(forTenant(deps.db, organizationId), commandId), { objectMode: false });
  return { ...archive, fileName: `${command.op}-${commandId}.tar.gz`, bytes };
}
