import { readFile } from 'node:fs/promises';
import { demoModel } from '../support/demo-models.ts';
import { RolloutForm } from '../support/rollout-form.ts';
import { at, MODEL } from '../support/shared.ts';
import { expect, open, test } from '../support/test.ts';
import { UploadForm } from '../support/upload-form.ts';

const PNG_HEAD = Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001080200000090', 'hex');

test.use({ hasRefusals: true });

test('a picture under the name of a model is refused with the reason, and the form stays', async ({ page }) => {
  const form = new UploadForm(page);
  await open(page, at.models());
  await form.open();
  await form.choose({ name: 'camera-1.0.0.onnx', mimeType: 'application/octet-stream', buffer: PNG_HEAD });
  await form.send();
  await expect(form.failure).toContainText('PNG');
  await expect(form.failure).toContainText('Nothing was kept.');
  await expect(form.files).toContainText('camera-1.0.0.onnx');
  await expect(form.model).toHaveValue('camera');
  await expect(form.version).toHaveValue('1.0.0');
});

test('a model that was cut off is refused with the reason, and a whole one can be sent from the same form', async ({
  page,
}) => {
  const form = new UploadForm(page);
  const whole = await readFile(demoModel('1.0.0').model);
  const file = (buffer: Buffer) => ({ name: 'cut-1.0.0.onnx', mimeType: 'application/octet-stream', buffer });
  await open(page, at.models());
  await form.open();
  await form.choose(file(whole.subarray(0, whole.length / 2)));
  await form.send();
  await expect(form.failure).toContainText(/cut off|truncated|ends/);
  await expect(form.failure).toContainText('Nothing was kept.');

  await form.choose(file(whole));
  await expect(form.files).toHaveCount(1);
  await form.send();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('cut 1.0.0');
});

test('a version that exists is never overwritten', async ({ page }) => {
  const form = new UploadForm(page);
  await open(page, at.model(MODEL));
  await form.open();
  await form.choose([demoModel('1.0.0').model]);
  await form.send();
  await expect(form.failure).toContainText(`${MODEL} 1.0.0 exists already, and versions never change.`);
  await expect(form.version).toHaveValue('1.0.0');
});

test('a rollout that would reach no device says so and cannot start', async ({ page }) => {
  const form = new RolloutForm(page);
  await open(page, at.version(MODEL, '2.0.0'));
  await page.getByRole('link', { name: 'Roll out' }).click();
  await form.devices.fill('site=nowhere');
  await expect(page.getByText('No device has these labels.')).toBeVisible();
  await expect(page.getByText('No device would move')).toBeVisible();
  await expect(form.start).toBeDisabled();

  await form.devices.fill('site in (');
  await expect(page.getByText('Put the marked fields right, and the dry run goes on.')).toBeVisible();
});
