import { Wallet } from 'ethers';
import { injectHeadlessWeb3Provider, type Web3ProviderBackend, Web3RequestKind } from 'headless-web3-provider';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { WalletCall } from '../../bot/pay/types.ts';
import { type LocalChain, startLocalChain } from '../../contracts/client/LocalChain.ts';
import { createLog } from '../../contracts/client/support/Log.ts';
import { launchChromium } from './chromium.ts';
import { describeInBrowser, eventually } from './inBrowser.ts';
import { tabTo } from './keyboard.ts';
import { openPublicly, publicUrl } from './publicName.ts';
import { createStage, final, hash, market, paid, reported, type Stage, tokenAddress } from './stage.ts';

const ask: WalletCall = { purpose: 'ask', to: market, data: '0xa5c0ffee', value: 0n };
const approve: WalletCall = { purpose: 'approve', to: tokenAddress, data: '0x095ea7b3', value: 0n };

describeInBrowser('the pay page in a browser', () => {
  let browser: Browser;
  let chain: LocalChain;
  let stage: Stage;
  let context: BrowserContext;
  let token: string;

  beforeAll(async () => {
    [browser, chain] = await Promise.all([
      launchChromium(),
      startLocalChain({ log: createLog({ name: 'test', level: 'silent' }), blockTime: 0.2 }),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await chain?.stop();
  });
  beforeEach(async () => {
    stage = await createStage({
      embedded: {
        accounts: chain.accounts.slice(4, 7).map(({ address }) => address),
        rpc: (method, params) => chain.rpc.send(method, params as unknown[]),
        skipTime: async () => {},
      },
    });
    stage.calls = [ask];
    context = await browser.newContext();
    token = await stage.ask('What is TellorFlex?');
  });
  afterEach(async () => {
    await context.close();
    await stage.stop();
  });

  const key = () => chain.accounts[3]?.privateKey ?? '';

  async function withWallet(
    privateKey = key(),
    chainId = chain.chainId,
  ): Promise<{ page: Page; wallet: Web3ProviderBackend }> {
    const page = await context.newPage();
    const wallet = await injectHeadlessWeb3Provider(page as never, [privateKey], chainId, chain.url);
    await page.goto(`${stage.url}/pay/${token}`);
    return { page, wallet };
  }

  async function connected(page: Page, wallet: Web3ProviderBackend): Promise<void> {
    await page.locator('.wallet').filter({ hasNotText: 'Test wallet' }).click();
    await authorize(wallet, Web3RequestKind.RequestAccounts);
    await payButton(page).waitFor();
  }

  async function authorize(wallet: Web3ProviderBackend, kind: Web3RequestKind): Promise<void> {
    await eventually(() => wallet.getPendingRequestCount(kind)).toBe(1);
    await wallet.authorize(kind);
  }

  async function decline(wallet: Web3ProviderBackend, kind: Web3RequestKind): Promise<void> {
    await eventually(() => wallet.getPendingRequestCount(kind)).toBe(1);
    await wallet.reject(kind);
  }

  const payButton = (page: Page) => page.getByRole('button', { name: /^Pay 0\.25 LANG/ });

  /** Announces wallets of its own kind (EIP-6963), each with an answer or an error for every method. */
  async function announce(
    page: Page,
    wallets: Record<string, { code?: number; message: string } | 'silent'>,
  ): Promise<void> {
    await page.addInitScript((all) => {
      for (const [name, problem] of Object.entries(all)) {
        const provider = {
          request: () =>
            problem === 'silent'
              ? new Promise(() => {})
              : Promise.reject(Object.assign(new Error(problem.message), { code: problem.code })),
          on() {},
          removeListener() {},
        };
        const info = {
          uuid: crypto.randomUUID(),
          name,
          rdns: `test.${name}`,
          icon: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"/>',
        };
        const tell = () =>
          window.dispatchEvent(
            new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }),
          );
        window.addEventListener('eip6963:requestProvider', tell);
        tell();
      }
    }, wallets);
  }

  test('shows who asks, where, what, model, host, price and what happens to the money', async () => {
    const page = await context.newPage();
    await page.goto(`${stage.url}/pay/${token}`);
    await page.getByRole('heading', { name: 'Pay for Amber Otter’s question' }).waitFor();
    const text = await page.locator('main').innerText();
    for (const part of [
      'asks in the local chat',
      'What is TellorFlex?',
      'terse',
      '0x7099…79C8',
      '0.25 LANG',
      'Embedded chain',
      'to the wallet that paid here, or, when it was paid by transfer, to the account of the owner',
      '12 hours',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toMatch(/good for (29:\d\d|30:00) min/);
  });

  test('a wallet approves exactly what is asked, then asks; the page watches to the end', async () => {
    stage.calls = [approve, ask];
    const { page, wallet } = await withWallet();
    await connected(page, wallet);
    await payButton(page).click();
    await page.getByText(/Step 1 of 2/).waitFor();
    await eventually(() => wallet.getPendingRequestCount(Web3RequestKind.SendTransaction)).toBe(1);
    stage.calls = [ask];
    await wallet.authorize(Web3RequestKind.SendTransaction);
    await page.getByText(/Confirm the payment in/).waitFor();
    await authorize(wallet, Web3RequestKind.SendTransaction);
    await page.getByText('Paid. Handing your question over…').waitFor();
    const from = new Wallet(key()).address;
    const sent = await Promise.all(
      (await blocks())
        .flatMap((block) => block.transactions)
        .filter((transaction) => transaction.from.toLowerCase() === from.toLowerCase())
        .slice(-2),
    );
    expect(sent.map(({ to, input }) => [to.toLowerCase(), input])).toEqual([
      [tokenAddress.toLowerCase(), approve.data],
      [market.toLowerCase(), ask.data],
    ]);
    await stage.set(token, paid());
    await page.getByRole('heading', { name: 'Paid' }).waitFor();
    await stage.set(token, reported('An **oracle**.'));
    await page.locator('.answer strong').waitFor();
    await stage.set(token, final('An **oracle**.'));
    await eventually(() => page.locator('.step.done').count()).toBe(4);
    expect(
      await page.locator('[data-copy]').evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['copy'])),
    ).toContain(hash(3));
    expect(await page.locator('.checkout').count()).toBe(0);
  });

  async function blocks() {
    const last = await chain.rpc.getBlockNumber();
    type Block = { transactions: { from: string; to: string; input: string }[] };
    return Promise.all(
      Array.from(
        { length: Math.min(40, last) },
        (_, index) =>
          chain.rpc.send('eth_getBlockByNumber', [`0x${(last - index).toString(16)}`, true]) as Promise<Block>,
      ),
    ).then((all) => all.reverse());
  }

  test('an approval lowered in the wallet is noticed before the question is sent', async () => {
    stage.calls = [approve, ask];
    const { page, wallet } = await withWallet();
    await connected(page, wallet);
    await payButton(page).click();
    await authorize(wallet, Web3RequestKind.SendTransaction);
    await page.getByText(/less than the price/).waitFor();
    expect(wallet.getPendingRequestCount()).toBe(0);
  });

  test('declining to connect or to pay is said, takes nothing, and one may try again', async () => {
    const { page, wallet } = await withWallet();
    await page.locator('.wallet').filter({ hasNotText: 'Test wallet' }).click();
    await decline(wallet, Web3RequestKind.RequestAccounts);
    await page.getByText('You declined in your wallet. Nothing was paid.').waitFor();
    await connected(page, wallet);
    await payButton(page).click();
    await decline(wallet, Web3RequestKind.SendTransaction);
    await page.getByText('You declined in your wallet. Nothing was paid.').waitFor();
    await payButton(page).click();
    await authorize(wallet, Web3RequestKind.SendTransaction);
    await page.getByText('Paid. Handing your question over…').waitFor();
  });

  test('on a wrong network the wallet is asked to switch, and a refusal leaves a button to switch', async () => {
    const { page, wallet } = await withWallet(key(), 1);
    wallet.addNetwork(chain.chainId, chain.url);
    await connected(page, wallet);
    await payButton(page).click();
    await decline(wallet, Web3RequestKind.SwitchEthereumChain);
    await page.getByText('Your wallet is on another network.').waitFor();
    await page.getByRole('button', { name: 'Switch to Embedded chain' }).click();
    await authorize(wallet, Web3RequestKind.SwitchEthereumChain);
    await authorize(wallet, Web3RequestKind.SendTransaction);
    await page.getByText('Paid. Handing your question over…').waitFor();
  });

  test('too little for the network fee is said', async () => {
    stage.calls = [{ ...ask, value: 10n ** 18n }];
    const { page, wallet } = await withWallet(Wallet.createRandom().privateKey);
    await connected(page, wallet);
    await payButton(page).click();
    await authorize(wallet, Web3RequestKind.SendTransaction).catch(() => {});
    await page.getByText(/too little ETH/).waitFor();
  });

  test('the bot’s own refusal is shown in its words', async () => {
    stage.refusal = { ok: false, code: 'balanceTooLow', message: 'This wallet has 0.1 LANG; the price is 0.25 LANG.' };
    const { page, wallet } = await withWallet();
    await connected(page, wallet);
    await payButton(page).click();
    await page.getByText('This wallet has 0.1 LANG; the price is 0.25 LANG.').waitFor();
  });

  test('several wallets are listed with their pictures, and each one’s trouble is said', async () => {
    const page = await context.newPage();
    await announce(page, {
      Pending: { code: -32_002, message: 'Already processing eth_requestAccounts' },
      Locked: { code: 4100, message: 'x' },
      Ledger: { message: 'Ledger device: Locked device (0x5515)' },
    });
    await page.goto(`${stage.url}/pay/${token}`);
    await eventually(() => page.locator('.wallet').allInnerTexts()).toMatchObject([
      'Pending',
      'Locked',
      'Ledger',
      expect.stringContaining('Test wallet'),
    ]);
    expect(await page.locator('.wallet img').count()).toBe(3);
    for (const [name, words] of [
      ['Pending', /already has a request open/],
      ['Locked', /is locked or has not let this page in/],
      ['Ledger', /hardware wallet did not answer/],
    ] as const) {
      await page.getByRole('button', { name }).click();
      await page.getByRole('alert').getByText(words).waitFor();
    }
  });

  test('a wallet that only puts itself into the page, as older ones do, is found too', async () => {
    const page = await context.newPage();
    await page.addInitScript(() =>
      Object.assign(window, { ethereum: { request: async () => ['0x70997970C51812dc3A010C7d01b50e0d17dc79C8'] } }),
    );
    await page.goto(`${stage.url}/pay/${token}`);
    await page.getByRole('button', { name: 'Browser wallet' }).click();
    await page.getByText('0x7099…79C8').last().waitFor();
  });

  test('opened in two windows: the second sees that the first pays, and must say that it means it', async () => {
    const first = await withWallet();
    await connected(first.page, first.wallet);
    const second = await withWallet(chain.accounts[5]?.privateKey);
    await connected(second.page, second.wallet);
    await payButton(first.page).click();
    await eventually(() => first.wallet.getPendingRequestCount(Web3RequestKind.SendTransaction)).toBe(1);
    await second.page.getByText('This is being paid in another window').waitFor();
    await payButton(second.page).click();
    await second.page.getByText('It is already being paid.').waitFor();
    expect(second.wallet.getPendingRequestCount()).toBe(0);
    await second.page.getByRole('button', { name: 'Don’t pay' }).click();
    await first.wallet.authorize(Web3RequestKind.SendTransaction);
    await second.page.getByText('its transaction is on the way').waitFor();
    await stage.set(token, paid());
    for (const { page } of [first, second]) await page.getByRole('heading', { name: 'Paid' }).waitFor();
    expect(await payButton(second.page).count()).toBe(0);
  });

  test('who means it pays a second time', async () => {
    const first = await withWallet();
    await connected(first.page, first.wallet);
    await payButton(first.page).click();
    await eventually(() => first.wallet.getPendingRequestCount(Web3RequestKind.SendTransaction)).toBe(1);
    const second = await withWallet(chain.accounts[5]?.privateKey);
    await connected(second.page, second.wallet);
    await payButton(second.page).click();
    await second.page.getByRole('button', { name: 'Pay anyway' }).click();
    await authorize(second.wallet, Web3RequestKind.SendTransaction);
    await second.page.getByText('Paid. Handing your question over…').waitFor();
  });

  test('after a reload the payment that is under way is remembered, and not sent again by mistake', async () => {
    const { page, wallet } = await withWallet();
    await connected(page, wallet);
    await payButton(page).click();
    await authorize(wallet, Web3RequestKind.SendTransaction);
    await page.getByText('Paid. Handing your question over…').waitFor();
    await page.reload();
    await page.getByText(/The payment was sent/).waitFor();
    await connected(page, wallet);
    await payButton(page).click();
    await page.getByText('It is already being paid.').waitFor();
  });

  test('the test wallet pays with play money, each window from another account', async () => {
    const [one, two] = [await context.newPage(), await context.newPage()];
    for (const page of [one, two]) {
      await page.goto(`${stage.url}/pay/${token}`);
      await page.getByRole('button', { name: /Test wallet.*Play money/ }).click();
      await payButton(page).waitFor();
    }
    const account = (page: Page) => page.locator('.account small').innerText();
    expect(await account(one)).not.toBe(await account(two));
    await payButton(one).click();
    await one.getByText('Paid. Handing your question over…').waitFor();
  });

  test('links that are paid, expired or unknown say so and offer no payment', async () => {
    const page = await context.newPage();
    await stage.set(token, reported('Yes.'));
    await page.goto(`${stage.url}/pay/${token}`);
    await page.getByRole('heading', { name: 'Answered' }).waitFor();
    expect(await page.locator('.checkout').count()).toBe(0);
    await stage.set(token, { state: 'expired' });
    await page.reload();
    await page.getByRole('heading', { name: 'This link has expired' }).waitFor();
    expect(await page.locator('.checkout button').count()).toBe(0);
    await page.goto(`${stage.url}/pay/nobody-knows-this-link`);
    await page.getByRole('heading', { name: 'There is no such pay link' }).waitFor();
  });

  test('a link that expires while one looks at it stops offering to pay', async () => {
    const at = Math.floor(Date.now() / 1000) + 2;
    token = await stage.ask('soon', { status: { state: 'awaiting', expiresAt: at }, expiresAt: at });
    const page = await context.newPage();
    await page.goto(`${stage.url}/pay/${token}`);
    await page.getByText('This link has expired. Nothing was taken').waitFor();
  });

  test('a payment that the wallet confirms after the link has expired still counts', async () => {
    const { page, wallet } = await withWallet();
    await connected(page, wallet);
    await payButton(page).click();
    await page.getByText(/Confirm the payment in/).waitFor();
    await stage.set(token, { state: 'expired' });
    await page.getByRole('heading', { name: 'This link has expired' }).waitFor();
    await authorize(wallet, Web3RequestKind.SendTransaction);
    await page.getByText('Paid. Handing your question over…').waitFor();
    await page.reload();
    await page.getByText('A payment was sent before this link expired.').waitFor();
    await stage.set(token, paid());
    await page.getByRole('heading', { name: 'Paid' }).waitFor();
  });

  test('a very long answer is folded', async () => {
    await stage.set(token, reported('word '.repeat(3_000)));
    const page = await context.newPage();
    await page.goto(`${stage.url}/pay/${token}`);
    const height = () => page.locator('.answer').evaluate((element) => element.clientHeight);
    await page.getByRole('button', { name: 'Show the whole answer' }).waitFor();
    expect(await height()).toBeLessThan(450);
    await page.getByRole('button', { name: 'Show the whole answer' }).click();
    await eventually(height).toBeGreaterThan(1_000);
  });

  test('everything one can use has a name for those who cannot see it', async () => {
    for (const path of ['/', `/pay/${token}`]) {
      const page = await context.newPage();
      await page.goto(`${stage.url}${path}`);
      await page.getByRole('button', { name: path === '/' ? 'Send' : /Test wallet/ }).waitFor();
      const nameless = await page
        .locator('button, a, input, textarea, summary')
        .evaluateAll((all) =>
          all
            .filter(
              (one) =>
                !one.textContent?.trim() &&
                !one.getAttribute('aria-label') &&
                !(one as HTMLInputElement).labels?.length,
            )
            .map((one) => one.outerHTML),
        );
      expect(nameless).toEqual([]);
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
      expect(await page.locator('main').count()).toBe(1);
      await page.close();
    }
  });

  test('on this machine alone it offers no phone what no phone can open', async () => {
    for (const name of ['127.0.0.1', 'localhost']) {
      const page = await context.newPage();
      await page.goto(`${stage.url.replace('127.0.0.1', name)}/pay/${token}`);
      await page.getByText('To use your own wallet, open this page in a browser on this machine').waitFor();
      expect(await page.locator('.wallets').innerText()).toContain('Test wallet');
      expect(await page.locator('main').innerText()).not.toMatch(/phone|hand the link on/i);
      expect(await page.locator('.on-phone').count()).toBe(0);
      await page.close();
    }
  });

  test('under a public name a phone gets a QR of the page, by keyboard too', async () => {
    const link = 'a-link-of-one-person-only';
    const other = await createStage({
      publicUrl,
      requests: {
        open: async () => ({
          code: 'K7QX',
          person: 'Maya',
          place: 'Telegram',
          expiresAt: 4_000_000_000,
          language: 'en',
          state: 'open',
          view: { title: 'Put money in', text: [], facts: [], fields: [], worst: 'Nothing.', action: 'Put it in' },
        }),
        advance: async () => ({ ok: false, code: 'unknown', message: 'There is no such link.' }),
      },
    });
    const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true });
    try {
      const page = await phone.newPage();
      await openPublicly(page, other.url);
      for (const path of [`/pay/${await other.ask('What is TellorFlex?')}`, `/do#${link}`]) {
        await page.goto(`${publicUrl}${path}`);
        await page.getByText(/^Open this page in a browser .* or in a phone wallet’s own browser\.$/).waitFor();
        await tabTo(page, 'Use the wallet on your phone');
        await page.keyboard.press('Enter');
        const drawn = page.getByRole('img', { name: 'QR code of this page’s address' });
        await drawn.waitFor();
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      }
    } finally {
      await phone.close();
      await other.stop();
    }
  });

  test('by keyboard alone: choose the wallet and pay; the focus can be seen all the way', async () => {
    const page = await context.newPage();
    await page.goto(`${stage.url}/pay/${token}`);
    const focused = () => page.evaluate(() => document.querySelector('button:focus')?.textContent ?? '');
    await page.locator('.wallet').waitFor();
    await tabTo(page, 'Test wallet');
    await tabTo(page, 'Or pay by an ordinary transfer');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await eventually(focused).toBe('Pay 0.25 LANG');
    await page.keyboard.press('Enter');
    await page.getByText('Paid. Handing your question over…').waitFor();
  });

  test('with a block explorer, transactions and addresses are links to it', async () => {
    const other = await createStage({
      chain: {
        id: 1,
        name: 'Main',
        rpcUrls: [],
        explorer: 'https://scan.example',
        coin: { name: 'Ether', symbol: 'ETH', decimals: 18 },
        market,
      },
    });
    try {
      const own = await other.ask('linked?');
      await other.set(own, reported('Yes.'));
      const page = await context.newPage();
      await page.goto(`${other.url}/pay/${own}`);
      await page.locator('.step a').first().waitFor();
      expect(await page.locator('.step a').first().getAttribute('href')).toBe(`https://scan.example/tx/${hash(1)}`);
      expect(await page.locator('.facts a').getAttribute('href')).toMatch(/^https:\/\/scan\.example\/address\/0x/);
      expect(await page.locator('.step a').first().getAttribute('rel')).toContain('noopener');
    } finally {
      await other.stop();
    }
  });

  test('names, question and model are text whatever they hold', async () => {
    const nasty = '<img src=x onerror=alert(1)>';
    token = await stage.ask(nasty, {
      token: 'nasty-token-0001',
      person: { platform: 'telegram', id: '1', name: nasty },
      model: { id: 2n, name: nasty },
    });
    const page = await context.newPage();
    await page.goto(`${stage.url}/pay/${token}`);
    await page.locator('.question').getByText(nasty).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
  });

  test('ready to pay after a handful of small requests, and no wider than a phone', async () => {
    const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true });
    const page = await phone.newPage();
    const urls: string[] = [];
    page.on('request', (request) => urls.push(request.url()));
    await page.goto(`${stage.url}/pay/${token}`);
    await page.getByRole('button', { name: /Test wallet/ }).waitFor();
    const bytes = await page.evaluate(() => {
      const all = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
      return all.reduce((sum, { transferSize }) => sum + transferSize, 0);
    });
    expect(bytes).toBeLessThan(30_000);
    // The page, script, style, icon, the ask and its events.
    expect(urls.length).toBeLessThanOrEqual(6);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await phone.close();
  });

  test.each([
    ['es', 'Pagar la pregunta de Amber Otter', 'Qué pasa con el dinero', 'Pagar 0.25 LANG', 'Reportada'],
    ['zh', '为 Amber Otter 的问题付款', '钱会怎样', '支付 0.25 LANG', '已上报'],
    ['ru', 'Оплатить вопрос: Amber Otter', 'Что будет с деньгами', 'Оплатить 0.25 LANG', 'Передан'],
  ] as const)(
    'in the language of the question, %s, it fits a small phone',
    async (language, title, rules, pay, step) => {
      const asked = await stage.ask('¿Qué es TellorFlex?', { language });
      const phone = await browser.newContext({ viewport: { width: 320, height: 640 }, locale: 'en' });
      const page = await phone.newPage();
      await page.goto(`${stage.url}/pay/${asked}`);
      await page.getByRole('heading', { name: title }).waitFor();
      await page.getByText(rules).waitFor();
      await page.locator('.wallet').first().click();
      await page.getByRole('button', { name: pay }).waitFor();
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
      // The words of its steps are the narrowest: four stand side by side.
      await stage.set(asked, reported('Es un oráculo.'));
      await page.getByText(step).first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
      await phone.close();
    },
  );
});
