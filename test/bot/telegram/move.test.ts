import { expect, test } from 'vitest';
import { chatPreferenceOf, setChatPreference } from '../../../bot/store/preferences.ts';
import { bindPurse, capsOf, purseOf, setCap } from '../../../bot/store/purses.ts';
import { zeroAddress } from '../../../contracts/client/Hex.ts';
import { eventually } from '../../fakes/eventually.ts';
import { telegramStage } from '../stage.ts';

const owner = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const answer = 'An oracle with staked reporters.';

/** A basic group with settings, a purse with a cap, and a question that is paid. */
async function settled() {
  const stage = await telegramStage();
  const { fake, world, asked, pay } = stage;
  const { db } = world.context.store;
  const ada = fake.user('Ada');
  const old = fake.group('Builders', { isBasic: true, admins: [ada.id] });
  const group = { platform: 'telegram', id: String(old.id) } as const;
  await bindPurse(db, { group, account: 7n, owner }, 1);
  const cap = {
    subject: { type: 'member', id: String(ada.id) },
    name: 'Ada',
    token: zeroAddress,
    cap: { perDay: 5n, perAsk: 5n },
  } as const;
  await setCap(db, group, cap);
  await setChatPreference(db, group, 'language', 'es');
  ada.says('/ask What is it?', { chat: old });
  const paid = await pay(await asked());
  const everything = async (id: number) => {
    const of = { platform: 'telegram', id: String(id) } as const;
    const { db } = world.context.store;
    const [purse, caps, language] = [
      await purseOf(db, of),
      await capsOf(db, of),
      await chatPreferenceOf(db, of, 'language'),
    ];
    return { account: purse?.account, caps: caps.length, language };
  };
  return { ...stage, ada, old, paid, everything };
}

const whole = { account: 7n, caps: 1, language: 'es' };
const nothing = { account: undefined, caps: 0, language: undefined };

test('settings, purse and caps follow a group that becomes a supergroup; an open question is answered there, once', async () => {
  const stage = await settled();
  const { fake, world, old, paid, ada, everything, answer: deliver } = stage;
  const { chat, updates } = fake.upgrade(old);
  await eventually(async () => expect(await everything(chat.id)).toEqual(whole));
  // Again, by whatever repeats it, and after a restart.
  for (const update of updates) fake.repeat(update);
  await eventually(() => expect(fake.pending()).toBe(0));
  await world.restart();
  await world.bot.moved({ platform: 'telegram', from: String(old.id), to: String(chat.id) });
  expect(await everything(chat.id)).toEqual(whole);
  expect(await everything(old.id)).toEqual(nothing);

  await deliver(paid, answer);
  await world.follow();
  await eventually(() => expect(fake.replies(chat).filter(({ text }) => text.includes(answer))).toHaveLength(1));
  expect(fake.replies(old).filter(({ text }) => text.includes(answer))).toEqual([]);
  ada.says('/purse', { chat });
  await eventually(() => expect(fake.replies(chat).length).toBeGreaterThan(1));
});

test('a bot that missed the service messages learns it from Telegram’s refusal to send to the old id', async () => {
  const stage = await settled();
  const { fake, old, paid, everything, answer: deliver } = stage;
  const { chat } = fake.upgrade(old, { isTold: false });
  await deliver(paid, answer);
  await eventually(() => expect(fake.replies(chat).filter(({ text }) => text.includes(answer))).toHaveLength(1));
  expect(await everything(chat.id)).toEqual(whole);
});

test('a purse that the new id has already stays, and so does the old one: neither is overwritten', async () => {
  const { fake, world, old, everything } = await settled();
  const { chat } = fake.upgrade(old, { isTold: false });
  const group = { platform: 'telegram', id: String(chat.id) } as const;
  await bindPurse(world.context.store.db, { group, account: 8n, owner }, 1);
  await world.bot.moved({ platform: 'telegram', from: String(old.id), to: String(chat.id) });
  expect(await everything(chat.id)).toMatchObject({ account: 8n, caps: 0 });
  expect(await everything(old.id)).toMatchObject({ account: 7n, caps: 1 });
});
