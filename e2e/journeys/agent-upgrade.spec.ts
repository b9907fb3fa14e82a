import type { Page } from '@playwright/test';
import { routes } from '../../components/routes.ts';
import type { Supervisor } from '../../server/main/local/supervisor.ts';
import { expectAccessible } from '../support/accessible.ts';
import { offerAgent } from '../support/agent-version.ts';
import { makeTenant, sessionOf, signIn, startDevice } from '../support/tenant.ts';
import { expect, open, test } from '../support/test.ts';

const SLUG = 'fjord-presses';
const DEVICE = 'press-01';
const at = routes.org(SLUG);
/** A package is fetched, unpacked and tried, and the models are loaded again. */
const UPGRADED = { timeout: 60_000 };

let device: Supervisor;
let good: string;

test.describe.configure({ mode: 'serial' });
test.setTimeout(180_000);
test.beforeAll(async ({ browser }) => {
  const tenant = await makeTenant('Fjord Presses');
  device = await startDevice(tenant);
  await signIn(browser, tenant);
});
test.afterAll(async () => device?.stop());
// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern what a fixture needs
test.use({ storageState: ({}, use) => use(sessionOf(SLUG)) });

async function agentOf(page: Page) {
  await open(page, at.devices());
  await page.getByRole('link', { name: DEVICE }).click();
  return page.getByRole('region', { name: 'Agent', exact: true });
}

test('a server brings another agent: the fleet is upgraded to it, and the device says so', async ({ page }) => {
  good = await offerAgent('600d0001');
  const version = good;
  await open(page, at.agents());
  await expect(page.getByRole('row', { name: version })).toContainText('on no device');
  await page.getByRole('button', { name: 'Upgrade agents' }).click();
  await expect(page.getByRole('combobox', { name: 'Version' })).toHaveValue(version);
  await expect(page.getByText('1 of 1 device will be upgraded, 1 of them connected now.')).toBeVisible();
  await page.getByLabel('Watched for').fill('3');
  await expect(page.getByText('served with it for 3 s without trouble')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Upgrade 1 device' }).click();
  const upgrades = page.getByRole('region', { name: 'Upgrades' });
  await expect(upgrades.getByRole('row', { name: version })).toContainText('1 confirmed', UPGRADED);
  await expect(upgrades.getByRole('row', { name: version })).toContainText('done');
  await expectAccessible(page);

  const agent = await agentOf(page);
  await expect(agent).toContainText(version);
  await expect(agent.getByRole('status')).toContainText('runs, confirmed');
  await expect(agent.getByRole('button')).toHaveCount(0);
});

test('one that does not stay up gives way to the one before; its page says why, and lets a person try again', async ({
  page,
}) => {
  const version = await offerAgent('bad00001', 'dies at once');
  const agent = await agentOf(page);
  await expect(agent).toContainText(`This server has${version}`);
  await agent.getByRole('button', { name: 'Upgrade agent…' }).click();
  await page.getByLabel('Watched for').fill('3');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Upgrade this agent' }).click();
  await expect(agent.getByRole('status')).toContainText('went back to the one before', UPGRADED);
  await expect(agent.getByRole('status')).toContainText('upgrade.crashed');
  await expect(agent).toContainText(`Version${good}`);
  await expect(agent.getByRole('button', { name: 'Try again…' })).toBeVisible();
  await expectAccessible(page);

  await open(page, at.agents());
  const upgrade = page.getByRole('region', { name: 'Upgrades' }).getByRole('row', { name: version });
  await expect(upgrade).toContainText('stopped');
  await expect(upgrade.getByRole('link', { name: DEVICE })).toBeVisible();
  await expectAccessible(page);

  await (await agentOf(page)).getByRole('button', { name: 'Try again…' }).click();
  await page.getByRole('button', { name: 'Upgrade this agent' }).click();
  await expect(agent.getByRole('button', { name: 'Try again…' })).toBeHidden();
});
