import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OipTensor } from '@flotilla/protocol';
import * as z from 'zod';
import { messageOf } from '../../logger.ts';
import { inputsOf } from '../golden.ts';
import { RequestError, RunnerError } from '../runner-error.ts';
import type { LabelledInput } from './synthetic.ts';

const InputFile = z.looseObject({
  inputs: z.array(OipTensor).min(1).max(64),
  label: z.union([z.string(), z.number().int().min(0)]).optional(),
});

/** Files taken from one folder; a folder with more is not a set of inputs. */
const MAX_FILES = 10_000;

/** `*.json` files of a folder, one after another and round again; what the folder holds is looked up each round. */
export async function createFolder(path: string): Promise<() => Promise<LabelledInput>> {
  let names = await listInputs(path);
  if (names.length === 0) throw new RunnerError('release.input', `${path} holds no *.json file`);
  return async () => {
    if (names.length === 0) names = await listInputs(path);
    const name = names.shift();
    if (name === undefined) throw new RequestError(500, 'no_input', `${path} holds no *.json file`);
    return await readInput(join(path, name));
  };
}

async function listInputs(path: string): Promise<string[]> {
  try {
    const names = await readdir(path);
    return names
      .filter((name) => name.endsWith('.json'))
      .sort()
      .slice(0, MAX_FILES);
  } catch (error) {
    throw new RunnerError('release.input', messageOf(error), error);
  }
}

async function readInput(path: string): Promise<LabelledInput> {
  try {
    const { inputs, label } = InputFile.parse(JSON.parse(await readFile(path, 'utf8')));
    return { inputs: inputsOf(inputs), ...(label !== undefined && { label }) };
  } catch (error) {
    throw new RequestError(500, 'bad_input_file', messageOf(error));
  }
}
