import { afterEach, beforeEach, expect, it } from 'vitest';
import { setChatPreference } from '../../../bot/store/preferences.ts';
import { zeroHash } from '../../../contracts/client/Hex.ts';
import { after, host, lang, offer, otherHost, payment, place, word } from './chainEvents.ts';
import { command, createWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.end());

const chat = { platform: 'telegram' as const, id: 'group' };
const listed = 200_000_000_000_000_000n;

/** Asks of other bots: `host` answers each, the other one, who is cheaper, none. */
async function history(asks: number, cheaperPrice = listed - 1n) {
  world.mine(place(offer(1n, otherHost, lang, cheaperPrice), 5));
  const price = { amount: 3n, token: lang, symbol: 'LANG', decimals: 18, royalty: 1n, hostPrice: 2n };
  for (let ask = 0; ask < asks; ask += 1) {
    const block = 10 + 10 * ask;
    const of = {
      workload: zeroHash,
      question: 'x',
      parent: zeroHash,
      model: { id: 1n, name: 'm' },
      price,
      soleHost: false,
    };
    const good = payment({ ...of, userSalt: word(block) }, block);
    const bad = payment({ ...of, userSalt: word(block + 1) }, block + 1);
    const theirs = { ...bad, host: otherHost, ask: { ...bad.ask, host: otherHost } };
    world.mine(good, theirs, after(good).delivered(block + 5), after(theirs).refunded(block + 6));
  }
  await world.follow();
}

const why = async () => {
  await world.receive(command('why', ''));
  await world.bot.outbox.idle();
  return world.platform.shown.at(-1)?.message.text.split('\n').slice(4, 6).join('\n');
};

it('asks the better host when a slightly cheaper one leaves its asks unanswered, and says so', async () => {
  await history(4);
  expect(await world.ask('x')).toMatchObject({ host, choice: { offers: 2, cheaper: 1, refused: 0 } });
  expect(await why()).toBe(
    [
      '- Host asked: `0x3333…3333`, the best by price and record of 2 that offered; 1 was cheaper but answers less reliably or too slowly. Another may take over when it is silent or declines',
      '- The host’s record: answered 4 of its last 4 in time, usually within 5 seconds; no dispute lost',
    ].join('\n'),
  );
});

it('asks the cheaper host when what it left unanswered is outweighed by its price', async () => {
  await history(4, 10n);
  expect(await world.ask('x')).toMatchObject({ host: otherHost, choice: { offers: 2, cheaper: 0, refused: 0 } });
});

it('never asks a better host above what a question may cost here, and when none is within the rule it says that', async () => {
  await history(8, 100_000_000_000_000_000n);
  expect(await world.ask('x')).toMatchObject({ host });
  await setChatPreference(world.context.store.db, chat, 'rule.price', '0.15 LANG');
  expect(await world.ask('x')).toMatchObject({ host: otherHost, choice: { offers: 2, cheaper: 0, refused: 0 } });
  await setChatPreference(world.context.store.db, chat, 'rule.price', '0.1 LANG');
  await world.receive(command('ask', 'x'));
  await world.bot.outbox.idle();
  expect(world.platform.shown.at(-1)?.message.text).toContain('at most 0\\.1 LANG');
});

it('passes over a host that the chain no longer grants, and says so', async () => {
  await history(0);
  world.market.quote = async ({ host: asked }) => {
    if (asked === otherHost) throw Object.assign(new Error('reverted'), { code: 'CALL_EXCEPTION' });
    return { royalty: 1n, hostPrice: listed };
  };
  expect(await world.ask('x')).toMatchObject({ host, choice: { offers: 2, cheaper: 0, refused: 1 } });
  expect(await why()).toContain('of 2 that offered; 1 better one no longer kept its offer.');
});
