import type { Address, Hex } from './Hex.ts';
import type { MarketEvent } from './MarketEvent.ts';

/** A model as its events describe it. `royalty` in smallest units of `token`; `metadata` is the seller's text. */
export type ModelEntry = {
  id: bigint;
  seller: Address;
  version: bigint;
  workload: Hex;
  token: Address;
  royalty: bigint;
  listedHostsOnly: boolean;
  retired: boolean;
  name: string;
  metadata: string;
};

/** A host's standing offer. `price` in smallest units of `token`, for each ask, beside the royalty. */
export type OfferEntry = {
  host: Address;
  modelId: bigint;
  token: Address;
  price: bigint;
  maxInputBytes: bigint;
  exclusiveSeconds: bigint;
  reportWithinSeconds: bigint;
};

export type Directory = ReturnType<typeof createDirectory>;

/** What is for sale, kept in memory from the registry's events: feed it every one, in order, from the deployment's block on. */
export function createDirectory() {
  const models = new Map<bigint, ModelEntry>();
  const offers = new Map<string, OfferEntry>();
  const keyOf = (host: Address, modelId: bigint, token: Address) => `${host} ${modelId} ${token}`;
  const change = (id: bigint, patch: Partial<ModelEntry>) => {
    const model = models.get(id);
    if (model) models.set(id, { ...model, ...patch });
  };

  return {
    /** Takes one event in; those that are not the registry's change nothing. */
    apply(event: MarketEvent): void {
      switch (event.type) {
        case 'ModelListed': {
          const { type: _, modelId, ...rest } = event;
          models.set(modelId, { id: modelId, version: 1n, retired: false, ...pick(rest) });
          return;
        }
        case 'ModelUpdated': {
          const { version, workload, royalty, listedHostsOnly, name, metadata } = event;
          change(event.modelId, { version, workload, royalty, listedHostsOnly, name, metadata });
          return;
        }
        case 'ModelHandedOver':
          change(event.modelId, { seller: event.to });
          return;
        case 'ModelRetired':
          change(event.modelId, { retired: true });
          return;
        case 'Offered': {
          const { host, modelId, token, price, maxInputBytes, exclusiveSeconds, reportWithinSeconds } = event;
          offers.set(keyOf(host, modelId, token), {
            host,
            modelId,
            token,
            price,
            maxInputBytes,
            exclusiveSeconds,
            reportWithinSeconds,
          });
          return;
        }
        case 'OfferRemoved':
          offers.delete(keyOf(event.host, event.modelId, event.token));
          return;
        default:
      }
    },

    /** Forgets everything: before the events are fed again after an undo. */
    reset(): void {
      models.clear();
      offers.clear();
    },

    /** Models that can be asked, oldest first. */
    models: (): ModelEntry[] => [...models.values()].filter((model) => !model.retired),

    /** A model by its id, `#3`, `3` or its name (letter case aside; of equal names the oldest). Retired ones by id only. */
    model(wanted: bigint | string): ModelEntry | undefined {
      if (typeof wanted === 'bigint') return models.get(wanted);
      const text = wanted.trim().toLowerCase();
      const listed = [...models.values()].filter((model) => !model.retired);
      const named = listed.find((model) => model.name.trim().toLowerCase() === text);
      if (named) return named;
      const id = /^#?(\d{1,20})$/.exec(text)?.[1];
      return id === undefined ? undefined : models.get(BigInt(id));
    },

    /** Offers for a model in a token, cheapest first; of equal prices the longest standing. */
    offers: (modelId: bigint, token: Address): OfferEntry[] =>
      [...offers.values()]
        .filter((offer) => offer.modelId === modelId && offer.token === token)
        .sort((a, b) => (a.price < b.price ? -1 : a.price > b.price ? 1 : 0)),

    /** Every standing offer, for any model. */
    allOffers: (): OfferEntry[] => [...offers.values()],

    /** Everything as JSON, for a store. */
    snapshot: (): string =>
      JSON.stringify({ models: [...models.values()], offers: [...offers.values()] }, (_, value) =>
        typeof value === 'bigint' ? `${value}n` : value,
      ),

    /** Back to a `snapshot`. */
    restore(snapshot: string): void {
      const saved = JSON.parse(snapshot, (key, value) =>
        bigintFields.has(key) ? BigInt(String(value).slice(0, -1)) : value,
      ) as { models: ModelEntry[]; offers: OfferEntry[] };
      models.clear();
      offers.clear();
      for (const model of saved.models) models.set(model.id, model);
      for (const offer of saved.offers) offers.set(keyOf(offer.host, offer.modelId, offer.token), offer);
    },
  };
}

/** A seller can name a model `12n`: bigints are told by their field, not by their look. */
const bigintFields = new Set([
  'id',
  'version',
  'royalty',
  'modelId',
  'price',
  'maxInputBytes',
  'exclusiveSeconds',
  'reportWithinSeconds',
]);

type Listed = Pick<ModelEntry, 'seller' | 'workload' | 'token' | 'royalty' | 'listedHostsOnly' | 'name' | 'metadata'>;

function pick({ seller, workload, token, royalty, listedHostsOnly, name, metadata }: Listed): Listed {
  return { seller, workload, token, royalty, listedHostsOnly, name, metadata };
}
