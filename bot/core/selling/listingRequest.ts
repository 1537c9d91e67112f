import { format } from '../../../contracts/client/Amount.ts';
import { bytesOf } from '../../../contracts/client/Text.ts';
import { walletsOf } from '../../store/wallets.ts';
import type { Context } from '../Context.ts';
import type { CatalogModel } from '../Market.ts';
import type { PaymentRequest } from '../money/PaymentRequest.ts';
import type { Person } from '../types.ts';
import { hashOf, metadataOf, type SellTerms } from './SellDraft.ts';

type Transactions = Extract<PaymentRequest, { type: 'transactions' }>;
export type ListingProblem = { problem: 'sell.notYours' };

/** What a seller's wallet sends to list a model, or to change one of its own. @throws ContractError when the chain can't be read */
export async function listingRequest(
  context: Context,
  person: Person,
  terms: SellTerms,
): Promise<Transactions | ListingProblem> {
  const { market, catalog } = context;
  const { name, price, updates } = terms;
  const own = updates === undefined ? undefined : await ownModel(context, person, updates);
  if (updates !== undefined && !own) return { problem: 'sell.notYours' };
  const script = 'script' in terms.workload ? terms.workload.script : undefined;
  const workload = hashOf(terms);
  const isPublished = script === undefined || (await market.listing.isPublished(workload));
  const token = await market.tokenInfo(price.token);
  const listing = { workload, royalty: price.royalty, listedHostsOnly: false, name, metadata: metadataOf(terms) };
  const isTaken = catalog.models().some((model) => model.name === name && model.id !== updates);
  const publish = isPublished ? [] : [{ what: 'Publish the instructions', ...market.listing.publish(script) }];
  const call = own
    ? { what: `Change model #${own.id}`, ...market.listing.update(own.id, listing) }
    : { what: 'List the model', ...market.listing.list({ ...listing, token: price.token }) };
  return {
    type: 'transactions',
    title: own ? `Change model #${own.id}` : 'List a model',
    facts: [
      { label: 'Name', value: isTaken ? `${name} (another model has this name)` : name },
      {
        label: 'You get for each answer',
        value: price.royalty === 0n ? 'Nothing: it is free' : format(price.royalty, token.decimals, token.symbol),
      },
      ...(script === undefined ? [] : [{ label: 'Instructions', value: `${bytesOf(script).length} bytes` }]),
      { label: 'Hash of the workload', value: workload },
    ],
    worst:
      'You pay the network fee. The listing, its instructions included, is public for ever: it can be changed or retired, never erased. Nobody can take anything of yours with it.',
    done: own
      ? 'It is changed. Questions already paid for keep the old terms.'
      : 'It is listed. The bot tells you in the chat when it can be asked.',
    ...(own && { sender: own.seller }),
    calls: [...publish, call],
  };
}

/** A model that one of the person's linked wallets sells. */
export async function ownModel(context: Context, person: Person, id: bigint): Promise<CatalogModel | undefined> {
  const wallets = await walletsOf(context.store.db, person);
  return context.catalog
    .models()
    .find((model) => model.id === id && wallets.some(({ address }) => address === model.seller));
}
