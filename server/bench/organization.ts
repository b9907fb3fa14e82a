import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDb } from '../db/client.ts';
import type { Closers } from '../testing/cleaning-up.ts';
import { type TestDeps, testDeps } from '../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { testPki } from '../testing/pki.ts';
import { type BenchDatabase, startBenchDatabase } from './database.ts';

export type BenchOrganization = { database: BenchDatabase; deps: TestDeps; ours: TestOrganization };

/** A database of a bench's own with an organization without devices, and all that use cases take; `closers` take it away again. */
export async function startBenchOrganization(now: () => Date, closers: Closers): Promise<BenchOrganization> {
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
  closers.push(() => rm(dir, { recursive: true, force: true }));
  const database = await startBenchDatabase(join(dir, 'data'), closers);
  const db = createDb(database.url);
  closers.push(() => db.$disconnect());
  const pki = await testPki();
  closers.push(() => pki.remove());
  const deps = await testDeps(db, pki.dir, now);
  closers.push(() => rm(deps.artifactsDir, { recursive: true, force: true }));
  return { database, deps, ours: await createTestOrganization(db) };
}
