import { afterEach, describe, expect, it } from 'vitest';
import { hasAgreed } from '../../../bot/core/commands/privacy.ts';
import { createForgetter } from '../../../bot/core/Forgetter.ts';
import type { Person } from '../../../bot/core/types.ts';
import { linkWallet, walletsOf } from '../../../bot/store/wallets.ts';
import { after, payment, wallet } from './chainEvents.ts';
import { command, createWorld, press, type World } from './world.ts';

const ada: Person = { platform: 'telegram', id: 'ada', name: 'Ada' };
const eve: Person = { platform: 'telegram', id: 'eve', name: 'Eve' };
let world: World;
afterEach(() => world.end());

const asks = () => world.context.store.db.selectFrom('asks').select('question').execute();
const say = async (...args: Parameters<typeof command>) => {
  await world.receive(command(...args));
  await world.bot.outbox.idle();
  return world.platform.shown.at(-1)?.message;
};

describe('the first question', () => {
  it('is kept until the person agrees that it will be public, once', async () => {
    world = await createWorld({ isFirstUse: true });
    const notice = await say('ask', '--model gratis What is TellorFlex?');
    expect(notice?.text).toMatchSnapshot();
    expect(world.platform.shown[0]?.onlyFor).toBe('ada');
    expect(await asks()).toEqual([]);
    expect((await press(world, 'I agree', { by: eve }))[0]?.message.text).toContain('for the person whose command');
    expect(await asks()).toEqual([]);
    const [card] = await press(world, 'I agree', { at: 0 });
    expect(card).toMatchObject({ replyTo: expect.stringMatching(/^question-/) });
    expect(card?.message.text).toContain('**Ada** asks **gratis**');
    expect(card?.onlyFor).toBeUndefined();
    expect(world.platform.shown[0]?.message.text).toContain('✅ You agreed to this.');
    expect(world.platform.shown[0]?.message.buttons).toBeUndefined();
    expect(await asks()).toEqual([{ question: 'What is TellorFlex?' }]);
    expect(await world.ask('Another')).toMatchObject({ question: 'Another' });
    expect(await world.context.store.db.selectFrom('held').selectAll().execute()).toEqual([]);
  });

  it('is asked once, however often the button is pressed or the platform repeats it', async () => {
    world = await createWorld({ isFirstUse: true });
    await say('ask', 'What is TellorFlex?');
    const { chat, id, message } = world.platform.shown[0] ?? { chat: undefined };
    const data = message?.buttons?.[0]?.type === 'press' ? message.buttons[0].data : '';
    if (!chat) throw new Error('no notice');
    const event = { type: 'press', updateId: 'x1', chat, person: ada, message: { chat, id }, data } as const;
    await Promise.all([world.receive(event), world.receive(event), world.receive({ ...event, updateId: 'x2' })]);
    await world.restart();
    await world.receive(event);
    await world.bot.outbox.idle();
    expect((await asks()).length).toBe(1);
  });

  it('comes first even with a question that can’t be asked, so that nobody agrees for nothing', async () => {
    world = await createWorld({ isFirstUse: true });
    expect((await say('ask', '--model nope x'))?.text).toContain('no model named');
    expect((await say('ask', ''))?.text).toContain('empty');
    for (const text of ['1', '2', '3', '4']) await say('ask', text);
    expect(world.platform.shown.at(-1)?.message).toMatchObject({ text: expect.stringContaining('are kept') });
    expect(world.platform.shown.at(-1)?.message.buttons).toBeUndefined();
  });
});

describe('/privacy', () => {
  const answered = async (text: string, block: number, isFinal: boolean) => {
    const record = await world.ask(text);
    const asked = payment(record, block);
    const then = after(asked);
    world.mine(asked, then.delivered(block + 1), then.sealed(block + 1), ...(isFinal ? [then.settled(block + 2)] : []));
    await world.follow();
    await world.bot.outbox.idle();
    return { record, then };
  };

  it('deletes what is stored about a person and lets open asks end first', async () => {
    world = await createWorld();
    const { db } = world.context.store;
    await linkWallet(db, ada, wallet, 1);
    await answered('finished', 10, true);
    const { record, then } = await answered('open', 20, false);
    world.clock.now += 61;
    await world.receive(command('ask', 'of Bob', { person: { platform: 'telegram', id: 'bob', name: 'Bob' } }));
    await say('history', '');
    expect(await say('privacy', '')).toMatchSnapshot();
    await press(world, 'Delete what is stored about me');
    expect(world.platform.shown.at(-1)?.message).toMatchSnapshot();
    const [said] = await press(world, 'Delete it now');
    expect(said?.message.text).toBe(
      'Deleted: 1 question, your settings and links. 1 question stays until it is over and is then deleted by itself.',
    );
    expect((await asks()).map(({ question }) => question).toSorted()).toEqual(['of Bob', 'open']);
    expect(await walletsOf(db, ada)).toEqual([]);
    const holding = async (word: string) => {
      const tables = ['asks', 'events', 'posts', 'preferences', 'held'] as const;
      const rows = await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()));
      return tables.filter((_, index) => JSON.stringify(rows[index]).includes(word));
    };
    expect(await holding('finished')).toEqual([]);
    expect(await holding('open')).not.toEqual([]);
    world.mine(then.settled(50_000));
    await world.follow();
    await world.bot.outbox.idle();
    expect(world.platform.shown[1]?.message.footer).toContain('final ✓');
    const forgetter = createForgetter(world.context);
    forgetter.start();
    await expect.poll(() => holding(record.token)).toEqual([]);
    forgetter.stop();
    expect(await holding('of Bob')).not.toEqual([]);
    expect(await hasAgreed(db, ada)).toBe(false);
  });

  it('keeps everything when the person thinks better of it', async () => {
    world = await createWorld();
    await world.ask('mine');
    await say('privacy', '');
    await press(world, /^Delete/);
    await press(world, 'Keep it');
    expect(world.platform.shown.at(-1)?.message.text).toContain('This bot itself stores');
    expect(await asks()).toHaveLength(1);
  });
});
