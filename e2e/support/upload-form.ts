import type { Locator, Page } from '@playwright/test';
import { demoModel } from './demo-models.ts';
import { expect } from './test.ts';

type File = { name: string; mimeType: string; buffer: Buffer };

/** The form that takes a version's files. */
export class UploadForm {
  readonly model: Locator;
  readonly version: Locator;
  readonly files: Locator;
  readonly failure: Locator;
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    this.model = page.getByLabel('Model', { exact: true });
    this.version = page.getByLabel('Version', { exact: true });
    this.files = page.getByRole('list', { name: 'Chosen files' }).getByRole('listitem');
    this.failure = page.getByRole('main').getByRole('alert');
  }

  async open(): Promise<void> {
    await this.page.getByRole('button', { name: 'Upload a version' }).click();
  }

  async choose(files: string[] | File): Promise<void> {
    await this.page.locator('input[type=file]').setInputFiles(files);
  }

  async send(): Promise<void> {
    await this.page.getByRole('button', { name: /^Upload \d/ }).click();
  }

  /** A version of the demo model with its golden inputs and labels, as far as its own page. */
  async sendDemoModel(version: string): Promise<void> {
    await this.open();
    await this.choose(Object.values(demoModel(version)));
    await expect(this.files).toHaveCount(3);
    await expect(this.version).toHaveValue(version);
    await this.send();
    await expect(this.page.getByRole('heading', { level: 1 })).toContainText(`vibration-fault ${version}`);
  }
}
