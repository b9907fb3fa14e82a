import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from '@playwright/test';
import { v7 as uuidv7 } from 'uuid';
import { routes } from '../../components/routes.ts';
import { hashPassword } from '../../server/auth/passwords.ts';
import { insertOwner } from '../../server/db/accounts.ts';
import { createDb } from '../../server/db/client.ts';
import { inTenant } from '../../server/db/scope.ts';
import { slugOf } from '../../server/domain/access/account.ts';
import { permissions } from '../../server/domain/access/permissions.ts';
import { startAgents } from '../../server/main/demo/agents.ts';
import { makeRelease, registerVersion, rollOutFirst, untilOnline } from '../../server/main/demo/seed.ts';
import { RestClient } from '../../server/main/local/rest-client.ts';
import { type Simulator, startSimulator } from '../../server/main/local/simulator.ts';
import { Supervisor } from '../../server/main/local/supervisor.ts';
import { createKey } from '../../server/services/api-keys/create-key.ts';
import { sharedStack } from './shared.ts';
import { open } from './test.ts';

/** Who is not signed in yet. */
const NOBODY = { cookies: [], origins: [] };

const PASSWORD = 'a fleet of its own at night';

export type Tenant = { slug: string; email: string; password: string; key: string; rest: RestClient };

/** An organization beside the first one, with an owner who can sign in and a key that may do everything. */
export async function makeTenant(organizationName: string): Promise<Tenant> {
  const { url, databaseUrl } = sharedStack();
  const db = createDb(databaseUrl, 2);
  try {
    const [organizationId, userId, slug] = [uuidv7(), uuidv7(), slugOf(organizationName)];
    const email = `owner@${slug}.example`;
    const passwordHash = await hashPassword(PASSWORD);
    await inTenant(db, organizationId, (scope) =>
      insertOwner(scope.tx, { organizationId, organizationName, slug, userId, name: 'Sol Owner', email, passwordHash }),
    );
    const owner = { kind: 'user', organizationId, userId, role: 'owner' } as const;
    const key = { name: 'Journeys', scopes: [...permissions], expiresInS: null };
    const { secret } = await createKey({ db, now: () => new Date() }, owner, key);
    return { slug, email, password: PASSWORD, key: secret, rest: new RestClient(url, secret) };
  } finally {
    await db.$disconnect();
  }
}

/** Devices of the tenant that answer like real ones, each serving version 1.0.0; 2.0.0 is registered. */
export async function startFleet({ slug, rest }: Tenant, devices: number): Promise<Simulator> {
  const { url, dir } = sharedStack();
  const wanted = { name: 'Simulated', labels: { site: 'oslo' }, maxUses: devices, expiresInS: 3600 };
  const { secret } = await rest.call<{ secret: string }>('POST', '/enrollment-tokens', wanted);
  const simulator = startSimulator({
    url,
    token: secret,
    dir: join(dir, slug),
    flags: ['--devices', String(devices), '--name', 'press'],
    logFile: join(dir, `${slug}.log`),
  });
  await simulator.ready;
  await registerVersion(rest, '1.0.0');
  await registerVersion(rest, '2.0.0');
  await rollOutFirst(rest, await makeRelease(rest, '1.0.0'));
  return simulator;
}

/** A real agent on a device that is laid out as an installed one, under a supervisor that starts it again as systemd does; it serves version 1.0.0. */
export async function startDevice({ slug, rest }: Tenant): Promise<Supervisor> {
  const { url, dir } = sharedStack();
  const place = join(dir, slug);
  const state = { devicesDir: join(place, 'devices'), logDir: place };
  await mkdir(state.devicesDir, { recursive: true });
  const supervisor = new Supervisor();
  await startAgents({ state, supervisor, url, environment: process.env }, rest, 1);
  await untilOnline(rest, 1);
  await registerVersion(rest, '1.0.0');
  await rollOutFirst(rest, await makeRelease(rest, '1.0.0'));
  return supervisor;
}

/** Where the tenant's owner is signed in, once {@link signIn} has been there. */
export function sessionOf(slug: string): string {
  return join(sharedStack().dir, `${slug}.json`);
}

export async function signIn(browser: Browser, { slug, email, password }: Tenant): Promise<void> {
  const page = await browser.newPage({ baseURL: sharedStack().url, storageState: NOBODY });
  await open(page, routes.signIn());
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(routes.org(slug).overview());
  await page.context().storageState({ path: sessionOf(slug) });
  await page.close();
}
