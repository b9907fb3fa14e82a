import { LabelsFile } from '@flotilla/protocol';
import type { ModelVersion } from '../../db/models.ts';
import type { Deps } from '../deps.ts';

/** Names of the classes of a version in the order of its output, from its labels file; null when it has none. */
export async function classNames(
  { artifacts }: Pick<Deps, 'artifacts'>,
  { files }: Pick<ModelVersion, 'files'>,
): Promise<string[] | null> {
  const file = files.find(({ role }) => role === 'labels');
  if (!file) return null;
  const chunks = await (await artifacts.open(file.sha256)).toArray();
  return LabelsFile.parse(JSON.parse(Buffer.concat(chunks).toString('utf8'))).classes;
}
