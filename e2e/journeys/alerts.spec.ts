import { isSigned, startHttpReceiver } from '../../server/testing/receivers.ts';
import { expectAccessible } from '../support/accessible.ts';
import { at, DEVICE, owner } from '../support/shared.ts';
import { expect, open, test } from '../support/test.ts';

/** A rule is looked at when it is made; a message goes within seconds. */
const SOON = { timeout: 45_000 };

test.describe.configure({ mode: 'serial' });

test('a rule fires on what a device measures, tells a webhook, and somebody takes it on', async ({ page }) => {
  const receiver = await startHttpReceiver();
  const types = () => receiver.calls.map(({ body }) => JSON.parse(body).type);
  try {
    await open(page, at.alertChannels());
    await page.getByRole('radiogroup', { name: 'Kind of channel' }).getByText('Webhook').click();
    await page.getByLabel('Name', { exact: true }).fill('Ops');
    await page.getByLabel('Address', { exact: true }).fill(receiver.url);
    await page.getByRole('button', { name: 'Make the channel' }).click();
    const secret = await page.getByRole('region', { name: 'signing secret' }).innerText();
    expect(secret).toMatch(/^whsec_/);
    await page.getByRole('button', { name: 'I have stored it' }).click();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await expect(page.getByRole('row', { name: /Test of Ops/ })).toContainText('Sent', SOON);
    expect(types()).toEqual(['test']);
    await expectAccessible(page);

    await open(page, at.newAlertRule());
    await page.getByLabel('Name', { exact: true }).fill('The press works');
    await page.getByRole('combobox', { name: 'Metric' }).click();
    await page.getByRole('option', { name: 'Throughput' }).click();
    await page.getByRole('radiogroup', { name: 'Is', exact: true }).getByText('above').click();
    await page.getByLabel('Limit', { exact: true }).fill('0');
    await page.getByLabel('From so many observations on').fill('1');
    await page.getByLabel('Bad for', { exact: true }).fill('0');
    await expect(page.getByText('Holds for 1 of 1 now')).toBeVisible();
    await expect(page.getByText(/Would have fired \d+\stimes?/)).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Make the rule' }).click();
    await expect(page.getByRole('row', { name: /The press works/ })).toContainText('1 alert', SOON);
    await expectAccessible(page);

    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Alerts' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(/alerts? fires?/);
    await expectAccessible(page);
    await page.getByRole('link', { name: `The press works: ${DEVICE}` }).click();
    await expect(page.getByRole('heading', { level: 1, name: `The press works: ${DEVICE}` })).toBeVisible();
    await expect(page.getByText(`fired on ${DEVICE}`)).toBeVisible();
    await expect(page.getByRole('row', { name: /The press works/ })).toContainText('Sent', SOON);
    await expectAccessible(page);

    await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await page.getByLabel('Note').fill('It shall work, all is well');
    await page.getByRole('button', { name: 'Acknowledge it' }).click();
    await expect(page.getByText('took it on: It shall work, all is well')).toContainText(owner.name);
    await expect.poll(types, SOON).toEqual(['test', 'alert.fired', 'alert.acknowledged']);
    expect(receiver.calls.every((call) => isSigned(call, secret))).toBe(true);

    await page.getByRole('button', { name: 'Resolve', exact: true }).click();
    await page.getByRole('button', { name: 'Resolve it' }).click();
    await expect(page.getByText('resolved it', { exact: false })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Acknowledge', exact: true })).toHaveCount(0);
  } finally {
    await receiver.stop();
  }
});

test('alerts can be muted again and again, and one of the first rules that is removed comes back', async ({ page }) => {
  await open(page, at.alertMutes());
  await page.getByRole('button', { name: 'New mute' }).click();
  await page.getByRole('button', { name: 'Mute', exact: true }).click();
  await expect(page.getByText('Say why: whoever wonders will read it.')).toBeVisible();
  await page.getByRole('radiogroup', { name: 'How often' }).getByText('Again and again').click();
  await page.getByLabel('Why').fill('Cleaning');
  await page.getByLabel('Begins at').fill('0 3 * * 1-5');
  await page.getByLabel('Time zone').fill('Europe/Oslo');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Mute', exact: true }).click();
  await expect(page.getByRole('row', { name: /Cleaning/ })).toContainText('0 3 * * 1-5 Europe/Oslo, for 1 h');

  await open(page, at.alertRules());
  await expect(page.getByRole('row', { name: /Board too hot/ })).toBeVisible();
  await page.getByRole('link', { name: 'Board too hot' }).click();
  await page.getByRole('button', { name: 'Remove…' }).click();
  await page.getByRole('button', { name: 'Remove the rule' }).click();
  await page.getByRole('button', { name: 'Restore 1 first rule' }).click();
  await expect(page.getByRole('row', { name: /Board too hot/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Restore/ })).toHaveCount(0);
});
