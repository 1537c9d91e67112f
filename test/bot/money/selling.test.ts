import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Incoming } from '../../../bot/core/types.ts';
import type { StepResult } from '../../../bot/pay/request/types.ts';
import { fromJson } from '../../../bot/store/Json.ts';
import { linkWallet } from '../../../bot/store/wallets.ts';
import type { Call } from '../../../contracts/client/Call.ts';
import { createGovernance } from '../../../contracts/client/Governance.ts';
import { address, zeroAddress } from '../../../contracts/client/Hex.ts';
import { createToken } from '../../../contracts/client/Token.ts';
import { ada, createMoneyWorld, type MoneyWorld } from './world.ts';

let world: MoneyWorld;
let updates = 0;
beforeAll(async () => {
  world = await createMoneyWorld();
});
afterAll(() => world.stop());

const chat = { platform: 'telegram', id: 'ada' } as const;
const base = () => {
  updates += 1;
  return { updateId: `sell-${updates}`, chat, person: ada };
};
async function hear(event: Incoming) {
  await world.bot.receive(event);
  await world.bot.outbox.idle();
  return world.platform.shown.at(-1)?.message;
}
const type = (name: string, text: string) =>
  hear({ ...base(), type: 'command', name, text, options: {}, ...(name === 'ask' && { isPlain: true as const }) });
async function press(label: string) {
  const shown = world.platform.shown.findLast(({ message }) => message.buttons?.some((one) => one.label === label));
  const button = shown?.message.buttons?.find((one) => one.label === label);
  if (!shown || button?.type !== 'press') throw new Error(`no button ${label}`);
  return hear({ ...base(), type: 'press', message: { chat, id: shown.id }, data: button.data });
}
/** Opens the page of the link that the bot gave last, and does with the wallet whatever it asks for. */
async function follow(wallet = world.market.asker) {
  const link = world.platform.shown.at(-1)?.message.buttons?.[0];
  const token = link?.type === 'link' ? new URL(link.url).hash.slice(1) : '';
  const results: StepResult[] = [];
  for (;;) {
    const next = await world.bot.requests.advance(token, { wallet: address(wallet.address), fields: {}, results });
    if (!next.ok || next.type === 'done') return next;
    results.push(await world.perform(next.step, wallet));
  }
}

it('a model sold in a chat is on the chain, offered, announced, changed and retired', async () => {
  const { market } = world;
  await linkWallet(world.context.store.db, ada, address(market.asker.address), 1);
  await type('sell', 'Answer in one word.');
  await type('ask', 'oneword');
  await press('Skip');
  await press('Skip');
  await press('Free');
  await press('List it with my wallet');
  expect(await follow()).toMatchObject({ ok: true, type: 'done' });
  await world.caughtUp();
  await world.bot.outbox.idle();
  expect(world.platform.shown.at(-1)?.message.text).toContain('is on the chain as model #2');
  const offer = { price: 5n, maxInputBytes: 1_000, exclusiveSeconds: 60, reportWithinSeconds: 600 };
  await market.send(market.owner, market.host.calls.offer(2n, zeroAddress, offer));
  await world.caughtUp();
  await world.bot.outbox.idle();
  expect(world.platform.shown.at(-1)?.message.text).toContain('can be asked now');
  expect(await market.registry.modelOf(2n)).toMatchObject({ seller: market.asker.address, royalty: 0n });
  expect(await market.registry.scriptOf((await market.registry.modelOf(2n)).workload)).toBe(
    'prompt = "Answer in one word."\ninput = "…"\n',
  );

  await type('mymodels', '');
  await press('Change oneword');
  await press('Price');
  await type('ask', '0.5 ETH');
  await press('Change it with my wallet');
  expect(await follow(market.owner)).toMatchObject({ ok: false, code: 'notOwner' });
  expect(await follow()).toMatchObject({ ok: true });
  expect(await market.registry.modelOf(2n)).toMatchObject({ royalty: 5n * 10n ** 17n, version: 2 });
  await press('Retire oneword');
  expect(await follow()).toMatchObject({ ok: true });
  expect(await market.registry.modelOf(2n)).toMatchObject({ retired: true });
});

it('an answer is disputed at Tellor’s own Governance by the asker’s wallet, for exactly the fee, once', async () => {
  const { market, chain } = world;
  const { deployment, asker, owner, host } = market;
  await type('ask', 'What is TellorFlex?');
  const row = await world.context.store.db
    .selectFrom('asks')
    .select('token')
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  const prepared = await world.bot.desk.prepare(row?.token ?? '', address(asker.address));
  if (!prepared.ok) throw new Error(prepared.message);
  await market.send(asker, ...prepared.calls.map(({ to, data, value }): Call => ({ to, data, value })));
  await world.caughtUp();
  const { db } = world.context.store;
  const event = await db
    .selectFrom('events')
    .select(['body', 'query_id'])
    .where('query_id', 'is not', null)
    .executeTakeFirst();
  const asked = fromJson<{ queryId: `0x${string}`; ask: Parameters<typeof host.calls.deliver>[2][number] }>(
    event?.body ?? '',
  );
  await market.send(owner, host.calls.deliver(1n, [asked.queryId], [asked.ask], ['An oracle.'], true));
  await world.caughtUp();

  const fee = await createGovernance(chain.rpc, deployment).disputeFee();
  const token = createToken(chain.rpc, deployment.token);
  await market.send(owner, token.calls.transfer(address(asker.address), fee));
  const said = await type('dispute', '');
  const label = said?.buttons?.[0]?.label ?? '';
  expect(label).toMatch(/^Dispute for [\d.,]+ LANG$/);
  await press(label);
  expect(await follow()).toMatchObject({ ok: true, type: 'done' });
  expect(await token.balanceOf(address(asker.address))).toBe(0n);
  expect(await createGovernance(chain.rpc, deployment).voteInfo(1n)).toMatchObject({ initiator: asker.address, fee });
  expect((await type('dispute', ''))?.text).toContain('disputed already');
  await expect(press(label)).resolves.toMatchObject({ text: expect.stringContaining('disputed already') });
});
