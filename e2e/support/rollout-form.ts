import type { Locator, Page } from '@playwright/test';
import { expect } from './test.ts';

/** The form that plans a rollout; its folds open as they are needed. */
export class RolloutForm {
  readonly devices: Locator;
  readonly start: Locator;
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    this.devices = page.getByLabel('Devices', { exact: true });
    this.start = page.getByRole('button', { name: /^Start: / });
  }

  async openFold(title: 'Waves' | 'Gates' | 'Input'): Promise<void> {
    await this.page.getByRole('button', { name: title, exact: true }).click();
  }

  /** Each device makes its own labelled inputs, as those that the demo models were trained on. */
  async useSyntheticInput({ ratePerS }: { ratePerS: number }): Promise<void> {
    await this.openFold('Input');
    await this.page
      .getByRole('radiogroup', { name: 'Where inputs come from' })
      .getByText('Synthetic vibration')
      .click();
    await this.fill('Inputs a second', String(ratePerS));
    await this.fill('Noise', '0.25');
  }

  /** One wave, which takes everybody and bakes this long. */
  async useOneWave({ bakeMinutes }: { bakeMinutes: number }): Promise<void> {
    await this.openFold('Waves');
    const secondWave = this.page.getByRole('button', { name: 'Remove wave 2' });
    for (let waves = await this.page.getByRole('button', { name: /^Remove wave/ }).count(); waves > 1; waves -= 1)
      await secondWave.click();
    await expect(secondWave).toBeHidden();
    await this.fill('Bake time of wave 1, minutes', String(bakeMinutes));
  }

  async setAccuracyGate(percent: number): Promise<void> {
    await this.openFold('Gates');
    const gates = await this.page.getByRole('button', { name: /^Remove gate/ }).count();
    await this.page.getByRole('button', { name: 'Add a gate' }).click();
    const name = `gate ${gates + 1}`;
    await this.page.getByLabel(`Metric of ${name}`).selectOption('Accuracy');
    await this.page.getByLabel(`Comparison of ${name}`).selectOption('a value');
    await this.fill(`Limit of ${name}`, String(percent));
  }

  async startMovingOneDevice(): Promise<void> {
    await this.page.getByRole('button', { name: 'Start: move 1 device' }).click();
    await expect(this.page.getByRole('heading', { name: 'What happens next' })).toBeVisible();
  }

  private async fill(label: string, value: string): Promise<void> {
    const field = this.page.getByLabel(label, { exact: true });
    await field.fill(value);
    await field.blur();
  }
}
