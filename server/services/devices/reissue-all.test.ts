import { DesiredState } from '@flotilla/protocol';
import { compactVerify, importJWK } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inTenant } from '../../db/scope.ts';
import { testClock } from '../../testing/clock.ts';
import { testDatabase } from '../../testing/database.ts';
import { removeArtifacts, type TestDeps, testDeps } from '../../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestPki, testPki } from '../../testing/pki.ts';
import { setCaptureSettings } from '../commands/capture-settings.ts';
import { issueDesired } from './issue-desired.ts';

/** More than two transactions of documents hold. */
const DEVICES = 1_001;

const database = testDatabase();
const clock = testClock();
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, clock.now);
  ours = await createTestOrganization(database.db());
});
afterAll(async () => {
  await removeArtifacts(deps);
  await pki.remove();
});

/** So many devices of an organization, each told once to have an empty slot. */
async function devicesTold({ organizationId }: TestOrganization, count: number): Promise<void> {
  const devices = await database.db().$queryRaw<{ id: string }[]>`
    INSERT INTO device (id, organization_id, name, public_key, key_fingerprint)
    SELECT gen_random_uuid(), ${organizationId}::uuid, 'device-' || i, ''::bytea, ${organizationId} || '-' || i
    FROM generate_series(1, ${count}::int) AS i RETURNING id`;
  const changes = devices.map(({ id }) => ({ deviceId: id, slot: 'default', wanted: null }));
  await inTenant(deps.db, organizationId, (scope) => issueDesired(deps, scope, changes));
}

async function documentsOf({ organizationId }: TestOrganization): Promise<DesiredState[]> {
  const key = await importJWK(deps.signer.trustedKeys[0] ?? {}, 'EdDSA');
  const rows = await database.db().desiredState.findMany({ where: { organizationId } });
  return await Promise.all(
    rows.map(async ({ jws }) =>
      DesiredState.parse(JSON.parse(new TextDecoder().decode((await compactVerify(jws, key)).payload))),
    ),
  );
}

it('every device of a large fleet is told what its organization set, once, and none of another', async () => {
  const theirs = await createTestOrganization(database.db());
  await devicesTold(ours, DEVICES);
  await devicesTold(theirs, 1);
  await database.db().outbox.deleteMany();
  await setCaptureSettings(deps, ours.owner, { isAllowed: true, maxSamples: 7 });
  const told = await documentsOf(ours);
  expect(told).toHaveLength(DEVICES);
  for (const { generation, telemetry } of told) expect([generation, telemetry.captures?.maxSamples]).toEqual([2, 7]);
  expect((await database.db().outbox.findMany()).map(({ deviceId }) => deviceId).toSorted()).toEqual(
    told.map(({ deviceId }) => deviceId).toSorted(),
  );
  expect(await documentsOf(theirs)).toMatchObject([{ generation: 1, slots: { default: null } }]);
});
