import { beforeAll, expect, it } from 'vitest';
import { OrganizationChange } from '../../domain/access/organization-settings.ts';
import { testDatabase } from '../../testing/database.ts';
import { createTestMember, createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { getOrganization, updateOrganization } from './organization.ts';

const database = testDatabase();
const deps = () => ({ db: database.db() });
let ours: TestOrganization;
let theirs: TestOrganization;
beforeAll(async () => {
  ours = await createTestOrganization(database.db());
  theirs = await createTestOrganization(database.db());
});

it('changes what is given, of this organization alone, and notes who did it', async () => {
  const before = await getOrganization(deps(), ours.owner);
  const other = await getOrganization(deps(), theirs.owner);
  const retention = { windowsDays: 3, minutesDays: 30, hoursDays: 300 };
  const after = await updateOrganization(deps(), ours.owner, { retention });
  expect(after).toEqual({ ...before, retention });
  expect(await updateOrganization(deps(), ours.owner, { name: 'Nordlys' })).toEqual({ ...after, name: 'Nordlys' });
  expect(await getOrganization(deps(), theirs.owner)).toEqual(other);
  const audit = await database.db().auditEntry.findMany({
    where: { organizationId: ours.organizationId, action: 'organization.update' },
    orderBy: { at: 'asc' },
  });
  expect(audit.map(({ detail }) => detail)).toEqual([{ retention }, { name: 'Nordlys' }]);
});

it('is for admins and owners', async () => {
  for (const role of ['viewer', 'operator'] as const) {
    const member = await createTestMember(database.db(), ours.organizationId, role);
    await expect(updateOrganization(deps(), member, { name: 'x' })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(getOrganization(deps(), member)).resolves.toBeTruthy();
  }
});

it.each([
  [{ windowsDays: 0, minutesDays: 30, hoursDays: 300 }],
  [{ windowsDays: 31, minutesDays: 30, hoursDays: 300 }],
  [{ windowsDays: 3, minutesDays: 301, hoursDays: 300 }],
  [{ windowsDays: 3, minutesDays: 30, hoursDays: 4_000 }],
])('%j is no retention', (retention) => {
  expect(OrganizationChange.safeParse({ retention }).success).toBe(false);
});
