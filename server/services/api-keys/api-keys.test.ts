import { beforeAll, describe, expect, it } from 'vitest';
import { testClock } from '../../testing/clock.ts';
import { testDatabase } from '../../testing/database.ts';
import { createTestMember, createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { authenticateKey } from './authenticate-key.ts';
import { CreateKey, createKey } from './create-key.ts';
import { listKeys } from './list-keys.ts';
import { revokeKey } from './revoke-key.ts';

const database = testDatabase();
const clock = testClock();
const deps = () => ({ db: database.db(), now: clock.now });
const wanted = CreateKey.parse({ name: 'CI', scopes: ['devices:read', 'rollouts:write'], expiresInS: 3600 });

let ours: TestOrganization;
let theirs: TestOrganization;
beforeAll(async () => {
  ours = await createTestOrganization(database.db());
  theirs = await createTestOrganization(database.db());
});

describe('an API key', () => {
  it('acts with its scopes in its organization, and only its hash is stored', async () => {
    const { key, secret } = await createKey(deps(), ours.owner, wanted);
    expect(await authenticateKey(deps(), secret)).toEqual({
      kind: 'api-key',
      organizationId: ours.organizationId,
      keyId: key.id,
      scopes: ['devices:read', 'rollouts:write'],
    });
    const stored = JSON.stringify(await database.db().apiKey.findUnique({ where: { id: key.id } }));
    expect(stored).not.toContain(secret.slice(-43));
    expect(secret.startsWith(key.prefix)).toBe(true);
    const audit = await database.db().auditEntry.findFirst({ where: { action: 'api-key.create', subjectId: key.id } });
    expect(audit).toMatchObject({ actorId: ours.owner.userId, organizationId: ours.organizationId });
    expect(JSON.stringify(audit)).not.toContain(secret.slice(-43));
  });

  it('never has more scopes than its creator, be that a person or a key', async () => {
    const creator = {
      kind: 'api-key',
      organizationId: ours.organizationId,
      keyId: ours.organizationId,
      scopes: ['api-keys:write', 'devices:read'],
    } as const;
    await expect(createKey(deps(), creator, wanted)).rejects.toMatchObject({
      code: 'forbidden',
      reason: 'scope_exceeds_own',
      details: { missing: ['rollouts:write'] },
    });
    const { key } = await createKey(deps(), creator, { ...wanted, scopes: ['devices:read'] });
    expect(key.createdById).toBeNull();
  });

  it('is made, listed and revoked by admins and owners only', async () => {
    const { key } = await createKey(deps(), ours.owner, wanted);
    for (const role of ['operator', 'viewer'] as const) {
      const member = await createTestMember(database.db(), ours.organizationId, role);
      await expect(createKey(deps(), member, wanted)).rejects.toMatchObject({ code: 'forbidden' });
      await expect(listKeys(deps(), member)).rejects.toMatchObject({ code: 'forbidden' });
      await expect(revokeKey(deps(), member, { keyId: key.id })).rejects.toMatchObject({ code: 'forbidden' });
    }
    const device = { kind: 'device', organizationId: ours.organizationId, deviceId: key.id } as const;
    await expect(listKeys(deps(), device)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('of another organization is neither seen nor revoked', async () => {
    const { key, secret } = await createKey(deps(), ours.owner, wanted);
    expect(await listKeys(deps(), theirs.owner)).toEqual([]);
    await expect(revokeKey(deps(), theirs.owner, { keyId: key.id })).rejects.toMatchObject({ code: 'not_found' });
    await authenticateKey(deps(), secret);
  });

  it('is refused once it is revoked or has expired; revoking twice is one entry in the audit log', async () => {
    const [one, two] = [await createKey(deps(), ours.owner, wanted), await createKey(deps(), ours.owner, wanted)];
    await revokeKey(deps(), ours.owner, { keyId: one.key.id });
    expect((await revokeKey(deps(), ours.owner, { keyId: one.key.id })).revokedAt).not.toBeNull();
    await expect(authenticateKey(deps(), one.secret)).rejects.toMatchObject({ reason: 'key_revoked' });
    const audit = { action: 'api-key.revoke', subjectId: one.key.id };
    expect(await database.db().auditEntry.count({ where: audit })).toBe(1);
    clock.forwardMs(3_600_000);
    await expect(authenticateKey(deps(), two.secret)).rejects.toMatchObject({ reason: 'key_expired' });
  });

  it('is refused when one character is wrong, and when it is no key at all', async () => {
    const { secret } = await createKey(deps(), ours.owner, wanted);
    const forged = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`;
    const unknown = secret.replace(/flt_key_[0-9a-f]{32}/, `flt_key_${'0'.repeat(32)}`);
    for (const text of [forged, unknown, secret.replace('key', 'enr'), '', 'Bearer', `${secret} `]) {
      await expect(authenticateKey(deps(), text)).rejects.toMatchObject({
        code: 'unauthenticated',
        reason: 'key_unknown',
      });
    }
  });

  it('writes its last use at most once a minute', async () => {
    const { key, secret } = await createKey(deps(), ours.owner, { ...wanted, expiresInS: null });
    const lastUse = async () => (await listKeys(deps(), ours.owner)).find(({ id }) => id === key.id)?.lastUsedAt;
    await authenticateKey(deps(), secret);
    const first = clock.now();
    clock.forwardMs(59_000);
    await authenticateKey(deps(), secret);
    expect(await lastUse()).toEqual(first);
    clock.forwardMs(1_000);
    await authenticateKey(deps(), secret);
    expect(await lastUse()).toEqual(clock.now());
  });
});
