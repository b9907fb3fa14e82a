import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { faults } from '../../agent/src/testing/faults.ts';
import { packCandidate } from '../../agent/src/testing/whole-candidate.ts';
import { createFolderStore } from '../../server/artifacts/folder-store.ts';
import { createDb } from '../../server/db/client.ts';
import { registerAgentVersion } from '../../server/services/agents/register-version.ts';
import { sharedStack } from './shared.ts';

/** Offers this agent to devices under another version, as a newer server would. Returns the version. */
export async function offerAgent(buildId: string, fault: keyof typeof faults = 'none'): Promise<string> {
  const { dir, databaseUrl } = sharedStack();
  const packageDir = join(dir, `agent-${buildId}`);
  const db = createDb(databaseUrl, 2);
  try {
    const { version } = await packCandidate(packageDir, buildId, fault);
    const artifacts = await createFolderStore(join(dir, 'local', 'artifacts'));
    await registerAgentVersion({ db, artifacts, now: () => new Date() }, packageDir);
    return version;
  } finally {
    await db.$disconnect();
    await rm(packageDir, { recursive: true, force: true });
  }
}
