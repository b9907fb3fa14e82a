import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Stack } from '../local/stack.ts';

const Owner = z.object({ email: z.string(), password: z.string(), slug: z.string(), apiKey: z.string() });

/** The demo's sign-in, and the API key with which it seeds itself. Kept with the state, so that a second start prints the same. */
export type DemoOwner = z.infer<typeof Owner>;

/** What makes an owner is loaded only here: it needs the database client, which the first start of a stack generates. */
export async function demoOwner({ state, databaseUrl }: Pick<Stack, 'state' | 'databaseUrl'>): Promise<DemoOwner> {
  const path = join(state.dir, 'sign-in.json');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text !== null) return Owner.parse(JSON.parse(text));
  const { makeOwner } = await import('./make-owner.ts');
  const owner = await makeOwner(databaseUrl);
  await writeFile(path, JSON.stringify(owner), { mode: 0o600 });
  return owner;
}
