import { randomBytes } from 'node:crypto';
import { createDb } from '../../db/client.ts';
import { permissions } from '../../domain/access/permissions.ts';
import { createOwner } from '../../services/accounts/create-owner.ts';
import { createKey } from '../../services/api-keys/create-key.ts';
import type { DemoOwner } from './owner.ts';

/** Makes the organization, a person with a new password who owns it, and a key that may do everything. */
export async function makeOwner(databaseUrl: string): Promise<DemoOwner> {
  const db = createDb(databaseUrl, 2);
  try {
    const email = 'demo@flotilla.example';
    const password = randomBytes(9).toString('base64url');
    const { organizationId, slug, userId } = await createOwner(
      { db },
      { organizationName: 'Demo', name: 'Demo', email, password },
    );
    const actor = { kind: 'user', organizationId, userId, role: 'owner' } as const;
    const { secret } = await createKey({ db, now: () => new Date() }, actor, {
      name: 'Demo',
      scopes: [...permissions],
      expiresInS: null,
    });
    return { email, password, slug, apiKey: secret };
  } finally {
    await db.$disconnect();
  }
}
