import { commandOps, Reason } from '@flotilla/protocol';
import type { CommandState } from '../domain/command/states.ts';
import { commandStates } from '../domain/command/states.ts';
import type { DeviceCommand } from './generated/client.ts';
import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

export type CommandArchive = { sha256: string; sizeBytes: number; expiresAt: Date };

export type StoredCommand = {
  id: string;
  deviceId: string;
  op: string;
  args: Record<string, unknown>;
  state: CommandState;
  progress: number | null;
  note: string | null;
  result: unknown;
  reason: Reason | null;
  actorKind: string;
  actorId: string | null;
  issuedAt: Date;
  expiresAt: Date;
  sentAt: Date | null;
  acceptedAt: Date | null;
  heardAt: Date | null;
  finishedAt: Date | null;
  archive: CommandArchive | null;
};

export type NewCommand = Pick<
  StoredCommand,
  'id' | 'deviceId' | 'op' | 'args' | 'actorKind' | 'actorId' | 'issuedAt' | 'expiresAt'
> & { jws: string };

export async function insertCommand({ tx, organizationId }: Scope, { args, ...command }: NewCommand): Promise<void> {
  await tx.deviceCommand.create({
    data: { ...command, args: asJson(args), organizationId, nextSendAt: command.issuedAt },
  });
}

/** Newest first. */
export async function listCommands(
  { tx, organizationId }: Scope,
  deviceId: string,
  page: { limit: number; before?: string | undefined },
): Promise<StoredCommand[]> {
  const rows = await tx.deviceCommand.findMany({
    where: { organizationId, deviceId, ...(page.before && { id: { lt: page.before } }) },
    omit: { jws: true },
    orderBy: { id: 'desc' },
    take: page.limit,
  });
  return rows.map(commandOf);
}

export async function findCommand({ tx, organizationId }: Scope, id: string): Promise<StoredCommand | null> {
  const row = await tx.deviceCommand.findFirst({ where: { organizationId, id }, omit: { jws: true } });
  return row && commandOf(row);
}

/** Commands of a device that have not ended. */
export function countOpenCommands({ tx, organizationId }: Scope, deviceId: string): Promise<number> {
  return tx.deviceCommand.count({ where: { organizationId, deviceId, finishedAt: null } });
}

function commandOf(row: Omit<DeviceCommand, 'jws'>): StoredCommand {
  const { organizationId: _, nextSendAt: __, sends: ___, uploadId: ____, ...rest } = row;
  const { archiveSha256, archiveBytes, archiveExpiresAt, ...command } = rest;
  return {
    ...command,
    op: commandOps.find((each) => each === row.op) ?? row.op,
    args: row.args as Record<string, unknown>,
    state: commandStates.find((each) => each === row.state) ?? 'failed',
    reason: Reason.nullable().catch(null).parse(row.reason),
    archive:
      archiveSha256 !== null && archiveBytes !== null && archiveExpiresAt !== null
        ? { sha256: archiveSha256, sizeBytes: archiveBytes, expiresAt: archiveExpiresAt }
        : null,
  };
}
