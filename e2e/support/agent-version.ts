import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '../../agent/bundle.ts';
import { pack, platforms, publish } from '../../agent/package.ts';
import { faults } from '../../agent/src/testing/faults.ts';
import { createFolderStore } from '../../server/artifacts/folder-store.ts';
import { createDb } from '../../server/db/client.ts';
import { registerAgentVersion } from '../../server/services/agents/register-version.ts';
import { sharedStack } from './shared.ts';

/**
 * Builds this agent under another version and offers it to devices, as a newer server would. It comes without Node: the devices of this
 * machine have one. Returns its version.
 */
export async function offerAgent(buildId: string, fault: keyof typeof faults = 'none'): Promise<string> {
  const { dir, databaseUrl } = sharedStack();
  const workDir = join(dir, `agent-${buildId}`);
  const packageDir = join(workDir, 'package');
  const platform = platforms.find((each) => each === `${process.platform}-${process.arch}`);
  if (!platform) throw new Error(`There is no agent for ${process.platform}-${process.arch}.`);
  const db = createDb(databaseUrl, 2);
  try {
    await mkdir(packageDir, { recursive: true });
    await bundle(workDir, buildId, faults[fault]);
    const packed = await pack({ platform, workDir, bundled: [], node: null });
    await publish(platform, workDir, packageDir, packed);
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../../agent/package.json'), 'utf8'));
    const manifest = { version: `${version}+${buildId}`, packages: { [platform]: packed } };
    await writeFile(join(packageDir, 'manifest.json'), JSON.stringify(manifest));
    const artifacts = await createFolderStore(join(dir, 'local', 'artifacts'));
    await registerAgentVersion({ db, artifacts, now: () => new Date() }, packageDir);
    return manifest.version;
  } finally {
    await db.$disconnect();
    await rm(workDir, { recursive: true, force: true });
  }
}
