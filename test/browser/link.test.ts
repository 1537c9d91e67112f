import { Web3RequestKind } from 'headless-web3-provider';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { format } from '../../contracts/client/Amount.ts';
import { createGovernance } from '../../contracts/client/Governance.ts';
import { address, zeroAddress } from '../../contracts/client/Hex.ts';
import { accountOf } from '../../contracts/client/Market.ts';
import { createToken } from '../../contracts/client/Token.ts';
import { createWorld, type World } from '../e2e/world.ts';
import { launchChromium } from './chromium.ts';
import { describeInBrowser, eventually } from './inBrowser.ts';
import { tabTo } from './keyboard.ts';
import { authorize, type Chatter, decline, done, injected, joinChat } from './walletChat.ts';

const lang = 10n ** 18n;

describeInBrowser('a wallet, from /link to /withdraw, with everything real behind it', () => {
  let browser: Browser;
  let world: World;
  let context: BrowserContext;
  let chat: Chatter;
  const problems: string[] = [];

  beforeAll(async () => {
    [browser, world] = await Promise.all([launchChromium(), createWorld()]);
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    chat = await joinChat(context, world, problems);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
    expect(problems).toEqual([]);
  });

  const dev = () => {
    const account = world.stack.chain.accounts[8];
    if (!account) throw new Error('anvil has ten accounts');
    return account;
  };
  const account = () => accountOf(dev().address);
  const token = () => world.stack.deployment.token;
  const balance = () => world.market.balanceOf(account(), token());

  /** Opens a link in a small phone's browser of another language: it says these, and nothing is wider than the phone. */
  async function expectFitsPhone(url: string, locale: string, words: readonly string[]): Promise<void> {
    const phone = await browser.newContext({ locale, viewport: { width: 320, height: 640 } });
    const page = await phone.newPage();
    await page.goto(url);
    await page.locator('.wallet').first().click();
    await page.locator('button[type=submit]').waitFor();
    for (const text of words) await page.getByText(text).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe(locale);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await phone.close();
  }

  const say = (text: string) => chat.say(text);
  const openRequest = (command: string) => chat.openRequest(command, dev());

  test('link: declining is said and changes nothing; a signature links', async () => {
    const { page, wallet } = await openRequest('/link');
    const sign = page.getByRole('button', { name: 'Sign in with this wallet' });
    await sign.click();
    await decline(wallet, Web3RequestKind.SignMessage);
    await page.getByText('You declined in your wallet.').waitFor();
    await sign.click();
    await authorize(wallet, Web3RequestKind.SignMessage);
    await done(page);
    // On the same page: money, then a limit.
    await page.getByRole('button', { name: 'Put money in' }).click();
    await page.getByRole('heading', { name: 'Put money in' }).waitFor();
    await page.getByLabel('Amount').fill('1,5');
    await page.getByRole('button', { name: 'Put it in' }).click();
    await page
      .getByRole('alert')
      .getByText(/has a comma/)
      .waitFor();
    await page.getByLabel('Amount').fill('2');
    await page.getByRole('button', { name: 'Put it in' }).click();
    // A permit for exactly the amount, and the deposit: one transaction.
    await authorize(wallet, Web3RequestKind.SignTypedDataV4);
    await authorize(wallet, Web3RequestKind.SendTransaction);
    await done(page);
    expect(await balance()).toBe(2n * lang);
    await page.close();
  });

  test('limit, by keyboard alone: the worst is said as one types; the bot sends what was signed', async () => {
    const { page, wallet } = await chat.openRequest('/limit LANG', dev(), async (opened) => {
      await tabTo(opened, (await injected(opened).innerText()).trim());
      await opened.keyboard.press('Enter');
    });
    await page.getByLabel('At most for one question').waitFor();
    await tabTo(page, 'At most for one question');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('0.3');
    await tabTo(page, 'At most in all');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('0.9');
    await page.getByText(/at most 0\.3 LANG at a time and 0\.9 LANG each day.*up to 1\.8 LANG/).waitFor();
    await tabTo(page, 'Sign this limit');
    await page.keyboard.press('Enter');
    await decline(wallet, Web3RequestKind.SignTypedDataV4);
    await page.getByText('You declined in your wallet.').waitFor();
    await tabTo(page, 'Sign this limit');
    await page.keyboard.press('Enter');
    await authorize(wallet, Web3RequestKind.SignTypedDataV4);
    await done(page);
    await page.close();
  });

  test('from then on /ask simply asks: no pay link, no wallet window', async () => {
    const nonce = await world.stack.chain.rpc.getTransactionCount(dev().address);
    await say('/ask --model terse What is a staked reporter?');
    await chat.page.getByRole('button', { name: 'I agree' }).click();
    const card = chat.line('What is a staked reporter?');
    await card.getByText(world.model.answer).waitFor();
    expect(await chat.page.getByRole('link', { name: /^Pay/ }).count()).toBe(0);
    expect(await balance()).toBe((175n * lang) / 100n);
    expect(await world.stack.chain.rpc.getTransactionCount(dev().address)).toBe(nonce);
  });

  test('a pay link is paid by an ordinary transfer to its address, by anybody', async () => {
    const other = await browser.newContext();
    const { page: stranger, say: sayThere } = await joinChat(other, world, problems);
    await sayThere('/ask --model terse Who may pay by transfer?');
    await stranger.getByRole('button', { name: 'I agree' }).click();
    const pay = stranger.getByRole('link', { name: /^Pay 0\.25 LANG/ });
    await pay.waitFor();
    const [page] = await Promise.all([stranger.waitForEvent('popup'), pay.click()]);
    await page.getByText('Or pay by an ordinary transfer').click();
    await page.getByLabel(/Whose is any rest/).fill('0x12');
    await page.getByRole('button', { name: 'Show where to send it' }).click();
    await page.getByRole('alert').waitFor();
    const owner = world.stack.chain.accounts[9]?.address ?? zeroAddress;
    await page.getByLabel(/Whose is any rest/).fill(owner);
    await page.getByRole('button', { name: 'Show where to send it' }).click();
    const to = address(await page.locator('.transfer-pay code').innerText());
    // Somebody else's wallet sends too little, then the rest.
    const { chain } = world.stack;
    const call = createToken(chain.rpc, token()).calls.transfer(to, lang / 10n);
    await chain.rpc.send('eth_sendTransaction', [{ from: owner, to: call.to, data: call.data }]);
    await page.getByText('0.1 LANG has arrived; 0.15 LANG more is needed.').waitFor();
    const rest = createToken(chain.rpc, token()).calls.transfer(to, lang / 5n);
    await chain.rpc.send('eth_sendTransaction', [{ from: owner, to: rest.to, data: rest.data }]);
    await page.getByText(world.model.answer).waitFor();
    expect(await world.market.balanceOf(accountOf(owner), token())).toBe(lang / 20n);
    await other.close();
  });

  test('dispute: declined it costs nothing; the asker’s wallet sends exactly the fee, and the chat says that it is disputed', async () => {
    const { chain, deployment } = world.stack;
    const governance = createGovernance(chain.rpc, deployment);
    const wealth = () => createToken(chain.rpc, token()).balanceOf(dev().address);
    const [fee, before] = await Promise.all([governance.disputeFee(), wealth()]);
    const price = format(fee, 18, 'LANG');
    const card = chat.line('What is a staked reporter?');
    await card.getByText('dispute').first().waitFor();
    await say('/dispute');
    const { url, code } = await chat.linkBehind(() =>
      chat.page.getByRole('button', { name: `Dispute for ${price}` }).click(),
    );
    await expectFitsPhone(url, 'es', [
      'Disputar una respuesta',
      'Tasa, que pierdes si la votación no te da la razón',
      `Pierdes la tasa de ${price} y la tarifa de la red: los votantes de Tellor pueden dar por buena la respuesta.`,
      'Continuar',
    ]);
    await expectFitsPhone(url, 'zh', [
      '对回答提出争议',
      '费用（投票不支持你时将失去）',
      `你会损失 ${price} 的费用和网络费：Tellor 的投票者可能认为回答没有问题。`,
      '继续',
    ]);
    const { page, wallet } = await chat.openPage(url, dev());
    await page.getByText(`The bot showed you the code ${code}`).waitFor();
    await page.getByText('What is a staked reporter?').waitFor();
    await page.getByText(`You lose the fee of ${price} and the network fee`).waitFor();

    const go = page.getByRole('button', { name: 'Go on' });
    await go.click();
    await decline(wallet, Web3RequestKind.SendTransaction);
    await page.getByText('You declined in your wallet.').waitFor();
    // Declined at the second window: what was approved is exactly the fee, and nothing has begun.
    await go.click();
    await authorize(wallet, Web3RequestKind.SendTransaction);
    await page.getByText('Step 2 of 2: Begin the dispute').waitFor();
    await decline(wallet, Web3RequestKind.SendTransaction);
    await page.getByText('You declined in your wallet.').waitFor();
    expect(await createToken(chain.rpc, token()).allowance(dev().address, deployment.governance)).toBe(fee);
    expect(await wealth()).toBe(before);

    await go.click();
    await authorize(wallet, Web3RequestKind.SendTransaction);
    await page.getByText('Step 2 of 2: Begin the dispute').waitFor();
    await authorize(wallet, Web3RequestKind.SendTransaction);
    await done(page);
    await page.getByText('The dispute has begun.').waitFor();
    await page.close();
    expect(await wealth()).toBe(before - fee);
    expect(await governance.voteInfo(1n)).toMatchObject({ initiator: dev().address, fee });
    await say('/dispute');
    await chat.line('disputed already: Tellor’s voters are deciding').waitFor();
  });

  test('revoke, then /ask gives a pay link again; withdraw takes the rest out without coin for gas', async () => {
    const ended = await openRequest('/revoke');
    await ended.page.getByRole('button', { name: 'End it' }).click();
    await authorize(ended.wallet, Web3RequestKind.SignTypedDataV4);
    await done(ended.page);
    await say('/ask --model terse Is it over?');
    const card = chat.line('Is it over?');
    await card.getByRole('link', { name: /^Pay 0\.25 LANG/ }).waitFor();

    const held = await createToken(world.stack.chain.rpc, token()).balanceOf(dev().address);
    const out = await openRequest('/withdraw LANG');
    await eventually(() => out.page.getByLabel('Amount').inputValue()).toBe('1.75');
    await out.page.getByRole('button', { name: 'Take it out' }).click();
    await authorize(out.wallet, Web3RequestKind.SignTypedDataV4);
    await done(out.page);
    expect(await balance()).toBe(0n);
    expect(await createToken(world.stack.chain.rpc, token()).balanceOf(dev().address)).toBe(
      held + (175n * lang) / 100n,
    );
  });

  test('a link is used once, a foreign site can’t read it, and a phone is not offered what it can’t open', async () => {
    const { url } = await chat.linkOf('/deposit');
    const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true });
    const page = await phone.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(url);
    await page.getByRole('heading', { name: 'Put money in' }).waitFor();
    // Not in any address that a server or proxy writes down.
    const secret = new URL(url).hash.slice(1);
    expect(asked.filter((one) => !one.includes('#') && one.includes(secret))).toEqual([]);
    await page.getByText(/open this page in a browser on this machine/i).waitFor();
    expect(await page.locator('main').innerText()).not.toMatch(/phone/i);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.goto(`${world.local}/do#nobody-knows-this-link-at-all`);
    await page.reload();
    await page.getByRole('heading', { name: 'There is no such link' }).waitFor();
    await phone.close();
  });
});
