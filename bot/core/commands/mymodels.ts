import type { Address } from '../../../contracts/client/Hex.ts';
import { accountOf } from '../../../contracts/client/Market.ts';
import { type Earning, earningsOf } from '../../store/marketLog.ts';
import { keepSale } from '../../store/sales.ts';
import { walletsOf } from '../../store/wallets.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import type { CatalogModel } from '../Market.ts';
import { plain } from '../markdown/plain.ts';
import type { PaymentRequest } from '../money/PaymentRequest.ts';
import { ownModel } from '../selling/listingRequest.ts';
import { sellMessage } from '../selling/messages.ts';
import type { SellDraft } from '../selling/SellDraft.ts';
import type { Button, Person } from '../types.ts';
import type { Wording } from '../Wording.ts';
import { addressText, amountLabel, modelText, paragraphs, priceText } from '../Words.ts';
import { type Command, type PressEvent, pressButton, type Response } from './Command.ts';
import { requestLink } from './requestCommand.ts';

/** More would not fit under one message. */
const mostModels = 10;

/** The models that the person's wallets sell: what each earned, to be changed or retired. */
export const myModels: Command = {
  name: 'mymodels',
  description: 'mymodels.description',
  options: [],
  isPrivate: true,
  run: async (context, { person }, t) => show(context, person, t),
  press: pressed,
};

async function show(context: Context, person: Person, t: Translate): Promise<Response> {
  const { db } = context.store;
  const wallets = (await walletsOf(db, person)).map(({ address }) => address);
  if (wallets.length === 0) return { note: { text: t('mymodels.noWallet') } };
  const models = context.catalog.models().filter(({ seller }) => wallets.includes(seller));
  const earnings = (await Promise.all(wallets.map((wallet) => earningsOf(db, wallet)))).flat();
  if (models.length === 0 && earnings.length === 0) return { note: { text: t('mymodels.none') } };
  const shown = models.slice(0, mostModels);
  const lines = await Promise.all(shown.map((model) => line(context, model, earnings, t)));
  const retired = earnings.filter(({ model }) => !models.some(({ id }) => id === model));
  const past = await Promise.all(retired.map((one) => earned(context, one, t)));
  const balances = await Promise.all(wallets.map((wallet) => accountText(context, wallet, earnings, t)));
  return {
    note: {
      text: paragraphs(
        t('mymodels.title'),
        ...(lines.length > 0 ? [lines.join('\n')] : []),
        ...(past.length > 0 ? [t('mymodels.past', { earned: past.join(', ') })] : []),
        ...balances,
      ),
      buttons: shown.flatMap((model): Button[] => [
        pressButton('mymodels', `change-${model.id}`, t('mymodels.change', { name: short(model) })),
        pressButton('mymodels', `retire-${model.id}`, t('mymodels.retire', { name: short(model) })),
      ]),
    },
  };
}

const short = ({ name, id }: CatalogModel) => ([...name].length > 20 ? `#${id}` : name);

async function line(
  context: Context,
  model: CatalogModel,
  earnings: readonly Earning[],
  t: Translate,
): Promise<string> {
  const token = await context.market.tokenInfo(model.token);
  const own = earnings.filter((one) => one.model === model.id);
  const hosts = context.catalog.offers(model.id, model.token).length;
  return t('mymodels.line', {
    name: modelText(model, t),
    id: String(model.id),
    price: priceText(model.royalty, token, t),
    hosts,
    earned: (await Promise.all(own.map((one) => earned(context, one, t)))).join(', ') || t('mymodels.nothing'),
  });
}

async function earned({ market }: Context, { token, asks, royalties }: Earning, t: Translate): Promise<string> {
  return t('mymodels.earned', { asks, amount: priceText(royalties, await market.tokenInfo(token), t) });
}

/** What lies in the seller's account now, and can be taken out. */
async function accountText(
  { accounts, market, links }: Context,
  wallet: Address,
  earnings: readonly Earning[],
  t: Translate,
): Promise<string> {
  const tokens = [...new Set(earnings.map(({ token }) => token))];
  const amounts = await Promise.all(
    tokens.map(async (token) =>
      plain(amountLabel(await accounts.balanceOf(accountOf(wallet), token), await market.tokenInfo(token), t)),
    ),
  );
  return t('mymodels.account', { wallet: addressText(wallet, links.explorer), amounts: amounts.join(', ') || '0' });
}

async function pressed(context: Context, event: PressEvent, argument: string, t: Translate): Promise<Response> {
  const [, what, id] = /^(change|retire)-(\d{1,20})$/.exec(argument) ?? [];
  const model = id === undefined ? undefined : await ownModel(context, event.person, BigInt(id));
  if (!model) return { note: { text: t('sell.notYours') } };
  return what === 'change' ? change(context, event, model, t) : retire(context, event, model, t);
}

/** The dialogue of /sell, with everything as it is now. */
async function change(context: Context, event: PressEvent, model: CatalogModel, t: Translate): Promise<Response> {
  const { id, name, description = '', example = '', workload, token, royalty } = model;
  const draft: SellDraft = {
    updates: id,
    workload: { hash: workload },
    name,
    description,
    example,
    price: { token, royalty },
  };
  return {
    note: await sellMessage(context, draft, t),
    write: (db) => keepSale(db, event.person, event.chat, draft, context.now()),
  };
}

async function retire(context: Context, event: PressEvent, model: CatalogModel, t: Translate): Promise<Response> {
  const { id, name, seller } = model;
  const title: Wording = { key: 'do.retire.title', values: { id: String(id) } };
  const request: PaymentRequest = {
    type: 'transactions',
    title,
    facts: [{ label: { key: 'do.list.name' }, value: name }],
    worst: { key: 'do.retire.worst' },
    done: { key: 'do.retire.done' },
    sender: seller,
    calls: [{ what: title, ...context.market.listing.retire(id) }],
  };
  return requestLink(context, event, request, 'mymodels.retireLink', t);
}
