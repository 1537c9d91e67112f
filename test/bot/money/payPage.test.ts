import type { Wallet } from 'ethers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { wordsOf } from '../../../bot/core/I18n.ts';
import { createLocalAdapter } from '../../../bot/local/adapter.ts';
import { type LocalServer, startServer } from '../../../bot/local/server.ts';
import { type Phase, pay } from '../../../bot/pay/page/payment.ts';
import type { WalletProvider } from '../../../bot/pay/page/wallets.ts';
import { setWords } from '../../../bot/pay/page/words.tsx';
import type { ChainInfo } from '../../../bot/pay/server/wire.ts';
import { askByToken } from '../../../bot/store/asks.ts';
import { address } from '../../../contracts/client/Hex.ts';
import { createToken } from '../../../contracts/client/Token.ts';
import { quiet } from '../../client/chain.ts';
import { command } from '../core/world.ts';
import { deployClearFirst } from './clearFirst.ts';
import { bob, createMoneyWorld, type MoneyWorld } from './world.ts';

let world: MoneyWorld;
let server: LocalServer;
let chain: ChainInfo;
beforeAll(async () => {
  setWords(wordsOf('en', 'page'));
  world = await createMoneyWorld();
  chain = {
    id: world.chain.chainId,
    name: 'Test chain',
    rpcUrls: [world.chain.url],
    coin: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    market: world.market.deployment.market,
  };
  const local = createLocalAdapter({ file: ':memory:', log: quiet, suggest: () => [] });
  server = await startServer({ desk: world.bot.desk, local, chain, log: quiet, port: 0 });
});
afterAll(async () => {
  await server?.stop();
  await world?.stop();
});

const transaction = z.tuple([z.object({ to: z.string(), data: z.string(), value: z.string() })]);

/** As a wallet in a browser: it sends what it is asked to, unless the node says that it would fail. */
function walletOf(signer: Wallet): WalletProvider {
  return {
    async request({ method, params = [] }) {
      if (method !== 'eth_sendTransaction') return world.chain.rpc.send(method, [...params]);
      const [call] = transaction.parse(params);
      const gasLimit = ((await signer.estimateGas(call)) * 3n) / 2n;
      return (await signer.sendTransaction({ ...call, gasLimit })).hash;
    },
  };
}

it('the page takes an old approval back first, for a token that wants it so, approves the price, and the ask is paid', async () => {
  const { deployment, host, registry, owner, asker, order, send } = world.market;
  const { market } = deployment;
  const payer = address(asker.address);
  const token = await deployClearFirst(world, asker, { held: 1_000n, allowed: 40n });
  const { allowance, balanceOf } = createToken(world.chain.rpc, token);
  await send(
    owner,
    registry.calls.list({
      workload: order().workload,
      token,
      royalty: 10n,
      listedHostsOnly: false,
      name: 'Cleared',
      metadata: '{}',
    }),
    host.calls.offer(2n, token, { price: 90n, maxInputBytes: 1_000, exclusiveSeconds: 60, reportWithinSeconds: 600 }),
  );
  await world.caughtUp();
  await world.bot.receive(command('ask', '--model Cleared Who clears first?', { person: bob }));
  const { db } = world.context.store;
  const { token: link } = await db.selectFrom('asks').select('token').executeTakeFirstOrThrow();

  const signed: string[] = [];
  const allowed: bigint[] = [];
  const onPhase = (phase: Phase) => {
    if (phase.type === 'signing') signed.push(phase.purpose);
  };
  const wallet = walletOf(asker);
  const provider: WalletProvider = {
    async request(of) {
      if (of.method === 'eth_sendTransaction') allowed.push(await allowance(payer, market));
      return wallet.request(of);
    },
  };
  const hash = await pay({
    root: new URL(server.url),
    token: link,
    window: 'window-0001',
    chain,
    provider,
    account: payer,
    again: false,
    onPhase,
  });
  expect(signed).toEqual(['clear', 'approve', 'ask']);
  expect(allowed).toEqual([40n, 0n, 100n]);
  await expect
    .poll(async () => (await askByToken(db, link))?.status)
    .toMatchObject({
      state: 'paid',
      paid: { transaction: hash },
    });
  expect(await balanceOf(payer)).toBe(900n);
  expect(await allowance(payer, market)).toBe(0n);
});
