import { readFile } from 'node:fs/promises';
import { GoldenFile, LabelsFile, type OipTensor, ReferenceProfile } from '@flotilla/protocol';
import type * as z from 'zod';
import { messageOf } from '../logger.ts';
import { RunnerError } from './runner-error.ts';

export const readGolden = (path: string) => readJson(path, GoldenFile);
export const readLabels = (path: string) => readJson(path, LabelsFile);
export const readReference = (path: string) => readJson(path, ReferenceProfile);

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new RunnerError('release.malformed', `${path.split('/').at(-1)}: ${messageOf(error).slice(0, 300)}`, error);
  }
}

/** The largest absolute difference of any element from its golden value; a sentence when they cannot be compared. */
export function compareWithGolden(
  outputs: Record<string, { readonly data: unknown }>,
  golden: OipTensor[],
): number | string {
  let largest = 0;
  for (const { name, data } of golden) {
    const tensor = outputs[name];
    if (!tensor) return `the model has no output "${name}"`;
    const values = tensor.data as ArrayLike<unknown>;
    if (values.length !== data.length) return `output "${name}" has ${values.length} values, not ${data.length}`;
    for (const [at, expected] of data.entries()) {
      const difference = Math.abs(Number(values[at]) - Number(expected));
      if (Number.isNaN(difference)) return `output "${name}" has a value that is not a number`;
      largest = Math.max(largest, difference);
    }
  }
  return largest;
}
