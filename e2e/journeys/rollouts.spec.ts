import type { Page } from '@playwright/test';
import { type Href, routes, withQuery } from '../../components/routes.ts';
import { makeRelease } from '../../server/main/demo/seed.ts';
import type { Simulator } from '../../server/main/local/simulator.ts';
import { expectAccessible } from '../support/accessible.ts';
import { press, tabTo, write } from '../support/keys.ts';
import { MODEL } from '../support/shared.ts';
import { makeTenant, sessionOf, signIn, startFleet, type Tenant } from '../support/tenant.ts';
import { expect, open, test } from '../support/test.ts';

/** A tenth of them is one more than the canary. */
const DEVICES = 20;
const SLUG = 'sorland-presses';
const at = routes.org(SLUG);
/** Devices move, then a wave is judged; two slow cores do all of it. */
const MOVING = { timeout: 90_000 };

let tenant: Tenant;
let fleet: Simulator;
let rollout: Href;

test.describe.configure({ mode: 'serial' });
test.setTimeout(240_000);
test.beforeAll(async ({ browser }) => {
  tenant = await makeTenant('Sorland Presses');
  fleet = await startFleet(tenant, DEVICES);
  await signIn(browser, tenant);
});
test.afterAll(async () => fleet?.stop());
// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern what a fixture needs
test.use({ storageState: ({}, use) => use(sessionOf(SLUG)) });

/** The head of the rollout's page: what goes where, and how far it is. */
function stateOf(page: Page) {
  return page
    .getByRole('main')
    .locator('header')
    .filter({ has: page.getByRole('heading', { level: 1 }) });
}

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
  await page.waitForURL(/\/rollouts\/[0-9a-f-]{36}/);
  rollout = new URL(page.url()).pathname as Href;
});

test('the live page lists devices by state and by reason, and the address keeps it', async ({ page }) => {
  await open(page, rollout);
  await expect(stateOf(page)).toContainText('a person must let it start', MOVING);
  const states = page.getByRole('group', { name: 'Devices by state' });
  await states.getByRole('button', { name: /serves 2\.0\.0/ }).click();
  await expect(page).toHaveURL(/kind=done/);
  const rows = page.locator('tr[data-row]');
  await expect(rows).toHaveCount(1);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(rows).toHaveCount(DEVICES);
  await page.getByRole('button', { name: /A person must let the wave of this device start/ }).click();
  await expect(page).toHaveURL(/why=wave\.approval/);
  await page.reload();
  await expect(rows).toHaveCount(1);
  await expectAccessible(page);
});

test('by the keys alone: approves a wave, pauses, resumes, skips and rolls back, and the focus stays with what can be done', async ({
  page,
}) => {
  await open(page, rollout);
  const actions = stateOf(page);
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  const isThere = () => actions.evaluate((head) => head.contains(document.activeElement));
  await press(page, actions.getByRole('button', { name: 'Approve A tenth' }));
  await expect(page.getByRole('dialog').getByText('A tenth moves 1 device.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect.poll(focused).toContain('Approve A tenth');
  await page.keyboard.press('Enter');
  await press(page, page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }));
  await expect(actions).toContainText('Wave 2 of 3 is baking', MOVING);
  await expect.poll(focused).toContain('Pause');

  await page.keyboard.press('Space');
  await expect(actions).toContainText('Paused the rollout.');
  await expect(actions.getByRole('button', { name: 'Pause' })).toBeHidden();
  await expect.poll(isThere).toBe(true);
  await press(page, actions.getByRole('button', { name: 'Resume' }));
  await expect(actions).toContainText('Wave 2 of 3 is');
  await expect.poll(isThere).toBe(true);

  await press(page, actions.getByRole('button', { name: 'Skip A tenth…' }));
  await expect(
    page.getByRole('dialog').getByText(/A tenth is passed over without being judged; its 1\sdevice is/),
  ).toBeVisible();
  await press(page, page.getByRole('button', { name: 'Skip A tenth', exact: true }));
  await expect(actions).toContainText('Succeeded', MOVING);

  await press(page, actions.getByRole('button', { name: 'Roll back 20…' }));
  await expect(page.getByRole('dialog').getByText(/20\sdevices return to what each served before/)).toBeVisible();
  await press(page, page.getByRole('button', { name: 'Roll back 20 devices' }));
  await expect(actions).toContainText('Rolled back', MOVING);
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await expect(page.getByText(/planned for 20 of 20 selected\sdevices/)).toBeVisible();
});

test('an abort names who stays and who finishes, moves nobody more, and leaves the others where they are', async ({
  page,
}) => {
  const bake = { seconds: 3_600 };
  const waves = [
    { name: 'One', size: { count: 1 }, bake },
    { name: 'Everyone', size: { percent: 100 }, bake },
  ];
  const releaseId = await makeRelease(tenant.rest, '2.0.0');
  const plan = { selector: 'site=oslo', waves };
  const { id } = await tenant.rest.call<{ id: string }>('POST', '/rollouts', { releaseId, plan, start: true });
  await open(page, at.rollout(id));
  const actions = stateOf(page);
  await expect(actions).toContainText('Wave 1 of 2 is baking', MOVING);
  await actions.getByRole('button', { name: 'Abort…' }).click();
  await expect(page.getByRole('dialog')).toContainText(
    /19\swaiting devices will not move\. Devices that have moved keep the new release\./,
  );
  await page.getByRole('button', { name: 'Abort for 19 devices' }).click();
  await expect(actions).toContainText('Aborted', MOVING);
  await expect(page.getByRole('region', { name: 'Decisions' })).toContainText('aborted the rollout');
  const states = page.getByRole('group', { name: 'Devices by state' });
  await expect(states.getByRole('button', { name: /serves 2\.0\.0/ })).toContainText('1');
  await expect(
    page.getByRole('button', { name: /The rollout (was )?ended before (this|the) device was told/ }),
  ).toBeVisible();
});

test('the list finds a rollout by its words, by trouble and by age', async ({ page }) => {
  await open(page, at.rollouts());
  const rows = page.locator('tr[data-row]');
  await expect(rows).toHaveCount(4);
  await page.getByRole('tab', { name: 'In trouble' }).click();
  await expect(page.getByText('No rollouts match these filters')).toBeVisible();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.keyboard.press('/');
  await page.keyboard.type('2.0.0');
  await expect(rows).toHaveCount(3);
  await expect(page).toHaveURL(/q=2\.0\.0/);
  await page.getByRole('button', { name: 'Begun' }).click();
  await expect(page).toHaveURL(/sort=/);
});

test('settings: the name, production devices, what is kept, templates and registries', async ({ page }) => {
  await open(page, at.settings());
  await page.getByLabel('Name of the organization').fill('Sørland Presses');
  await page.getByRole('region', { name: 'Name', exact: true }).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sørland Presses' })).toBeVisible();

  const production = page.getByRole('region', { name: 'Production devices' });
  await production.getByRole('textbox').fill('site=oslo');
  await expect(production.getByText('20 devices')).toBeVisible();
  await production.getByRole('button', { name: 'Save' }).click();
  await expect(production.getByText('Saved.')).toBeVisible();

  const telemetry = page.getByRole('region', { name: 'Telemetry' });
  await telemetry.getByLabel('Windows').fill('60');
  await expect(telemetry.getByText('Minutes are kept at least as long as windows.')).toBeVisible();
  await telemetry.getByLabel('Windows').fill('7');
  await expect(telemetry.getByText('Older telemetry is deleted')).toBeVisible();
  await telemetry.getByRole('button', { name: 'Save' }).click();
  await expect(telemetry.getByText('Saved.')).toBeVisible();

  await page.getByRole('link', { name: 'Plan templates' }).click();
  await page.getByRole('link', { name: 'Use By the keys for a rollout' }).click();
  await expect(page.getByText('From the template “By the keys”.')).toBeVisible();
  await expect(page.getByText('3 waves: 1 device, 10 %, all. Bakes differ.')).toBeVisible();

  await open(page, withQuery(at.registries(), { new: 'true' }));
  await page.getByLabel('Registry', { exact: true }).fill('not a registry');
  await page.getByRole('button', { name: 'Add the registry' }).click();
  await expect(page.getByText('Give the host, and the port if there is one')).toBeVisible();
  await page.getByLabel('Registry', { exact: true }).fill('ghcr.io');
  await page.getByLabel('User name').fill('ci');
  await page.getByLabel('Password or token').fill('never shown');
  await page.getByRole('button', { name: 'Add the registry' }).click();
  await expect(page.getByRole('row', { name: /ghcr\.io/ })).toContainText('in no release');
  await expectAccessible(page);
  await page
    .getByRole('row', { name: /ghcr\.io/ })
    .getByRole('button', { name: 'Delete…' })
    .click();
  await page.getByRole('button', { name: 'Delete ghcr.io' }).click();
  await expect(page.getByText('No registries yet')).toBeVisible();
});
