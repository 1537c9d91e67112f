import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CommandEvent } from '../../../bot/core/commands/Command.ts';
import { commands } from '../../../bot/core/commands/table.ts';
import { linkWallet, walletsOf } from '../../../bot/store/wallets.ts';
import { otherWallet, wallet } from './chainEvents.ts';
import { command, createWorld, type World } from './world.ts';

const ada = { platform: 'telegram', id: 'ada', name: 'Ada' } as const;
const inGroup: Partial<CommandEvent> = { direct: { platform: 'telegram', id: 'ada' } };

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.end());

async function said(name: string, more: Partial<CommandEvent> = {}) {
  const before = world.platform.shown.length;
  await world.receive(command(name, '', more));
  await world.bot.outbox.idle();
  return world.platform.shown.slice(before).map(({ chat, onlyFor, message }) => ({ chat: chat.id, onlyFor, message }));
}

it('a link is written to the person alone; the group only hears that it was', async () => {
  const messages = await said('link', inGroup);
  expect(messages.map(({ chat }) => chat).sort()).toEqual(['ada', 'group']);
  const [secret, note] = ['ada', 'group'].map((id) => messages.find(({ chat }) => chat === id)?.message);
  expect(secret?.text).toMatch(/must show the code \*\*[A-Z2-9]{4}\*\*.*Good for 10 minutes/);
  expect(secret?.buttons).toMatchObject([
    { type: 'link', url: expect.stringMatching(/^https:\/\/ask\.example\/do#[\w-]{24}$/) },
  ]);
  expect(note).toMatchObject({ text: expect.stringMatching(/^I have written to you in private/) });
  expect(JSON.stringify(note)).not.toContain('/do#');
});

it('where the platform shows something to one person alone, it is shown so', async () => {
  expect(await said('link')).toMatchObject([
    { chat: 'group', onlyFor: 'ada', message: { buttons: [{ type: 'link' }] } },
  ]);
});

it('who speaks as the group is told where to go, and no link is made', async () => {
  const [note, ...more] = await said('link', { direct: 'nowhere' });
  expect(more).toEqual([]);
  expect(note?.message.text).toMatch(/you speak as the group/);
  expect(note?.message.buttons).toBeUndefined();
});

it.each(['link', 'limit', 'deposit', 'revoke', 'withdraw', 'balance', 'receipts', 'wallets', 'unlink'])(
  '/%s says nothing of anybody’s money, and gives no link, in a group',
  async (name) => {
    expect(commands.find((one) => one.name === name)?.isPrivate).toBe(true);
    await linkWallet(world.context.store.db, ada, wallet, 1);
    await linkWallet(world.context.store.db, ada, otherWallet, 2);
    const public_ = (await said(name, inGroup)).filter(({ chat }) => chat === 'group');
    expect(JSON.stringify(public_)).not.toMatch(/do#|0x[12]{4}/);
  },
);

it('of several wallets one pays; another can be chosen, and each can be forgotten', async () => {
  const { db } = world.context.store;
  await linkWallet(db, ada, wallet, 1);
  await linkWallet(db, ada, otherWallet, 2);
  expect(await walletsOf(db, ada)).toMatchObject([{ address: otherWallet, isDefault: true }, { address: wallet }]);
  let presses = 0;
  const press = async (name: string, data: string) => {
    await said(name);
    const shown = world.platform.shown.at(-1);
    presses += 1;
    const chat = { platform: 'telegram', id: 'group' } as const;
    await world.receive({
      type: 'press',
      updateId: `p${presses}`,
      chat,
      person: ada,
      message: { chat, id: shown?.id ?? '' },
      data,
    });
  };
  await press('wallets', `wallets:${wallet}`);
  expect(await walletsOf(db, ada)).toMatchObject([{ address: wallet, isDefault: true }, { isDefault: false }]);
  await press('unlink', `unlink:${wallet}`);
  expect(await walletsOf(db, ada)).toMatchObject([{ address: otherWallet, isDefault: true }]);
  await said('unlink');
  expect(await walletsOf(db, ada)).toEqual([]);
  expect(await said('balance')).toMatchObject([{ message: { text: 'No wallet of yours is linked. /link does it.' } }]);
});
