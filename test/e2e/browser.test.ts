import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../browser/chromium.ts';
import { describeInBrowser } from '../browser/inBrowser.ts';
import { createWorld, type World } from './world.ts';

describeInBrowser('the local chat, with everything real behind it', () => {
  let browser: Browser;
  let world: World;
  beforeAll(async () => {
    [browser, world] = await Promise.all([launchChromium(), createWorld()]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  async function open(): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(30_000);
    await page.goto(world.local);
    await page.getByLabel('Message to #asks').waitFor();
    return page;
  }
  const say = async (page: Page, text: string) => {
    await page.getByLabel('Message to #asks').fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  };

  test('ask, see the price, pay with the test wallet, watch the steps, read the answer, skip the window', async () => {
    world.model.answer = 'An **oracle** <img src=x onerror=alert(1)> with staked reporters.';
    const [page, other] = [await open(), await open()];
    await say(page, '/ask --model terse What is TellorFlex?');
    await page.getByRole('button', { name: 'I agree' }).click();
    const pay = page.getByRole('link', { name: /^Pay 0\.25 LANG/ });
    await pay.waitFor();
    const [paying] = await Promise.all([page.waitForEvent('popup'), pay.click()]);
    await paying.getByText('What is TellorFlex?').first().waitFor();
    await paying.locator('.wallet').filter({ hasText: 'Test wallet' }).click();
    await paying.getByRole('button', { name: /^Pay 0\.25 LANG/ }).click();
    await paying.getByText('with staked reporters').waitFor();

    for (const window of [page, other]) {
      const answer = window.getByRole('article').filter({ hasText: 'with staked reporters' });
      await answer.getByText('reported to Tellor').waitFor();
      expect(await answer.locator('strong', { hasText: 'oracle' }).count()).toBe(1);
      expect(await answer.locator('img').count()).toBe(0);
    }
    await page
      .getByRole('log')
      .getByRole('button', { name: /Skip 12 hours/ })
      .click();
    await page
      .getByText(/final ✓/)
      .first()
      .waitFor();
    await paying.getByText(/final/i).first().waitFor();
  });

  test('a paid link opened again shows its state and does not pay twice', async () => {
    const { token } = await world.api.ask({ prompt: 'Once only?' });
    await world.api.payWithTestWallet(token);
    await world.until(token, 'reported');
    const page = await browser.newPage();
    await page.goto(`${world.local}/pay/${token}`);
    await page.getByText('with staked reporters').waitFor();
    expect(await page.getByRole('button', { name: /^Pay/ }).count()).toBe(0);
    await expect(world.api.payWithTestWallet(token)).rejects.toThrow(/paid/i);
  });
});
