import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { createDb } from '../../db/client.ts';
import { permissions } from '../../domain/access/permissions.ts';
import { createOwner } from '../../services/accounts/create-owner.ts';
import { createKey } from '../../services/api-keys/create-key.ts';
import type { Stack } from '../local/stack.ts';

const Owner = z.object({ email: z.string(), password: z.string(), slug: z.string(), apiKey: z.string() });

/** The demo's sign-in, and the API key with which it seeds itself. Kept with the state, so that a second start prints the same. */
export type DemoOwner = z.infer<typeof Owner>;

export async function demoOwner({ state, databaseUrl }: Stack): Promise<DemoOwner> {
  const path = join(state.dir, 'sign-in.json');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text !== null) return Owner.parse(JSON.parse(text));
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
    const owner = { email, password, slug, apiKey: secret };
    await writeFile(path, JSON.stringify(owner), { mode: 0o600 });
    return owner;
  } finally {
    await db.$disconnect();
  }
}
