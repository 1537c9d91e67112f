import { format } from '../../../contracts/client/Amount.ts';
import { bytesOf } from '../../../contracts/client/Text.ts';
import { walletsOf } from '../../store/wallets.ts';
import type { Context } from '../Context.ts';
import type { CatalogModel } from '../Market.ts';
import type { Fact, PaymentRequest, WalletTransaction } from '../money/PaymentRequest.ts';
import type { Person } from '../types.ts';
import type { Wording } from '../Wording.ts';
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
  const title: Wording = own ? { key: 'do.list.change', values: { id: String(own.id) } } : { key: 'do.list.title' };
  const publish: WalletTransaction[] = isPublished
    ? []
    : [{ what: { key: 'do.list.publish' }, ...market.listing.publish(script) }];
  const call = own ? market.listing.update(own.id, listing) : market.listing.list({ ...listing, token: price.token });
  return {
    type: 'transactions',
    title,
    facts: [
      { label: { key: 'do.list.name' }, value: isTaken ? { key: 'do.list.taken', values: { name } } : name },
      {
        label: { key: 'do.list.price' },
        value: price.royalty === 0n ? { key: 'do.list.free' } : format(price.royalty, token.decimals, token.symbol),
      },
      ...(script === undefined ? [] : [instructionsFact(script)]),
      { label: { key: 'do.list.hash' }, value: workload },
    ],
    worst: { key: 'do.list.worst' },
    done: { key: own ? 'do.list.changed' : 'do.list.done' },
    ...(own && { sender: own.seller }),
    calls: [...publish, { what: title, ...call }],
  };
}

function instructionsFact(script: string): Fact<Wording> {
  return {
    label: { key: 'do.list.instructions' },
    value: { key: 'do.list.bytes', values: { bytes: bytesOf(script).length } },
  };
}

/** A model that one of the person's linked wallets sells. */
export async function ownModel(context: Context, person: Person, id: bigint): Promise<CatalogModel | undefined> {
  const wallets = await walletsOf(context.store.db, person);
  return context.catalog
    .models()
    .find((model) => model.id === id && wallets.some(({ address }) => address === model.seller));
}
