import { join } from 'node:path';
import { routes, withQuery } from '../../components/routes.ts';
import type { Simulator } from '../../server/main/local/simulator.ts';
import { press, tabTo, write } from '../support/keys.ts';
import { MODEL, sharedStack } from '../support/shared.ts';
import { makeTenant, startFleet, type Tenant } from '../support/tenant.ts';
import { expect, open, test } from '../support/test.ts';

/** A tenth of them is one more than the canary. */
const DEVICES = 20;
const at = routes.org('sorland-presses');

/** Who is not signed in yet. */
const NOBODY = { cookies: [], origins: [] };

let tenant: Tenant;
let fleet: Simulator;

test.setTimeout(240_000);
test.beforeAll(async ({ browser }) => {
  tenant = await makeTenant('Sorland Presses');
  fleet = await startFleet(tenant, DEVICES);
  const page = await browser.newPage({ baseURL: sharedStack().url, storageState: NOBODY });
  await open(page, routes.signIn());
  await page.getByLabel('E-mail').fill(tenant.email);
  await page.getByLabel('Password', { exact: true }).fill(tenant.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(at.overview());
  await page.context().storageState({ path: session() });
  await page.close();
});
test.afterAll(async () => fleet?.stop());
// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern what a fixture needs
test.use({ storageState: ({}, use) => use(session()) });

const session = () => join(sharedStack().dir, 'sorland.json');

test('by the keys alone: waves with approval, a gate, a window, kept as a template, and started', async ({ page }) => {
  await open(page, withQuery(at.newRollout(), { model: MODEL, version: '2.0.0' }));
  await expect(page.getByText('20 devices move')).toBeVisible();
  await write(page, page.getByLabel('Devices', { exact: true }), 'site=oslo');

  await press(page, page.getByRole('button', { name: 'Waves', exact: true }));
  await press(page, page.getByRole('button', { name: 'Remove wave 3' }));
  await write(page, page.getByLabel('Bake time of wave 1, minutes'), '0.1');
  await press(page, page.getByLabel('A person must let wave 2 start'), 'Space');
  await write(page, page.getByLabel('Bake time of wave 3, minutes'), '0.1');
  await expect(page.getByText('3 waves: 1 device, 10 %, all. Bakes differ.')).toBeVisible();

  await press(page, page.getByRole('button', { name: 'Gates', exact: true }));
  await press(page, page.getByRole('button', { name: 'Remove gate 5' }));
  await press(page, page.getByRole('button', { name: 'Add a gate' }));
  await tabTo(page, page.getByRole('button', { name: 'Canaries', exact: true }));
  await expect(page.getByLabel('Limit of gate 5')).toHaveValue('100 ms');

  await press(page, page.getByRole('button', { name: 'Times', exact: true }));
  await press(page, page.getByLabel('Download only in a window'), 'Space');
  await write(page, page.getByLabel('Cron pattern of the download window'), '0 * * *');
  await expect(page.getByText('Five fields that ever come together')).toBeVisible();
  await page.keyboard.type(' *');
  await expect(page.getByText(/^Open now, until|^Opens /)).toBeVisible();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Space');

  await page.keyboard.press('ControlOrMeta+Home');
  await press(page, page.getByRole('link', { name: 'Skip to content' }));
  await press(page, page.getByRole('button', { name: 'Save as template…' }));
  await write(page, page.getByLabel('Name of the template'), 'By the keys');
  await page.keyboard.press('Enter');
  await expect(page.getByText('“By the keys” can be chosen for any rollout.')).toBeVisible();

  const start = page.getByRole('button', { name: 'Start: 1 device first, of 20' });
  await expect(start).toBeEnabled();
  await press(page, start);
  await expect(page.getByRole('heading', { level: 1, name: `${MODEL} 2.0.0` })).toBeVisible();
});
