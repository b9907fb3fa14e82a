import { resolve } from 'node:path';
import { routes } from '../../components/routes.ts';
import { makeRelease } from '../../server/main/demo/seed.ts';
import type { SpoolWindow } from '../../server/testing/spool-device.ts';
import { expectAccessible } from '../support/accessible.ts';
import { CountingDevice } from '../support/counting-device.ts';
import { demoModel } from '../support/demo-models.ts';
import { MODEL, sharedStack } from '../support/shared.ts';
import { makeTenant, sessionOf, signIn, type Tenant } from '../support/tenant.ts';
import { expect, open, test } from '../support/test.ts';
import { UploadForm } from '../support/upload-form.ts';

const SLUG = 'fjord-turbines';
const at = routes.org(SLUG);
const VERSION = '1.0.0';
const DEVICE = 'turbine-7';

/** What the version was made for: two features of its input, four classes that come alike often, and how its confidence is calibrated. */
const REFERENCE = resolve(import.meta.dirname, '../../agent/protocol/fixtures/v1/reference-profile.json');

/** Hours are judged once a minute, five minutes after they have ended; a rule is looked at within seconds. */
const JUDGED = { timeout: 75_000 };
const HOUR_MS = 3_600_000;
const WINDOWS_AN_HOUR = 6;
const ANSWERS = 20;

let tenant: Tenant;
let device: CountingDevice | undefined;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  tenant = await makeTenant('Fjord Turbines');
  await signIn(browser, tenant);
});
test.afterAll(async () => device?.end());
// biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern what a fixture needs
test.use({ storageState: ({}, use) => use(sessionOf(SLUG)) });

test('a version brings its reference, and a device that was cut off tells what it saw and answered', async ({
  page,
}) => {
  const form = new UploadForm(page);
  await open(page, at.models());
  await form.open();
  await form.choose([demoModel(VERSION).model, demoModel(VERSION).labels, REFERENCE]);
  await expect(page.getByLabel('What reference-profile.json is')).toHaveValue('reference');
  await form.send();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`${MODEL} ${VERSION}`);
  const drift = page.getByRole('region', { name: 'Drift', exact: true });
  await expect(drift).toContainText(/0\s+samples of 200 were counted over the fleet/);

  const { sha256 } = await tenant.rest.call<{ sha256: string }>('GET', `/models/${MODEL}/versions/${VERSION}`);
  const releaseId = await makeRelease(tenant.rest, VERSION);
  device = await CountingDevice.join(tenant, DEVICE, { releaseId, version: VERSION, sha256 });
  await device.tells(lastHours(releaseId));
});

test('accuracy: estimated at once, and measured beside it when labels come later', async ({ page }) => {
  await open(page, `${at.version(MODEL, VERSION)}?range=6h`);
  const accuracy = page.getByRole('region', { name: 'Accuracy', exact: true });
  await expect(accuracy).toContainText('estimated only: no label yet');
  await expect(accuracy).toContainText(/Estimated\s*93\.0.%, 90\.1.%\sto 95\.9.%, from the confidence of 720.answers/);
  await expect(accuracy).toContainText(/Labelled later\s*0.labels for 240.reported answers, 0.0.%/);

  // 210 of 240 answers get a label, of which 189 were right; Wilson's interval is 85.2 to 93.4 %.
  const labels = ids()
    .slice(0, 210)
    .map((id, n) => `${id},${n % 10 === 0 ? 1 : 0}`);
  const answer = await fetch(`${sharedStack().url}/api/v1/labels`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.key}`, 'content-type': 'text/csv' },
    body: ['id,class', ...labels].join('\n'),
  });
  expect(await answer.json()).toMatchObject({ received: 210, changed: 210, joined: 210, waiting: 0 });

  await page.reload();
  await expect(accuracy).toContainText(/90\.0.%\sof\s210.labelled answers right/);
  await expect(accuracy).toContainText(/Measured\s*90\.0.%, 85\.2.%\sto 93\.4.%\sat 95.%/);
  await expect(accuracy).toContainText(/Estimated\s*93\.0.%/);
  await expect(accuracy).toContainText(/Labelled later\s*210.labels for 240.reported answers, 87\.5.%/);
  await expectAccessible(page);

  // Two hours, of which every tenth label said something else.
  await accuracy.getByRole('button', { name: 'As table' }).click();
  const hours = accuracy.getByRole('region', { name: 'Over time as a table' }).getByRole('row');
  await expect(hours).toHaveCount(3);
  await expect(hours.nth(0)).toContainText(/measured, %\s*estimated, %/);
  for (const n of [1, 2]) await expect(hours.nth(n)).toContainText(/:00\s*90\.0\s*93\.0$/);
  await expectAccessible(page);
});

test('drift: found with its features and numbers, and a rule on it shows it over time with its limit', async ({
  page,
}) => {
  await open(page, at.version(MODEL, VERSION));
  const drift = page.getByRole('region', { name: 'Drift', exact: true });
  await expect(async () => {
    await page.reload();
    await expect(drift).toContainText(/1.distribution of 4 drifts, signal:rms most/, { timeout: 3_000 });
  }).toPass(JUDGED);
  await expect(drift.getByRole('listitem').filter({ hasText: 'signal:rms' })).toContainText('strong drift');
  await expect(drift.getByRole('listitem').filter({ hasText: 'signal[0]' })).toContainText('steady');
  await drift.getByRole('button', { name: 'As table' }).click();
  const numbers = drift.getByRole('row', { name: /^signal:rms / });
  await expect(numbers).toContainText(/drifts\s*0\.\d{3}\s*\d\.\d{3}\s*0\.\d{3}\s*<.0\.001\s*360/);
  await expectAccessible(page);

  await open(page, at.newAlertRule());
  await page.getByLabel('Name', { exact: true }).fill('Inputs drift');
  await page.getByRole('radiogroup', { name: 'What the rule looks at' }).getByText('Drift').click();
  await page.getByLabel('Bad for', { exact: true }).fill('0');
  await page.getByRole('button', { name: 'Make the rule' }).click();
  await expect(page.getByRole('row', { name: /Inputs drift/ })).toContainText('1 alert', { timeout: 45_000 });
  await open(page, at.alerts());
  await page.getByRole('link', { name: /^Inputs drift: / }).click();
  await expect(page.getByRole('heading', { name: 'Distance from the reference' })).toBeVisible();
  await expect(page.getByText('drift from 0.1', { exact: false })).toBeVisible();
  const found = page.getByRole('region', { name: 'Numbers of the drift' });
  await expect(found.getByRole('row', { name: new RegExp(`^signal:rms ${DEVICE} strong`) })).toContainText('< 0.001');
  await expect(found.getByRole('row', { name: new RegExp(`^signal:rms ${MODEL} ${VERSION} strong`) })).toBeVisible();
  await page.getByRole('button', { name: 'As table' }).click();
  await expect(page.getByRole('region', { name: 'Distance from the reference as a table' })).toContainText(DEVICE);
  await expectAccessible(page);
});

/** The ids of all answers that were told one by one. */
function ids(): string[] {
  return Array.from({ length: 2 * WINDOWS_AN_HOUR * ANSWERS }, (_, n) => `part-${n}`);
}

/** Two hours that have ended, six windows each: `signal:rms` is far from its reference, all else is near it. */
function lastHours(releaseId: string): SpoolWindow[] {
  const first = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 3 * HOUR_MS;
  return Array.from({ length: 2 * WINDOWS_AN_HOUR }, (_, n) => {
    const startMs = first + n * (HOUR_MS / WINDOWS_AN_HOUR) + 60_000;
    const answers = ids().slice(n * ANSWERS, (n + 1) * ANSWERS);
    return {
      ...{ slot: 'default', releaseId, startMs, durationMs: 15_000, inferences: 60, errors: 0 },
      latencyMs: { run: { zeroCount: 0, min: 4, max: 4, sum: 240, buckets: [69, 60] } },
      inputs: {
        'signal:rms': { counts: [0, 0, 2, 6, 16, 26, 10] },
        'signal[0]': { counts: [6, 24, 24, 6] },
      },
      outputs: {
        classCounts: [15, 15, 15, 15],
        confidence: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 4, 8, 45],
        unsure: 0,
        estimated: {
          n: 60,
          truePositives: [13.95, 13.95, 13.95, 13.95],
          falsePositives: [1.05, 1.05, 1.05, 1.05],
          falseNegatives: [1.05, 1.05, 1.05, 1.05],
          variance: 3.9,
        },
      },
      predictions: answers.map((id) => ({ id, at: startMs, class: 0, confidence: 0.97 })),
    };
  });
}
