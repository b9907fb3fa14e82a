import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { can } from '../../domain/access/actor.ts';
import { roles } from '../../domain/access/permissions.ts';
import { testClock } from '../../testing/clock.ts';
import { testDatabase } from '../../testing/database.ts';
import { removeArtifacts, type TestDeps, testDeps } from '../../testing/fleet.ts';
import { createTestMember, createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestPki, testPki } from '../../testing/pki.ts';
import { LiveHub } from '../live/hub.ts';
import type { SignedInUser } from './init.ts';
import { appRouter, createAppCaller } from './root.ts';

/** Every procedure that the router has, by its path; a new one is tested without being named here. */
const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { meta?: { permission?: string } } }>,
);

const database = testDatabase();
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
let theirs: TestOrganization;
beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, testClock().now);
  ours = await createTestOrganization(database.db());
  theirs = await createTestOrganization(database.db());
});
afterAll(async () => {
  await removeArtifacts(deps);
  await pki.remove();
});

const slugOf = async ({ organizationId }: TestOrganization) =>
  (await database.db().organization.findUniqueOrThrow({ where: { id: organizationId } })).slug;
const userOf = async (role: (typeof roles)[number]): Promise<SignedInUser> => {
  const { userId } = await createTestMember(database.db(), ours.organizationId, role);
  const membership = { organizationId: ours.organizationId, slug: await slugOf(ours), name: 'Ours', role };
  return { userId, name: 'A test user', email: 'user@example.test', sessionId: userId, memberships: [membership] };
};

/** The code a call ends with; `let in` when the guards passed it on, whatever the procedure then says of its input. */
async function codeOf(path: string, user: SignedInUser | null, org: string): Promise<string> {
  const hub = new LiveHub(database.url());
  const caller = createAppCaller({ deps, user, hub, requestId: 'test' });
  const call = path.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], caller) as (
    input: unknown,
  ) => Promise<unknown>;
  return call({ org }).then(
    () => 'let in',
    (error: { code: string }) => (error.code === 'BAD_REQUEST' ? 'let in' : error.code),
  );
}

it('the router has procedures, each with the permission it needs', () => {
  expect(procedures.length).toBeGreaterThanOrEqual(20);
  for (const [path, { _def }] of procedures) expect([path, _def.meta?.permission]).toEqual([path, expect.any(String)]);
});

describe.each(procedures)('%s', (path, { _def }) => {
  it('is closed to who is not signed in', async () => {
    expect(await codeOf(path, null, await slugOf(ours))).toBe('UNAUTHORIZED');
  });

  it('does not know an organization that is not one’s own, nor one that is not there', async () => {
    const owner = await userOf('owner');
    expect(await codeOf(path, owner, await slugOf(theirs))).toBe('NOT_FOUND');
    expect(await codeOf(path, owner, 'nowhere')).toBe('NOT_FOUND');
  });

  it.each(roles)('is for a %s exactly when the role grants its permission', async (role) => {
    const user = await userOf(role);
    const actor = { kind: 'user', organizationId: ours.organizationId, userId: user.userId, role } as const;
    const permission = _def.meta?.permission as Parameters<typeof can>[1];
    expect(await codeOf(path, user, await slugOf(ours))).toBe(can(actor, permission) ? 'let in' : 'FORBIDDEN');
  });

  it('is closed to who was a member and is no more', async () => {
    expect(await codeOf(path, { ...(await userOf('owner')), memberships: [] }, await slugOf(ours))).toBe('NOT_FOUND');
  });
});
