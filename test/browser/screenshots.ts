/**
 * Takes the pictures of docs/images, and every page on phone and desktop, light and dark, into `.build/screenshots`.
 * Run: `npx node test/browser/screenshots.ts`
 */
import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { takeRequestScreens } from './requestScreens.ts';
import { createStage, paid, reported, type Stage } from './stage.ts';

const folder = '.build/screenshots';
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const;
const schemes = ['light', 'dark'] as const;

const answer = `**TellorFlex** is an oracle: a contract that staked reporters put data on, for any question that has a *query id*.

- Anyone can **stake** and report.
- Anyone can **dispute** a report within 12 hours; the reporter's stake is at risk.

Read it from a contract like this:

\`\`\`solidity
bytes memory value = oracle.retrieveData(queryId, reportedAt);
\`\`\`
`;

const embedded = {
  skipTime: async () => {},
  rpc: async () => null,
  accounts: ['0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266', '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'] as const,
};

async function chat(
  stage: Stage,
  browser: Browser,
  size: keyof typeof sizes,
  scheme: (typeof schemes)[number],
): Promise<Page> {
  const page = await browser.newPage({ viewport: sizes[size], colorScheme: scheme, deviceScaleFactor: 1 });
  await page.goto(stage.url);
  await page.getByRole('article').last().waitFor();
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message to #asks').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
}

mkdirSync(folder, { recursive: true });
mkdirSync('docs/images', { recursive: true });
const browser = await launchChromium();
const stage = await createStage({ embedded: { ...embedded, accounts: [...embedded.accounts] } });

// A little history, as two people and the bot would make it.
const context = await browser.newContext({ viewport: sizes.desktop });
const [first, second] = [await context.newPage(), await context.newPage()];
await first.goto(stage.url);
await first.screenshot({ path: `${folder}/chat-empty.png` });
await second.goto(stage.url);
await say(first, 'Morning! Has anybody tried the terse model yet?');
await say(second, 'Watch this');
await second.getByText('Watch this').waitFor();
await say(second, '/ask What is TellorFlex?');
await second.getByText('Waiting for payment until').waitFor();
const token = stage.tokens()[0] ?? '';
await stage.set(token, paid());
await stage.set(token, reported(answer));
await say(first, 'Nice. My turn');
await say(first, '/ask Which sea is the saltiest, and why?');
await first.getByText('Waiting for payment until').waitFor();

for (const size of ['phone', 'desktop'] as const) {
  for (const scheme of schemes) {
    const page = await chat(stage, browser, size, scheme);
    await page.screenshot({ path: `${folder}/chat-${size}-${scheme}.png` });
    await page.getByLabel('Message to #asks').fill('/');
    await page.getByRole('listbox').waitFor();
    await page.screenshot({ path: `${folder}/chat-commands-${size}-${scheme}.png` });
    if (size === 'phone') {
      await page.getByLabel('Message to #asks').fill('');
      await page.getByRole('button', { name: 'People and chain' }).click();
      await page.locator('.side.open').waitFor();
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${folder}/chat-side-${size}-${scheme}.png` });
    }
    const open = stage.tokens()[1] ?? '';
    for (const [name, path] of [
      ['pay', open],
      ['paid', token],
    ] as const) {
      await page.goto(`${stage.url}/pay/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.screenshot({ path: `${folder}/${name}-${size}-${scheme}.png`, fullPage: true });
    }
    await page.goto(`${stage.url}/pay/${open}`);
    await page.getByRole('button', { name: /Test wallet/ }).click();
    await page.getByRole('button', { name: /^Pay / }).waitFor();
    await page.screenshot({ path: `${folder}/pay-connected-${size}-${scheme}.png`, fullPage: true });
    if (size === 'desktop' && scheme === 'light') await page.screenshot({ path: 'docs/images/pay-page.png' });
    await page.close();
  }
}

// The picture of the README: one question, answered.
const scene = await createStage({ embedded: { ...embedded, accounts: [...embedded.accounts] } });
const [maya, tom] = [await context.newPage(), await context.newPage()];
await maya.goto(scene.url);
await tom.goto(scene.url);
for (const [page, name] of [
  [maya, 'Maya'],
  [tom, 'Tom Okafor'],
] as const) {
  await page.getByRole('button', { name: 'Change your name' }).click();
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Your name').press('Enter');
  await page.locator('.people').getByText(name).waitFor();
}
await say(tom, 'Does anybody know how the answers get on chain here?');
await maya.locator('.lines').getByText('get on chain').waitFor();
await say(maya, '/ask What is TellorFlex?');
await maya.getByText('Waiting for payment until').waitFor();
const shown = scene.tokens()[0] ?? '';
await scene.set(shown, paid());
await scene.set(shown, reported(answer.slice(0, answer.indexOf('Read it'))));
await maya.getByText('dispute').first().waitFor();
await maya.getByRole('heading', { level: 1 }).hover();
await maya.screenshot({ path: 'docs/images/local-chat.png' });
await takeRequestScreens(browser, folder, 'docs/images');
await browser.close();
await scene.stop();
await stage.stop();
