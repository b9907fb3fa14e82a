import type { Page } from '@playwright/test';
import { type Href, routes } from '../../components/routes.ts';
import { expectAccessible } from '../support/accessible.ts';
import { at, DEVICE, MODEL } from '../support/shared.ts';
import { expect, open, test } from '../support/test.ts';

/** Every page of the console; the set-up is looked at in the main job, for it closes behind the owner. */
const PAGES: { name: string; path: Href }[] = [
  { name: 'overview', path: at.overview() },
  { name: 'devices', path: at.devices() },
  { name: 'models', path: at.models() },
  { name: 'model', path: at.model(MODEL) },
  { name: 'version', path: at.version(MODEL, '2.0.0') },
  { name: 'rollouts', path: at.rollouts() },
  { name: 'telemetry', path: at.telemetry() },
  { name: 'enrollment', path: at.enrollment() },
  { name: 'settings', path: at.settings() },
  { name: 'plan templates', path: at.planTemplates() },
  { name: 'registries', path: at.registries() },
  { name: 'agents', path: at.agents() },
  { name: 'monitoring', path: at.monitoring() },
];

for (const { name, path } of PAGES) {
  test(`${name} is for everybody`, async ({ page }) => {
    await open(page, path);
    await untilComplete(page);
    await expectAccessible(page);
  });
}

test('device is for everybody', async ({ page }) => {
  await open(page, at.devices());
  await page.getByRole('link', { name: DEVICE }).click();
  await expect(page.getByRole('heading', { name: 'Events' })).toBeVisible();
  await untilComplete(page);
  await expectAccessible(page);
});

test('rollout is for everybody', async ({ page }) => {
  await open(page, at.rollouts());
  await page
    .getByRole('link', { name: `${MODEL} 3.0.0` })
    .last()
    .click();
  await expect(page.getByRole('heading', { name: 'What happens next' })).toBeVisible();
  await untilComplete(page);
  await expectAccessible(page);
});

test('new rollout is for everybody', async ({ page }) => {
  await open(page, at.version(MODEL, '1.0.0'));
  await page.getByRole('link', { name: 'Roll out' }).click();
  const folds = ['Waves', 'Gates', 'Canaries', 'Pace', 'Patience', 'Times', 'Target', 'Input', 'Proof'];
  for (const fold of folds) await page.getByRole('button', { name: fold, exact: true }).click();
  await expect(page.getByRole('button', { name: /^Start: / })).toBeVisible();
  await untilComplete(page);
  await expectAccessible(page);
});

test('upload is for everybody', async ({ page }) => {
  await open(page, at.models());
  await page.getByRole('button', { name: 'Upload a version' }).click();
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await expect(page.getByText('Choose the .onnx file: a version has exactly one.')).toBeVisible();
  await expectAccessible(page);
});

test.describe('signed out', () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test('sign-in is for everybody', async ({ page }) => {
    await open(page, routes.signIn());
    await expectAccessible(page);
  });
});

/** The page has its title, nothing of it still loads, and it is no page about a failure. */
async function untilComplete(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
  await expect(page.getByText(/could not be loaded|does not exist/)).toHaveCount(0);
}
