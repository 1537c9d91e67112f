import { type Address, addressSchema } from '../../../contracts/client/Hex.ts';
import { makeDefault, unlinkWallet, walletsOf } from '../../store/wallets.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import type { Message, Person } from '../types.ts';
import { paragraphs, short } from '../Words.ts';
import { type Command, pressButton, type Response } from './Command.ts';

/** The person's linked wallets; the one that pays can be chosen. */
export const wallets: Command = {
  name: 'wallets',
  description: 'wallets.description',
  options: [],
  isPrivate: true,
  run: async (context, { person }, t) => ({ secret: await list(context, person, t, 'wallets') }),
  press: (context, { person }, argument, t) => choose(context, person, argument, t),
};

/** Forgets a wallet. What it allows the bot stays on chain, where only its owner can end it. */
export const unlink: Command = {
  name: 'unlink',
  description: 'unlink.description',
  options: [],
  isPrivate: true,
  async run(context, { person }, t) {
    const [only, ...more] = await walletsOf(context.store.db, person);
    if (only && more.length === 0) return forget(context, person, only.address, t);
    return { secret: await list(context, person, t, 'unlink') };
  },
  press: (context, { person }, argument, t) => forget(context, person, argument, t),
};

async function list(context: Context, person: Person, t: Translate, command: 'wallets' | 'unlink'): Promise<Message> {
  const linked = await walletsOf(context.store.db, person);
  if (linked.length === 0) return { text: t('wallets.none') };
  const lines = linked.map(
    ({ address, isDefault }) => `- ${short(address)}${isDefault ? ` (${t('wallets.pays')})` : ''}`,
  );
  const key = command === 'wallets' ? 'wallets.choose' : 'unlink.button';
  const buttons = linked
    .filter(({ isDefault }) => command === 'unlink' || !isDefault)
    .slice(0, 20)
    .map(({ address }) =>
      pressButton(command, address, t(key, { wallet: `${address.slice(0, 6)}…${address.slice(-4)}` })),
    );
  return {
    text: paragraphs(t('wallets.title'), lines.join('\n')),
    ...(buttons.length > 0 && { buttons }),
  };
}

async function choose(context: Context, person: Person, argument: string, t: Translate): Promise<Response> {
  const address = await own(context, person, argument);
  if (!address) return { note: { text: t('press.gone') } };
  return {
    note: { text: t('wallets.chosen', { wallet: short(address) }) },
    write: async (db) => void (await makeDefault(db, person, address)),
  };
}

async function forget(context: Context, person: Person, argument: string, t: Translate): Promise<Response> {
  const address = await own(context, person, argument);
  if (!address) return { note: { text: t('press.gone') } };
  return {
    note: { text: t('unlink.done', { wallet: short(address) }) },
    write: async (db) => void (await unlinkWallet(db, person, address)),
  };
}

/** Only a wallet of the person's own: a button's text can be made up. */
async function own({ store }: Context, person: Person, argument: string): Promise<Address | undefined> {
  const parsed = addressSchema.safeParse(argument);
  const linked = await walletsOf(store.db, person);
  return linked.find(({ address }) => parsed.success && address === parsed.data)?.address;
}
