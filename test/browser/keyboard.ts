import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** More than any page has places that Tab stops at. */
const mostTabs = 30;

/** Presses Tab until it reaches what has a name that begins so, as a screen reader would say it; fails where the focus can't be seen on the way. */
export async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  for (let tabs = 0; tabs < mostTabs; tabs += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement) || element === document.body) return undefined;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const labels =
        element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? element.labels : null;
      const own = labels?.length ? [...labels].map((label) => label.textContent).join(' ') : element.textContent;
      return {
        name: (element.getAttribute('aria-label') ?? own ?? '').trim(),
        isSeen: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
      };
    });
    if (!focused) continue;
    passed.push(focused.name);
    expect(focused, `the focus on “${focused.name}” can be seen`).toMatchObject({ isSeen: true });
    if (focused.name.startsWith(name)) return;
  }
  throw new Error(`Tab never reached “${name}”; it stopped at: ${passed.join(' | ')}`);
}
