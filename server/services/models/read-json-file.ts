import type * as z from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Deps, ReceivedFile } from '../deps.ts';

/** Golden inputs and labels are read whole, so they are bounded. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** Reads a small uploaded file by its schema. @throws AppError `invalid`, with what is wrong and where. */
export async function readJsonFile<T>(
  deps: Pick<Deps, 'artifacts'>,
  name: string,
  file: ReceivedFile,
  schema: z.ZodType<T>,
): Promise<T> {
  const parsed = schema.safeParse(parseJson(name, await readTextFile(deps, name, file)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw wrong(
    name,
    `does not have the right form at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? 'unknown'}.`,
  );
}

/** Reads a small uploaded file as text. @throws AppError `invalid` when it is not small. */
export async function readTextFile(
  { artifacts }: Pick<Deps, 'artifacts'>,
  name: string,
  { path, sizeBytes }: ReceivedFile,
): Promise<string> {
  if (sizeBytes > MAX_JSON_BYTES) throw wrong(name, `is larger than ${MAX_JSON_BYTES / 1024 ** 2} MiB.`);
  const source = await artifacts.source(path);
  try {
    return Buffer.from(await source.read(0, sizeBytes)).toString('utf8');
  } finally {
    await source.close();
  }
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw wrong(name, 'is not JSON.', cause);
  }
}

function wrong(name: string, why: string, cause?: unknown): AppError {
  return new AppError({ code: 'invalid', reason: 'file', userMessage: `${name} ${why} Nothing was kept.`, cause });
}
