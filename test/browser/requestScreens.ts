import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { RequestDesk } from '../../bot/pay/request/desk.ts';
import type { Field, RequestView } from '../../bot/pay/request/types.ts';
import { accountOf } from '../../contracts/client/Market.ts';
import { launchChromium } from './chromium.ts';
import { openPublicly, publicUrl } from './publicName.ts';
import { createStage, host, tokenAddress } from './stage.ts';

const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const;
const embedded = {
  skipTime: async () => {},
  rpc: async () => null,
  accounts: ['0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266' as const],
};

const amount = (name: string, label: string, value: string): Field => ({
  type: 'amount',
  name,
  label,
  value,
  unit: 'LANG',
});
const money: Field = {
  type: 'choice',
  name: 'token',
  label: 'Money',
  value: tokenAddress,
  choices: [
    { value: tokenAddress, label: 'LANG' },
    { value: host, label: 'ETH' },
  ],
};
const limit: Field[] = [
  money,
  amount('perAsk', 'At most for one question', '0.25'),
  amount('perPeriod', 'At most in all', '5'),
  { type: 'choice', name: 'period', label: 'In each', value: 'day', choices: [{ value: 'day', label: 'day' }] },
  { type: 'choice', name: 'days', label: 'For', value: '30', choices: [{ value: '30', label: '30 days' }] },
];
const worstOfLimit =
  'If the bot’s key is stolen, the thief can spend at most 0.25 LANG at a time and 5 LANG each day (up to 10 LANG within a short time around the moment one period ends and the next begins), until 28 December 2026, and never more than your account holds. Nobody but you can take money out.';

/** What the bot says on each page, as its handlers word it. */
const views: Readonly<Record<string, RequestView>> = {
  link: {
    title: 'Link your wallet to Maya',
    text: ['Your wallet signs one message. That costs nothing and moves nothing.'],
    facts: [
      { label: 'Chat user', value: 'Maya' },
      { label: 'On', value: 'Telegram' },
    ],
    fields: [],
    worst:
      'Whoever a wallet is linked to can ask with what that wallet allows this bot to spend, never more. Link only your own chat user.',
    action: 'Sign in with this wallet',
    warning: 'This wallet is linked to another chat user already. Go on only if they are all yours.',
  },
  deposit: {
    title: 'Put money in',
    text: ['It goes to the account in the market’s contract, not to us. Its owner can take it out at any time.'],
    facts: [
      { label: 'Account', value: '0xf39F…2266' },
      { label: 'In it now', value: '1.75 LANG' },
      { label: 'Your wallet has', value: '9,998 LANG' },
    ],
    fields: [money, amount('amount', 'Amount', '')],
    worst:
      'Only the account’s owner can take money out. What the bot may spend of it is a limit of its own, which this does not change.',
    action: 'Put it in',
    transfer: { address: host, token: 'LANG', account: '0xf39F…2266' },
  },
  limit: {
    title: 'Set what the bot may spend',
    text: [
      'Your wallet signs a limit; it costs no network fee. From then on /ask simply asks, without a wallet window.',
      'You can end it at any time with /revoke, also without the bot.',
    ],
    facts: [
      { label: 'In the account now', value: '1.75 LANG' },
      { label: 'Until', value: '28 December 2026' },
    ],
    fields: [
      ...limit,
      {
        type: 'amount',
        name: 'askFirstAbove',
        label: 'Ask me with a button above',
        value: '',
        unit: 'LANG',
        hint: 'Empty: it never asks first.',
      },
    ],
    worst: worstOfLimit,
    action: 'Sign this limit',
  },
  purse: {
    title: 'Open a purse for your group',
    text: [
      'Your wallet owns the purse: only it can take money out or change the limit. It signs the limit now; it costs no network fee.',
      'Members spend from it within the caps that the group’s admins set with /cap. Anybody can put money in with /topup.',
    ],
    facts: [
      { label: 'Owner', value: '0xf39F…2266' },
      { label: 'Until', value: '28 December 2026' },
    ],
    fields: limit,
    worst: worstOfLimit,
    action: 'Sign, and open the purse',
  },
  dispute: {
    title: 'Dispute an answer',
    text: ['Your wallet sends 2 transactions.'],
    facts: [
      { label: 'Question', value: 'Which sea is the saltiest, and why? Please name the source of every figure.' },
      { label: 'Fee, lost if the vote goes against you', value: '10 LANG' },
      { label: 'Reported to Tellor', value: '28 Nov, 05:10 UTC' },
      { label: 'Its query ID', value: `0x${'5a'.repeat(32)}` },
    ],
    fields: [],
    worst: 'You lose the fee of 10 LANG and the network fee: Tellor’s voters may find the answer right.',
    action: 'Go on',
  },
};

const requests: RequestDesk = {
  async open(token) {
    const view = views[token.slice(0, token.indexOf('-'))];
    return (
      view && {
        code: 'K7QX',
        person: 'Maya',
        place: 'Telegram',
        expiresAt: 4_000_000_000,
        language: 'en' as const,
        state: 'open' as const,
        view,
      }
    );
  },
  advance: async () => ({ ok: false, code: 'unknown', message: 'There is no such link.' }),
};

/** Every page that a link leads to, and paying by transfer, on phone and desktop, light and dark. @param docs gets the two of the documentation */
export async function takeRequestScreens(browser: Browser, folder: string, docs: string): Promise<void> {
  const stage = await createStage({ embedded, requests, publicUrl });
  const paying = await stage.ask('Which sea is the saltiest, and why?', {
    spend: {
      state: 'transfer',
      account: accountOf(host),
      address: tokenAddress,
      note: '0.1 LANG has arrived; 0.15 LANG more is needed.',
    },
  });
  for (const size of ['phone', 'desktop'] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: sizes[size], colorScheme, deviceScaleFactor: 1 });
      const shot = (name: string) =>
        page.screenshot({ path: `${folder}/${name}-${size}-${colorScheme}.png`, fullPage: true });
      for (const name of Object.keys(views)) {
        await openRequest(page, `${stage.url}/do#${name}-`.padEnd(stage.url.length + 40, 'x'));
        await shot(`request-${name}`);
        await useTestWallet(page);
        await shot(`request-${name}-wallet`);
        if (size === 'phone' && colorScheme === 'light' && (name === 'limit' || name === 'purse'))
          await page.screenshot({ path: `${docs}/${name}-page.png`, fullPage: true });
      }
      await page.goto(`${stage.url}/pay/${paying}`);
      await page.getByText('LANG more is needed').waitFor();
      await shot('pay-transfer');
      await openPublicly(page, stage.url);
      await page.goto(`${publicUrl}/pay/${paying}`);
      await page.getByText('Use the wallet on your phone').click();
      await shot('pay-phone');
      await page.close();
    }
  }
  await stage.stop();
}

async function openRequest(page: Page, url: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByText('The bot showed you the code').waitFor();
  const transfer = page.getByText('Or send it by an ordinary transfer');
  if (await transfer.isVisible()) await transfer.click();
}

async function useTestWallet(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Test wallet/ }).click();
  await page.getByRole('button', { name: 'Change' }).waitFor();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync('.build/screenshots', { recursive: true });
  const browser = await launchChromium();
  await takeRequestScreens(browser, '.build/screenshots', 'docs/images');
  await browser.close();
}
