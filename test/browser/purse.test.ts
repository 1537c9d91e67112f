import { Web3RequestKind } from 'headless-web3-provider';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { address } from '../../contracts/client/Hex.ts';
import { purseAccount } from '../../contracts/client/Market.ts';
import { createToken } from '../../contracts/client/Token.ts';
import { createWorld, type World } from '../e2e/world.ts';
import { launchChromium } from './chromium.ts';
import { describeInBrowser, eventually } from './inBrowser.ts';
import { authorize, type Chatter, done, joinChat } from './walletChat.ts';

/** What one question to the model `terse` costs: the unit of this group's caps. */
const one = 10n ** 18n / 4n;

describeInBrowser('a group’s purse, with everything real behind it', () => {
  let browser: Browser;
  let world: World;
  let context: BrowserContext;
  let admin: Chatter;
  let five: Chatter;
  let three: Chatter;
  let none: Chatter;
  const problems: string[] = [];

  beforeAll(async () => {
    [browser, world] = await Promise.all([launchChromium(), createWorld()]);
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    // Every window is somebody else.
    admin = await joinChat(context, world, problems);
    [five, three, none] = await Promise.all([
      joinChat(context, world, problems),
      joinChat(context, world, problems),
      joinChat(context, world, problems),
    ]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
    expect(problems).toEqual([]);
  });

  const key = (index: number) => {
    const account = world.stack.chain.accounts[index];
    if (!account) throw new Error('anvil has ten accounts');
    return account;
  };
  const owner = () => key(8);
  const stranger = () => key(9);
  const token = () => world.stack.deployment.token;
  const inPurse = () => world.market.balanceOf(purseAccount(owner().address, 1n), token());
  const inWallet = () => createToken(world.stack.chain.rpc, token()).balanceOf(owner().address);
  const payLink = (of: Chatter, question: string) => of.line(question).getByRole('link', { name: 'Pay 0.25 LANG' });

  async function ask(of: Chatter, question: string): Promise<void> {
    await of.say(`/ask --model terse ${question}`);
  }
  /** The first question of a person waits until he has agreed that questions are public. */
  async function firstAsk(of: Chatter, question: string): Promise<void> {
    await ask(of, question);
    await of.page.getByRole('button', { name: 'I agree' }).click();
  }
  async function answered(of: Chatter, question: string): Promise<void> {
    const card = of.line(question);
    await card.getByText(world.model.answer).waitFor();
    await card.getByText('from the group’s purse').waitFor();
  }

  test('an admin’s wallet signs, the bot opens the purse and binds it; a member fills it with six', async () => {
    const linking = await admin.openRequest('/link', owner());
    await linking.page.getByRole('button', { name: 'Sign in with this wallet' }).click();
    await authorize(linking.wallet, Web3RequestKind.SignMessage);
    await done(linking.page);
    await linking.page.close();

    const sent = await world.stack.chain.rpc.getTransactionCount(owner().address);
    const opening = await admin.openRequest('/purse create LANG', owner());
    await opening.page.getByText(/at most 0\.25 LANG at a time and 5 LANG each day/).waitFor();
    await opening.page.getByRole('button', { name: 'Sign, and open the purse' }).click();
    await authorize(opening.wallet, Web3RequestKind.SignTypedDataV4);
    await done(opening.page);
    await opening.page.close();
    await none.page.getByText('opened a purse for this group').waitFor();
    expect(await world.stack.chain.rpc.getTransactionCount(owner().address)).toBe(sent);

    await five.say('/topup LANG');
    const url = await none.page.getByRole('link', { name: 'Put in LANG' }).getAttribute('href');
    const filling = await none.openPage(url ?? '', stranger());
    await filling.page.getByLabel('Amount').fill('1.5');
    await filling.page.getByRole('button', { name: 'Put it in' }).click();
    await authorize(filling.wallet, Web3RequestKind.SignTypedDataV4);
    await authorize(filling.wallet, Web3RequestKind.SendTransaction);
    await done(filling.page);
    await filling.page.close();
    expect(await inPurse()).toBe(6n * one);
  });

  test('caps of five, three and nothing', async () => {
    for (const [member, name, cap] of [
      [five, 'five', '1.25'],
      [three, 'three', '0.75'],
      [none, 'nothing', '0'],
    ] as const) {
      await member.say(`I am the one with ${name}`);
      await admin.say(`/cap ${cap} LANG`, `I am the one with ${name}`);
      await admin.page.getByText(`at most ${cap} LANG in 24 hours`).waitFor();
    }
  });

  test('the first member asks five times; the sixth time he is told how much, until when, and how to pay', async () => {
    await firstAsk(five, 'What is number 1?');
    await answered(five, 'What is number 1?');
    for (const count of [2, 3, 4, 5]) await ask(five, `What is number ${count}?`);
    for (const count of [2, 3, 4, 5]) await answered(five, `What is number ${count}?`);
    expect(await inPurse()).toBe(one);
    await ask(five, 'What is number 6?');
    const card = five.line('What is number 6?');
    await card
      .getByText(/of your cap of 1\.25 LANG a day 0 LANG are left; enough is free again at .*pay it yourself/)
      .waitFor();
    await payLink(five, 'What is number 6?').waitFor();
  });

  test('the one with nothing gets a pay link', async () => {
    await firstAsk(none, 'May I?');
    await payLink(none, 'May I?').waitFor();
    expect(await none.line('May I?').innerText()).not.toContain('purse');
    expect(await inPurse()).toBe(one);
  });

  test('the second member takes the last one; within his cap he is told that the purse is empty', async () => {
    await firstAsk(three, 'Is there one left?');
    await answered(three, 'Is there one left?');
    expect(await inPurse()).toBe(0n);
    await ask(three, 'And another?');
    await three
      .line('And another?')
      .getByText(/it has only 0 LANG free\. Anybody can fill it: \/topup\./)
      .waitFor();
    await payLink(three, 'And another?').waitFor();
  });

  test('an ordinary transfer fills it; revoked by its owner alone, it pays for nobody', async () => {
    const shown = none.line('Fill the group’s purse').locator('[data-copy^="0x"]');
    const to = address((await shown.getAttribute('data-copy')) ?? '');
    const { rpc } = world.stack.chain;
    const call = createToken(rpc, token()).calls.transfer(to, 2n * one);
    await rpc.send('eth_sendTransaction', [{ from: stranger().address, to: call.to, data: call.data }]);
    await eventually(inPurse).toBe(2n * one);

    // Who sits at this machine counts as an admin; that alone does not make the purse his.
    const foreign = await none.openRequest('/purse revoke', stranger());
    await foreign.page.getByRole('button', { name: 'End it' }).click();
    await foreign.page
      .getByRole('alert')
      .getByText(/Only the account’s owner/)
      .waitFor();
    await foreign.page.close();
    const ending = await admin.openRequest('/purse revoke', owner());
    await ending.page.getByRole('button', { name: 'End it' }).click();
    await authorize(ending.wallet, Web3RequestKind.SignTypedDataV4);
    await done(ending.page);
    await ending.page.close();
    await ask(three, 'Still?');
    await three
      .line('Still?')
      .getByText(/the bot may spend nothing of it now/)
      .waitFor();
    await payLink(three, 'Still?').waitFor();
    expect(await inPurse()).toBe(2n * one);
  });

  test('only the owner takes it out', async () => {
    const foreign = await none.openRequest('/purse withdraw LANG', stranger());
    await eventually(() => foreign.page.getByLabel('Amount').inputValue()).toBe('0.5');
    await foreign.page.getByRole('button', { name: 'Take it out' }).click();
    await foreign.page
      .getByRole('alert')
      .getByText(/Only the account’s owner/)
      .waitFor();
    await foreign.page.close();
    const before = await inWallet();
    const taking = await admin.openRequest('/purse withdraw LANG', owner());
    await eventually(() => taking.page.getByLabel('Amount').inputValue()).toBe('0.5');
    await taking.page.getByRole('button', { name: 'Take it out' }).click();
    await authorize(taking.wallet, Web3RequestKind.SignTypedDataV4);
    await done(taking.page);
    expect(await inPurse()).toBe(0n);
    expect(await inWallet()).toBe(before + 2n * one);
  });
});
