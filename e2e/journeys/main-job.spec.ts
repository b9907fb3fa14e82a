import { readFile } from 'node:fs/promises';
import { routes } from '../../components/routes.ts';
import { expectAccessible } from '../support/accessible.ts';
import { runInstallCommand } from '../support/agent.ts';
import { RolloutForm } from '../support/rollout-form.ts';
import { at, DEVICE, MODEL, owner, sessionFile, sharedStack } from '../support/shared.ts';
import { expect, open, test } from '../support/test.ts';
import { UploadForm } from '../support/upload-form.ts';

/** A device fetches, proves, switches and observes for 10 s, then the wave bakes; two slow cores do all of it. */
const ROLLOUT_TIMEOUT = { timeout: 100_000 };

test.describe.configure({ mode: 'serial' });

test('the first visit makes the organization and its owner', async ({ page }) => {
  await open(page, '/');
  await expect(page).toHaveURL(routes.setup());
  await expectAccessible(page);
  await page.getByLabel('Organization').fill(owner.organization);
  await expect(page.getByText('Its address will be /nordlys-hydro')).toBeVisible();
  await page.getByLabel('Your name').fill(owner.name);
  await page.getByLabel('E-mail').fill(owner.email);
  await page.getByLabel('Password', { exact: true }).fill(owner.password);
  await page.getByRole('button', { name: 'Create the organization' }).click();
  await expect(page).toHaveURL(at.overview());
  await expect(page.getByRole('link', { name: 'Devices' })).toBeVisible();

  await page.getByRole('button', { name: owner.name }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.goto(routes.setup());
  await expect(page, 'the set-up is closed for good').toHaveURL(routes.signIn());
});

test.describe('signing in', () => {
  test.use({ hasRefusals: true });

  test('a wrong password is said, and the right one leads to the console', async ({ page }) => {
    await open(page, routes.signIn());
    await page.getByLabel('E-mail').fill(owner.email);
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText('The e-mail address or the password is wrong.')).toBeVisible();
    await expect(page.getByLabel('E-mail')).toHaveValue(owner.email);

    await page.getByLabel('Password', { exact: true }).fill(owner.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page).toHaveURL(at.overview());
    await page.context().storageState({ path: sessionFile() });
  });
});

test('a device joins by the command that the console shows, and appears without a reload', async ({ page }) => {
  await open(page, at.enrollment());
  await page.getByLabel('Name', { exact: true }).fill('Oslo, first press');
  await page.getByLabel('Labels', { exact: true }).fill('site=oslo, stage=canary');
  await page.getByRole('button', { name: 'Make a token for 1 device' }).click();
  const command = await page.getByRole('region', { name: 'command' }).innerText();
  expect(command).toContain(`curl -fsSL ${sharedStack().url}/install.sh`);
  await expect(page.getByText('Waiting for the first device.')).toBeVisible();

  await runInstallCommand(command, { dir: sharedStack().dir, name: DEVICE });
  await expect(page.getByText(`${DEVICE} has joined`)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'I have stored it' }).click();
  await expect(page.getByRole('row', { name: /Oslo, first press/ })).toContainText('Used up');

  await page.getByRole('link', { name: 'Devices' }).click();
  await page.getByRole('link', { name: DEVICE }).click();
  await expect(page.getByRole('heading', { level: 1, name: DEVICE })).toBeVisible();
  await expect(page.getByText('Online', { exact: true })).toBeVisible();
});

test('a model shows what its file says', async ({ page }) => {
  const form = new UploadForm(page);
  await open(page, at.models());
  await form.sendDemoModel('1.0.0');
  await expect(page).toHaveURL(at.version(MODEL, '1.0.0'));
  const ports = page.getByRole('table').filter({ hasText: 'Shape' });
  await expect(ports.getByRole('row', { name: /signal/ })).toContainText('256');
  await expect(ports.getByRole('row', { name: /probabilities/ })).toContainText('4');
  await expect(page.getByText(/^Opset \d+$/)).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'Gemm' })).toBeVisible();
  await expect(page.getByText('3 files, fetched by digest')).toBeVisible();
});

test('the first version reaches the device', async ({ page }) => {
  const form = new RolloutForm(page);
  await open(page, at.version(MODEL, '1.0.0'));
  await page.getByRole('link', { name: 'Roll out' }).click();
  await form.useSyntheticInput({ ratePerS: 50 });
  await form.useOneWave({ bakeMinutes: 0.1 });
  await form.startMovingOneDevice();
  await expect(page.getByRole('heading', { level: 1, name: `${MODEL} 1.0.0` })).toBeVisible();
  await expect(stateOf(page)).toContainText('Succeeded', ROLLOUT_TIMEOUT);
  await expectServing(page, '1.0.0');
});

test('a better version replaces it, and its lines are on the charts', async ({ page }) => {
  const upload = new UploadForm(page);
  const form = new RolloutForm(page);
  await open(page, at.model(MODEL));
  await upload.sendDemoModel('2.0.0');
  await page.getByRole('link', { name: 'Roll out' }).click();
  await form.openFold('Input');
  await expect(page.getByText(`Taken from the release of ${MODEL} 1.0.0 in service.`)).toBeVisible();
  await form.useOneWave({ bakeMinutes: 0.1 });
  await form.startMovingOneDevice();
  await expect(stateOf(page)).toContainText('Succeeded', ROLLOUT_TIMEOUT);

  await expectServing(page, '2.0.0');
  const releases = page.getByRole('list', { name: 'Release', exact: true }).getByRole('listitem');
  await expect(releases.filter({ hasText: `2.0.0 ${MODEL}` })).toBeVisible();
  await page.getByRole('button', { name: 'As table' }).click();
  const accuracy = page.getByRole('region', { name: 'Accuracy as a table' });
  await expect(accuracy.getByRole('cell', { name: /\d/ }).first()).toBeVisible();

  await open(page, at.version(MODEL, '2.0.0'));
  await expect(page.getByRole('heading', { level: 1 })).toContainText('on 1 device');
  await expect(page.getByText(/Latency p95, latest: .*2\.0\.0 [\d.]+.ms/).first()).toBeAttached();
});

test('a worse version is stopped by its accuracy gate and taken back, without a person', async ({ page }) => {
  const upload = new UploadForm(page);
  const form = new RolloutForm(page);
  await open(page, at.model(MODEL));
  await upload.sendDemoModel('3.0.0');
  await page.getByRole('link', { name: 'Roll out' }).click();
  await form.useOneWave({ bakeMinutes: 5 });
  await form.setAccuracyGate(90);
  await form.startMovingOneDevice();
  await expect(stateOf(page)).toContainText('Rolled back', ROLLOUT_TIMEOUT);
  // Against the limit and against what served before: either may prove it first.
  await expect(page.getByRole('row', { name: /^Accuracy .*Breach/ }).first()).toBeVisible();
  await expect(page.getByRole('region', { name: 'Decisions' })).toContainText(
    /failed: accuracy .+, limit .+, on \d+ labelled inferences of 1 device/i,
  );
  await expect(page.getByRole('link', { name: 'The roll back of it' })).toBeVisible();
  await expectServing(page, '2.0.0');
});

test('two versions are compared on the same device, and the view leaves as numbers, as a picture and as a link', async ({
  page,
}) => {
  await open(page, at.telemetry());
  const whole = page.getByRole('region', { name: 'Values of the whole range' });
  await expect(whole.getByRole('row', { name: /^2\.0\.0 / })).toBeVisible();
  await page.getByRole('combobox', { name: 'Versions' }).click();
  for (const version of ['1.0.0', '2.0.0']) await page.getByRole('option', { name: version, exact: true }).click();
  await page.keyboard.press('Escape');
  await page.getByLabel('Only devices that ran every one of these versions').check();
  await expect(page.getByText('1 device', { exact: false }).first()).toBeVisible();
  await expect(whole.getByRole('row')).toHaveCount(3);
  expect(new URL(page.url()).searchParams.get('same')).toBe('true');

  const [csv] = await Promise.all([page.waitForEvent('download'), exportAs(page, 'Numbers as CSV')]);
  const lines = (await readFile(await csv.path(), 'utf8')).trim().split('\r\n');
  expect(lines[0]).toBe('bucket_start,line,metric,value,observations');
  expect(lines.some((line) => /,2\.0\.0,latency_p95_ms,[\d.]+,\d+$/.test(line))).toBe(true);
  const [png] = await Promise.all([page.waitForEvent('download'), exportAs(page, 'Charts as PNG')]);
  expect((await readFile(await png.path())).subarray(1, 4).toString()).toBe('PNG');

  await page.reload();
  await expect(page.getByLabel('Only devices that ran every one of these versions')).toBeChecked();
  await expect(whole.getByRole('row')).toHaveCount(3);
});

test('a drag over one chart zooms them all, the address keeps it, and rollouts are marked', async ({ page }) => {
  await open(page, at.telemetry());
  const charts = page.getByRole('region', { name: 'Over time' }).getByRole('figure');
  await expect(page.getByText('rolled back', { exact: false }).first()).toBeAttached();
  const box = await charts.first().locator('svg').last().boundingBox();
  if (!box) throw new Error('the chart is not drawn');
  const [left, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(left, y);
  await page.mouse.down();
  await page.mouse.move(left + box.width * 0.45, y, { steps: 5 });
  await page.mouse.up();
  await expect(page).toHaveURL(/from=\d+.*to=\d+/);
  const { pathname, search, searchParams } = new URL(page.url());
  const [from, to] = [Number(searchParams.get('from')), Number(searchParams.get('to'))];
  expect((to - from) / 3_600_000).toBeCloseTo(0.45, 1);

  await open(page, at.overview());
  await open(page, pathname + search);
  await page.getByRole('button', { name: 'Reset zoom' }).click();
  await expect(page).not.toHaveURL(/from=/);
});

type Page = Parameters<typeof open>[0];

async function exportAs(page: Page, what: string): Promise<void> {
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: what }).click();
}

/** The head of a rollout's page: what goes where, and how far it is. */
function stateOf(page: Page) {
  return page
    .getByRole('main')
    .locator('header')
    .filter({ has: page.getByRole('heading', { level: 1 }) });
}

async function expectServing(page: Page, version: string): Promise<void> {
  await open(page, at.devices());
  await page.getByRole('link', { name: DEVICE }).click();
  await expect(page.getByRole('region', { name: 'Update' })).toContainText(`serves ${MODEL} ${version}`);
}
