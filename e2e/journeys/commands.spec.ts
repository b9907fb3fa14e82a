import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at, DEVICE } from '../support/shared.ts';
import { expect, open, test } from '../support/test.ts';

test('a device is asked, its answers come to its page, and what it collected can be downloaded', async ({ page }) => {
  await open(page, at.devices());
  await page.getByRole('link', { name: DEVICE }).click();
  const commands = page.getByRole('region', { name: 'Commands' });
  const lineOf = (name: string) =>
    commands
      .getByRole('listitem')
      .filter({ has: page.getByText(name) })
      .first();

  await commands.getByRole('button', { name: 'Ping' }).click();
  await expect(lineOf('Ping')).toContainText(/Issued.*Sent.*Acknowledged.*Done/);
  await expect(lineOf('Ping')).toContainText('ONNX Runtime');

  await commands.getByRole('button', { name: 'Benchmark' }).click();
  await expect(lineOf('Benchmark, 200 runs')).toContainText('Latency, p95');

  await commands.getByRole('button', { name: 'Collect diagnostics' }).click();
  const link = lineOf('Collect diagnostics').getByRole('link', { name: 'Download archive' });
  await expect(link).toBeVisible();
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-download-'));
  const path = join(dir, download.suggestedFilename());
  await download.saveAs(path);
  expect(execFileSync('tar', ['-tzf', path]).toString()).toContain('agent.log');
  rmSync(dir, { recursive: true });

  await commands.getByRole('button', { name: 'Restart runner…' }).click();
  await page.getByRole('button', { name: 'Restart the runner' }).click();
  await expect(lineOf('Restart the runner')).toContainText('One runner was replaced.');

  const log = page.getByRole('region', { name: 'Log' });
  await expect(log.getByRole('listitem').first()).toBeVisible();
  await log.getByRole('textbox', { name: 'Search the log' }).fill('no line has these words');
  await expect(log.getByText('No line has these words.')).toBeVisible();
});
