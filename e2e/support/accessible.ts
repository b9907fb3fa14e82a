import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './test.ts';

const STANDARD = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
/** All else that the standard asks is the same in both colour schemes. */
const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block'];
/** The desk comes last, and the test goes on at it. */
const WIDTHS = { phone: 375, desk: 1440 } as const;

/** Looks at the page that is open as WCAG 2.1 AA asks: on a phone and on a desk, light and dark; a phone never scrolls sideways. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const [place, width] of Object.entries(WIDTHS)) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
      const axe = new AxeBuilder({ page });
      const { violations } = await (colorScheme === 'light'
        ? axe.withTags(STANDARD)
        : axe.withRules(RULES_OF_COLOUR)
      ).analyze();
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}\n${failureSummary}`),
      );
      expect.soft(found, `${place}, ${colorScheme}`).toEqual([]);
    }
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect.soft(overflow, `pixels that the ${place} scrolls sideways`).toBe(0);
  }
}
