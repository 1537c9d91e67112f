import { toUtf8String } from 'ethers';
import { injectHeadlessWeb3Provider, type Web3ProviderBackend, Web3RequestKind } from 'headless-web3-provider';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import type { World } from '../e2e/world.ts';
import { eventually } from './inBrowser.ts';

type Key = { address: Address; privateKey: Hex };
/** The page of a link, with a third-party test wallet in it. */
export type WalletPage = { page: Page; wallet: Web3ProviderBackend };

/** How the wallet is chosen on the page; default: with the mouse. */
type ChooseWallet = (page: Page) => Promise<void>;

/** One person in the local chat of a world, and the pages that the bot's links lead to. */
export type Chatter = {
  page: Page;
  /** @param about the line it replies to */
  say(text: string, about?: string): Promise<void>;
  /** The newest line with the text. */
  line(text: string | RegExp): Locator;
  /** The newest link that only this person sees, and the code beside it. */
  linkOf(command: string): Promise<{ url: string; code: string }>;
  /** The same for a link that something else than a command leads to. */
  linkBehind(act: () => Promise<void>): Promise<{ url: string; code: string }>;
  openRequest(command: string, key: Key, choose?: ChooseWallet): Promise<WalletPage>;
  /** A link that anybody may open, with somebody's wallet. */
  openPage(url: string, key: Key, choose?: ChooseWallet): Promise<WalletPage>;
};

/** @param problems filled with what goes wrong in the pages' scripts */
export async function joinChat(context: BrowserContext, world: World, problems: string[]): Promise<Chatter> {
  const page = await context.newPage();
  await page.goto(world.local);
  await page.getByLabel('Message to #asks').waitFor();
  const line = (text: string | RegExp) => page.getByRole('article').filter({ hasText: text }).last();

  const chatter: Chatter = {
    page,
    line,
    async say(text, about) {
      if (about !== undefined)
        await line(about)
          .getByRole('button', { name: /^Reply to/ })
          .click();
      const box = page.getByLabel('Message to #asks');
      await box.fill(text);
      await page.getByRole('button', { name: 'Send' }).click();
      // Emptied when the line has arrived: what is typed before that would be lost.
      await eventually(() => box.inputValue()).toBe('');
    },
    linkOf: (command) => chatter.linkBehind(() => chatter.say(command)),
    async linkBehind(act) {
      const links = page.getByRole('link', { name: 'Open the page' });
      const before = await links.count();
      await act();
      await eventually(() => links.count()).toBe(before + 1);
      const text = await page.getByRole('article').filter({ has: links }).last().innerText();
      expect(text).toContain('Only you can see this.');
      const code = /code ([A-Z2-9]{4})/.exec(text)?.[1] ?? '';
      return { url: (await links.last().getAttribute('href')) ?? '', code };
    },
    async openRequest(command, key, choose) {
      const { url, code } = await chatter.linkOf(command);
      const opened = await chatter.openPage(url, key, choose);
      await opened.page.getByText(`The bot showed you the code ${code}`).waitFor();
      return opened;
    },
    async openPage(url, { privateKey }, choose = clickWallet) {
      const opened = await context.newPage();
      opened.on('pageerror', (error) => problems.push(error.message));
      const { chainId, url: node } = world.stack.chain;
      const wallet = await injectHeadlessWeb3Provider(opened as never, [privateKey], chainId, node);
      signWhatHexStandsFor(wallet);
      await opened.goto(url);
      await choose(opened);
      await authorize(wallet, Web3RequestKind.RequestAccounts);
      return { page: opened, wallet };
    },
  };
  return chatter;
}

/** The wallet that was put into the page, not the chain's ready one. */
export const injected = (page: Page) => page.locator('.wallet').filter({ hasNotText: 'Test wallet' });
const clickWallet: ChooseWallet = (page) => injected(page).click();

export async function authorize(wallet: Web3ProviderBackend, kind: Web3RequestKind): Promise<void> {
  await eventually(() => wallet.getPendingRequestCount(kind)).toBe(1);
  await wallet.authorize(kind);
}

export async function decline(wallet: Web3ProviderBackend, kind: Web3RequestKind): Promise<void> {
  await eventually(() => wallet.getPendingRequestCount(kind)).toBe(1);
  await wallet.reject(kind);
}

export const done = (page: Page) => page.getByRole('heading', { name: 'Done' }).waitFor();

/** `personal_sign` takes a text's bytes in hexadecimal (EIP-1474). The test wallet would sign the digits themselves. */
function signWhatHexStandsFor(wallet: Web3ProviderBackend): void {
  const request = wallet.request.bind(wallet);
  const decoded: typeof request = (asked) =>
    asked.method === 'personal_sign' && Array.isArray(asked.params)
      ? request({ ...asked, params: [toUtf8String(String(asked.params[0])), asked.params[1]] })
      : request(asked);
  wallet.request = decoded;
}
