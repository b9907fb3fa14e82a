import { GoldenFile, LabelsFile, ReleasePath } from '@flotilla/protocol';
import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { isUniqueViolation } from '../../db/client.ts';
import { ensureModel, findVersion, insertVersion, type ModelVersion, type VersionFile } from '../../db/models.ts';
import { notifyLive } from '../../db/notify.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { type Actor, actorId, requirePermission } from '../../domain/access/actor.ts';
import { AppError } from '../../domain/errors.ts';
import { ModelName, VersionName } from '../../domain/names.ts';
import { OnnxFormatError } from '../../domain/onnx/errors.ts';
import type { OnnxFacts } from '../../domain/onnx/facts.ts';
import { readOnnx } from '../../domain/onnx/read-onnx.ts';
import type { Deps, ReceivedFile } from '../deps.ts';
import { referenceOf, registerReference } from '../monitoring/register-reference.ts';
import { readJsonFile } from './read-json-file.ts';

export const RegisterVersion = z.object({
  model: ModelName,
  version: VersionName,
  notes: z.string().max(10_000).default(''),
});
export type RegisterVersion = z.infer<typeof RegisterVersion>;

/** Files that a reference profile is made from; they are read and not kept. */
export const sourceRoles = ['samples', 'calibration'] as const;
type UploadRole = VersionFile['role'] | (typeof sourceRoles)[number];

/** One uploaded file as it streams in. The first of role `model` is the version. */
export type UploadPart = { path: string; role: UploadRole; bytes: AsyncIterable<Uint8Array> };

/** What a profile that the server made is called among the version's files. */
const MADE_REFERENCE = 'reference.json';

/** Largest single file: the ONNX limit of 2 GiB is for the protobuf alone, external data may be larger. */
const MAX_FILE_BYTES = 16 * 1024 ** 3;

const MAX_FILES = 64;

type Received = { path: string; role: UploadRole; file: ReceivedFile };

/**
 * Takes a new version's files as they arrive, reads the model, and registers all of it or nothing. `announcedBytes` is what the sender
 * says that all parts have together. @throws AppError `conflict` when the version exists, `invalid` with the reader's own words when a
 * file is not what it should be, `storage_full` before a byte is read when there is no room for what is announced.
 */
export async function registerVersion(
  deps: Pick<Deps, 'db' | 'artifacts' | 'now'>,
  actor: Actor,
  input: RegisterVersion,
  parts: AsyncIterable<UploadPart>,
  announcedBytes?: number,
): Promise<ModelVersion> {
  requirePermission(actor, 'models:write');
  const scope = forTenant(deps.db, actor.organizationId);
  if (await findVersion(scope, input.model, input.version)) throw versionExists(input);
  if (announcedBytes !== undefined) await deps.artifacts.requireRoom(announcedBytes);
  const received: Received[] = [];
  try {
    for await (const part of parts) received.push(await receivePart(deps, part, received));
    const { model, facts } = await readModel(deps, received);
    await checkCompanions(deps, received, facts);
    const reference = await referenceOf(deps, received, facts);
    if (reference?.isMade) {
      const bytes = jsonBytes(reference.profile);
      received.push(await receivePart(deps, { path: MADE_REFERENCE, role: 'reference', bytes }, received));
    }
    for (const { role, file } of received) await (isSource(role) ? file.discard() : file.publish());
    const files = received.flatMap(({ path, role, file: { sha256, sizeBytes } }) =>
      isSource(role) ? [] : [{ path, role, sha256, sizeBytes }],
    );
    await inTenant(deps.db, actor.organizationId, async (inside) => {
      const { id: modelId } = await ensureModel(inside, input.model);
      const { sha256, sizeBytes } = model;
      const createdById = actor.kind === 'user' ? actorId(actor) : null;
      const id = await insertVersion(inside, {
        modelId,
        version: input.version,
        sha256,
        sizeBytes,
        facts,
        notes: input.notes,
        createdById,
        files,
      });
      await registerReference(inside, id, reference, deps.now());
      await writeAudit(
        inside,
        actor,
        'model-version.register',
        { kind: 'model-version', id },
        { model: input.model, version: input.version, sha256 },
      );
      await notifyLive(inside, 'model', modelId);
    });
  } catch (error) {
    for (const { file } of received) await file.discard();
    throw isUniqueViolation(error) ? versionExists(input) : error;
  }
  const version = await findVersion(scope, input.model, input.version);
  if (!version) throw new Error('the version that was just registered is gone');
  return version;
}

function isSource(role: UploadRole): role is (typeof sourceRoles)[number] {
  return sourceRoles.some((each) => each === role);
}

async function* jsonBytes(value: object): AsyncGenerator<Uint8Array> {
  yield Buffer.from(JSON.stringify(value));
}

async function receivePart(
  { artifacts }: Pick<Deps, 'artifacts'>,
  { path, role, bytes }: UploadPart,
  before: Received[],
): Promise<Received> {
  if (!ReleasePath.safeParse(path).success)
    throw invalidFile(
      path,
      'is not a safe file name. Use a relative path of letters, digits, dots, dashes and underscores.',
    );
  if (before.some((each) => each.path === path)) throw invalidFile(path, 'was sent twice.');
  if (before.length >= MAX_FILES)
    throw new AppError({ code: 'invalid', userMessage: `A version holds at most ${MAX_FILES} files.` });
  return { path, role, file: await artifacts.receive(bytes, { maxBytes: MAX_FILE_BYTES }) };
}

async function readModel(
  { artifacts }: Pick<Deps, 'artifacts'>,
  received: Received[],
): Promise<{ model: ReceivedFile; facts: OnnxFacts }> {
  const models = received.filter(({ role }) => role === 'model');
  const [model] = models;
  if (!model || models.length > 1)
    throw new AppError({
      code: 'invalid',
      reason: 'model_file',
      userMessage: 'A version needs exactly one .onnx file.',
    });
  const source = await artifacts.source(model.file.path);
  try {
    return { model: model.file, facts: await readOnnx(source) };
  } catch (cause) {
    if (!(cause instanceof OnnxFormatError)) throw cause;
    throw new AppError({
      code: 'invalid',
      reason: `onnx_${cause.code}`,
      userMessage: `${model.path}: ${cause.message} Nothing was kept.`,
      cause,
    });
  } finally {
    await source.close();
  }
}

/** External data that the model names must be there; golden inputs and labels must be what they say. */
async function checkCompanions(deps: Pick<Deps, 'artifacts'>, received: Received[], facts: OnnxFacts): Promise<void> {
  const missing = facts.externalData
    .map(({ location }) => location)
    .filter((location) => !received.some(({ path }) => path === location));
  if (missing.length > 0) {
    const names = missing.slice(0, 5).join(', ');
    throw new AppError({
      code: 'invalid',
      reason: 'external_data_missing',
      userMessage: `The model keeps its weights in other files, which were not sent: ${names}. Upload them together with the model.`,
    });
  }
  for (const { path, role, file } of received) {
    if (role === 'golden') await readJsonFile(deps, path, file, GoldenFile);
    if (role === 'labels') await readJsonFile(deps, path, file, LabelsFile);
  }
}

function invalidFile(path: string, why: string): AppError {
  return new AppError({
    code: 'invalid',
    reason: 'file',
    userMessage: `"${path.slice(0, 200)}" ${why}`,
    fields: [{ pointer: '/files', message: why }],
  });
}

function versionExists({ model, version }: RegisterVersion): AppError {
  return new AppError({
    code: 'conflict',
    reason: 'version_exists',
    userMessage: `${model} ${version} exists already, and versions never change. Register the file under a new version.`,
    details: { model, version },
  });
}
