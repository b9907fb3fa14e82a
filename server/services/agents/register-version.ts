import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentPackages, AgentVersion } from '@flotilla/protocol';
import * as z from 'zod';
import { findAgentVersions, saveAgentVersion } from '../../db/agent-versions.ts';
import type { Deps } from '../deps.ts';

/** What `agent/build.ts` writes beside its archives. */
const Manifest = z.object({ version: AgentVersion, packages: AgentPackages });

/**
 * Puts the agent that this server brings into the artifact store and among the versions that devices may be told to become. It stays there
 * when a later server brings another. Returns its version; null when there is none. @throws AppError `storage_full`; Error for a package that
 * is not what its manifest says.
 */
export async function registerAgentVersion(
  deps: Pick<Deps, 'db' | 'now' | 'artifacts'>,
  packageDir: string,
): Promise<string | null> {
  const text = await readFile(join(packageDir, 'manifest.json'), 'utf8').catch(() => null);
  if (text === null) return null;
  const { version, packages } = Manifest.parse(JSON.parse(text));
  const [known] = await findAgentVersions(deps.db, [version]);
  if (!known) {
    for (const [platform, expected] of Object.entries(packages)) {
      const file = join(packageDir, `flotilla-agent-${platform}.tar.gz`);
      await deps.artifacts.requireRoom(expected.sizeBytes);
      const received = await deps.artifacts.receive(createReadStream(file), { maxBytes: expected.sizeBytes });
      if (received.sha256 !== expected.sha256) {
        await received.discard();
        throw new Error(`${file} is not the package that its manifest names`);
      }
      await received.publish();
    }
  }
  await saveAgentVersion(deps.db, { version, packages, offeredAt: deps.now() });
  return version;
}
