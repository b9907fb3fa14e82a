import { existsSync } from 'node:fs';
import { test as base, expect, type Page } from '@playwright/test';
import { sessionFile, sharedStack } from './shared.ts';

type Options = {
  /** The journey has the server refuse something, which a browser puts into its console as well. */
  hasRefusals: boolean;
};

/** What the browser says for every answer of 400 and above. */
const REFUSAL = 'Failed to load resource';

/** A person at the console, signed in once the owner has; fails when the page throws or breaks its own security policy. */
export const test = base.extend<Options & { quietConsole: string[] }>({
  hasRefusals: [false, { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern what a fixture needs
  baseURL: ({}, use) => use(sharedStack().url),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from this pattern what a fixture needs
  storageState: ({}, use) => use(existsSync(sessionFile()) ? sessionFile() : undefined),
  quietConsole: [
    async ({ page, hasRefusals }, use) => {
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
      page.on('console', (message) => {
        const text = message.text();
        if (message.type() === 'error' && !(hasRefusals && text.startsWith(REFUSAL)))
          complaints.push(`${text} ${message.location().url}`);
      });
      await use(complaints);
      expect(complaints, 'errors in the browser’s console').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Goes to a page and waits until it answers to clicks: before that a form would be sent by the browser itself. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.waitForFunction(() => {
    const parts = [...document.querySelectorAll('main, form')];
    return parts.length > 0 && parts.every((part) => Object.keys(part).some((key) => key.startsWith('__reactProps')));
  });
}
