import { createHash } from 'node:crypto';
import { type ArchiveReceipt, MAX_ARCHIVE_BYTES, Sha256 } from '@flotilla/protocol';
import { v7 as uuidv7 } from 'uuid';
import { writeAudit } from '../../db/audit.ts';
import { appendArchive, beginArchive, dropArchive, finishArchive } from '../../db/command-archives.ts';
import { notifyLive } from '../../db/notify.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import type { Actor } from '../../domain/access/actor.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';

/** Archives are for a look soon, not for keeping: they may hold inputs. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** Bytes of one row. */
const PART_BYTES = 512 * 1024;

export type ArchiveUpload = { commandId: string; sha256: string | null; bytes: AsyncIterable<Uint8Array> };

/**
 * Takes what a diagnostics or capture command collected, from the device that was asked, while its command is open. A second upload takes
 * the place of the first. @throws AppError `not_found`, `invalid`, `payload_too_large`, `conflict`
 */
export async function receiveArchive(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Extract<Actor, { kind: 'device' }>,
  { commandId, sha256: announced, bytes }: ArchiveUpload,
): Promise<ArchiveReceipt> {
  if (!Sha256.safeParse(announced).success)
    throw invalid('bad_digest', 'The header flotilla-sha256 must be the archive’s digest.');
  const { organizationId, deviceId } = actor;
  const scope = forTenant(deps.db, organizationId);
  const uploadId = uuidv7();
  const isOwn = await inTenant(deps.db, organizationId, (tx) => beginArchive(tx, { commandId, deviceId, uploadId }));
  if (!isOwn) throw notFound('open command of this device');
  try {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    let position = 0;
    for await (const part of partsOf(bytes)) {
      sizeBytes += part.length;
      if (sizeBytes > MAX_ARCHIVE_BYTES) throw tooLarge();
      hash.update(part);
      if (!(await appendArchive(scope, { commandId, uploadId, position, bytes: part }))) throw overtaken();
      position += 1;
    }
    const sha256 = hash.digest('hex');
    if (sha256 !== announced) throw invalid('wrong_digest', 'The bytes do not have the digest that was announced.');
    const expiresAt = new Date(deps.now().getTime() + KEPT_MS);
    await inTenant(deps.db, organizationId, async (tx) => {
      if (!(await finishArchive(tx, { commandId, uploadId }, { sha256, sizeBytes, expiresAt }))) throw overtaken();
      const detail = { command: commandId, sha256, sizeBytes };
      await writeAudit(tx, actor, 'command.archive-upload', { kind: 'device', id: deviceId }, detail);
      await notifyLive(tx, 'command', deviceId);
    });
    return { sha256, sizeBytes };
  } catch (error) {
    await dropArchive(scope, uploadId);
    throw error;
  }
}

/** Pieces of one size, whatever the network made of them. */
async function* partsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    waiting.push(chunk);
    length += chunk.length;
    if (length < PART_BYTES) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(waiting);
}

function invalid(reason: string, userMessage: string): AppError {
  return new AppError({ code: 'invalid', reason, userMessage });
}

function tooLarge(): AppError {
  return new AppError({
    code: 'payload_too_large',
    userMessage: `An archive may have ${MAX_ARCHIVE_BYTES} bytes. Nothing was kept.`,
  });
}

function overtaken(): AppError {
  return new AppError({
    code: 'conflict',
    reason: 'upload_overtaken',
    userMessage: 'A newer upload took the place of this one.',
  });
}
