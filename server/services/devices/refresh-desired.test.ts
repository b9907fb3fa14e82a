import { DesiredState } from '@flotilla/protocol';
import { compactVerify, importJWK } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StoredRelease } from '../../db/releases.ts';
import { inTenant } from '../../db/scope.ts';
import { testClock } from '../../testing/clock.ts';
import { testDatabase } from '../../testing/database.ts';
import { enrollTestDevice } from '../../testing/enrollment.ts';
import { demoRelease, removeArtifacts, type TestDeps, testDeps } from '../../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestPki, testPki } from '../../testing/pki.ts';
import { decommissionDevice } from './decommission-device.ts';
import { issueDesired } from './issue-desired.ts';
import { refreshDesired } from './refresh-desired.ts';

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;
/** Documents are good for 30 days, and due when less than 10 are left. */
const [LIFE_MS, DUE_AFTER_MS] = [30 * DAY_MS, 20 * DAY_MS];

const database = testDatabase();
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
let theirs: TestOrganization;
const releases = new Map<TestOrganization, StoredRelease>();
beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, () => new Date());
  ours = await createTestOrganization(database.db());
  theirs = await createTestOrganization(database.db());
  for (const each of [ours, theirs]) releases.set(each, await demoRelease(deps, each.owner, '1.0.0'));
});
beforeEach(async () => {
  deps = { ...deps, now: testClock().now };
  await database.db().desiredState.deleteMany();
  await database.db().outbox.deleteMany();
});
afterAll(async () => {
  await removeArtifacts(deps);
  await pki.remove();
});

const wish = (organization = ours) => ({ deployment: uuidv7(), releaseId: releases.get(organization)?.id ?? '' });
/** A device whose document was issued so long ago, before its wish came out of the outbox. */
async function deviceSince(
  agoMs: number,
  organization = ours,
  wanted: ReturnType<typeof wish> | null = wish(organization),
) {
  const { deviceId } = await enrollTestDevice(deps, organization.owner, `device-${uuidv7()}`);
  const now = () => new Date(deps.now().getTime() - agoMs);
  await inTenant(deps.db, organization.organizationId, (scope) =>
    issueDesired({ ...deps, now }, scope, [{ deviceId, slot: 'default', wanted }]),
  );
  await database.db().outbox.deleteMany();
  return deviceId;
}
const rowOf = (deviceId: string) => database.db().desiredState.findUniqueOrThrow({ where: { deviceId } });
const inOutbox = async () => (await database.db().outbox.findMany()).map(({ deviceId }) => deviceId);
async function documentOf(deviceId: string): Promise<DesiredState> {
  const { payload } = await compactVerify(
    (await rowOf(deviceId)).jws,
    await importJWK(deps.signer.trustedKeys[0] ?? {}, 'EdDSA'),
  );
  return DesiredState.parse(JSON.parse(new TextDecoder().decode(payload)));
}

describe('a document that is about to run out', () => {
  it('is signed anew with the next generation and a new life, wishes the same, and is published', async () => {
    const deviceId = await deviceSince(DUE_AFTER_MS + MINUTE_MS);
    const before = await documentOf(deviceId);
    expect(await refreshDesired(deps)).toBe(1);
    const nowMs = deps.now().getTime();
    const life = { issuedAt: nowMs, expiresAt: nowMs + LIFE_MS };
    expect(await documentOf(deviceId)).toEqual({ ...before, ...life, generation: before.generation + 1 });
    expect(before.slots.default).toMatchObject({ release: { id: releases.get(ours)?.id } });
    expect(await rowOf(deviceId)).toMatchObject({
      generation: 2,
      issuedAt: new Date(life.issuedAt),
      expiresAt: new Date(life.expiresAt),
    });
    expect(await inOutbox()).toEqual([deviceId]);
  });

  it('is issued again when it ran out already, and when its slot shall be empty', async () => {
    const [late, emptied] = [await deviceSince(LIFE_MS + DAY_MS), await deviceSince(LIFE_MS - DAY_MS, ours, null)];
    expect(await refreshDesired(deps)).toBe(2);
    expect((await documentOf(late)).expiresAt).toBe(deps.now().getTime() + LIFE_MS);
    expect(await documentOf(emptied)).toMatchObject({ generation: 2, slots: { default: null } });
  });

  it('is issued again in every organization, each from its own releases', async () => {
    const [mine, other] = [await deviceSince(LIFE_MS), await deviceSince(LIFE_MS, theirs)];
    expect(await refreshDesired(deps)).toBe(2);
    for (const [deviceId, organization] of [
      [mine, ours],
      [other, theirs],
    ] as const) {
      const { organizationId, generation } = await rowOf(deviceId);
      expect([organizationId, generation]).toEqual([organization.organizationId, 2]);
      expect((await documentOf(deviceId)).slots.default?.release.id).toBe(releases.get(organization)?.id);
    }
  });
});

describe('nothing else is touched', () => {
  it('a document with more than ten days left, and a second look right after the first', async () => {
    const [due, fresh] = [await deviceSince(LIFE_MS - DAY_MS), await deviceSince(DUE_AFTER_MS - MINUTE_MS)];
    const before = await rowOf(fresh);
    expect(await refreshDesired(deps)).toBe(1);
    const after = await rowOf(due);
    expect(await refreshDesired(deps)).toBe(0);
    expect([await rowOf(fresh), await rowOf(due)]).toEqual([before, after]);
    expect(await inOutbox()).toEqual([due]);
  });

  it('a device that is decommissioned', async () => {
    const deviceId = await deviceSince(LIFE_MS);
    await decommissionDevice(deps, ours.owner, { deviceId });
    const before = await rowOf(deviceId);
    expect(await refreshDesired(deps)).toBe(0);
    expect(await rowOf(deviceId)).toEqual(before);
  });

  it('a document that another worker issued again at the same time', async () => {
    const devices = [await deviceSince(LIFE_MS), await deviceSince(LIFE_MS), await deviceSince(LIFE_MS, theirs)];
    const issued = await Promise.all([refreshDesired(deps), refreshDesired(deps), refreshDesired(deps)]);
    expect(issued.reduce((sum, each) => sum + each)).toBe(3);
    for (const deviceId of devices) expect((await rowOf(deviceId)).generation).toBe(2);
  });
});

it('an organization whose documents cannot be issued keeps no other from its own, and is not passed over in silence', async () => {
  const lost = uuidv7();
  const broken = await deviceSince(LIFE_MS + DAY_MS);
  const sound = await deviceSince(LIFE_MS, theirs);
  await database.db().desiredState.update({
    where: { deviceId: broken },
    data: { slots: { default: { deployment: uuidv7(), releaseId: lost } } },
  });
  const before = await rowOf(broken);
  await expect(refreshDesired(deps)).rejects.toMatchObject({
    errors: [expect.objectContaining({ message: expect.stringContaining(lost) })],
  });
  expect((await rowOf(sound)).generation).toBe(2);
  expect(await rowOf(broken)).toEqual(before);
  expect(await inOutbox()).toEqual([sound]);
});
