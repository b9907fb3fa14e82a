import type { Db } from './client.ts';
import type { Scope } from './scope.ts';

/** Begins an upload for a device's own open command, in place of one before it. False when there is no such command. */
export async function beginArchive(
  { tx, organizationId }: Scope,
  { commandId, deviceId, uploadId }: { commandId: string; deviceId: string; uploadId: string },
): Promise<boolean> {
  const { count } = await tx.deviceCommand.updateMany({
    where: { organizationId, id: commandId, deviceId, finishedAt: null, op: { in: ['diagnostics', 'capture'] } },
    data: { uploadId, archiveSha256: null, archiveBytes: null, archiveExpiresAt: null },
  });
  await tx.commandArchivePart.deleteMany({ where: { organizationId, commandId, uploadId: { not: uploadId } } });
  return count > 0;
}

/** False when another upload took this one's place meanwhile. */
export async function appendArchive(
  { tx, organizationId }: Scope,
  {
    commandId,
    uploadId,
    position,
    bytes,
  }: { commandId: string; uploadId: string; position: number; bytes: Uint8Array },
): Promise<boolean> {
  const written = await tx.$executeRaw`
    INSERT INTO command_archive_part (upload_id, position, organization_id, command_id, bytes)
    SELECT c.upload_id, ${position}::int, c.organization_id, c.id, ${bytes}::bytea FROM device_command c
    WHERE c.id = ${commandId}::uuid AND c.organization_id = ${organizationId}::uuid AND c.upload_id = ${uploadId}::uuid`;
  return written > 0;
}

/** The upload is whole. False when another took its place. */
export async function finishArchive(
  { tx, organizationId }: Scope,
  { commandId, uploadId }: { commandId: string; uploadId: string },
  archive: { sha256: string; sizeBytes: number; expiresAt: Date },
): Promise<boolean> {
  const { count } = await tx.deviceCommand.updateMany({
    where: { organizationId, id: commandId, uploadId },
    data: { archiveSha256: archive.sha256, archiveBytes: archive.sizeBytes, archiveExpiresAt: archive.expiresAt },
  });
  return count > 0;
}

export async function dropArchive({ tx, organizationId }: Scope, uploadId: string): Promise<void> {
  await tx.commandArchivePart.deleteMany({ where: { organizationId, uploadId } });
}

/** The bytes of a whole archive, part by part. */
export async function* readArchive({ tx, organizationId }: Scope, commandId: string): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; position += 1) {
    const [part] = await tx.$queryRaw<{ bytes: Uint8Array }[]>`
      SELECT p.bytes FROM command_archive_part p JOIN device_command c ON c.id = p.command_id AND c.upload_id = p.upload_id
      WHERE c.id = ${commandId}::uuid AND c.organization_id = ${organizationId}::uuid AND c.archive_sha256 IS NOT NULL
        AND p.position = ${position}::int`;
    if (!part) return;
    yield part.bytes;
  }
}

/** Deletes archives that have run out, uploads that never became whole, and commands older than a quarter of a year. */
export async function deleteOldCommands(db: Db): Promise<void> {
  await db.$executeRaw`DELETE FROM command_archive_part p USING device_command c WHERE c.id = p.command_id
    AND (c.archive_expires_at < now() OR (c.archive_sha256 IS NULL AND c.finished_at < now() - interval '1 day'))`;
  await db.$executeRaw`UPDATE device_command SET archive_sha256 = NULL, archive_bytes = NULL, archive_expires_at = NULL, upload_id = NULL
    WHERE archive_expires_at < now()`;
  await db.$executeRaw`DELETE FROM device_command WHERE issued_at < now() - interval '90 days'`;
}
