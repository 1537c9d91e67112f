import { load } from './Artifact.ts';
import { type Call, encode } from './Call.ts';
import { explain } from './ContractError.ts';
import type { Deployment } from './Deployment.ts';
import { type Address, address, type Hex, hex } from './Hex.ts';
import { createReader } from './Reader.ts';
import type { Rpc } from './Rpc.ts';
import { hexOf, textOf } from './Text.ts';

/** `IModelRegistry.Model`. `royalty` in smallest units of `token`, for each ask. */
export type Model = {
  seller: Address;
  version: number;
  listedHostsOnly: boolean;
  retired: boolean;
  token: Address;
  royalty: bigint;
  workload: Hex;
};

/** `IModelRegistry.Offer`. `price` in smallest units of the token, for each ask, beside the royalty. */
export type Offer = { price: bigint; maxInputBytes: number; exclusiveSeconds: number; reportWithinSeconds: number };

/** What an ask would be opened with now; prices in smallest units. */
export type Quote = {
  seller: Address;
  royalty: bigint;
  hostPrice: bigint;
  exclusiveSeconds: number;
  reportWithinSeconds: number;
};

/** What a seller says of a model; `workload` published before. `metadata`: JSON, docs/protocol.md. */
export type Listing = {
  workload: Hex;
  token: Address;
  royalty: bigint;
  listedHostsOnly: boolean;
  name: string;
  metadata: string;
};

export type Registry = ReturnType<typeof createRegistry>;

/** ModelRegistry. Reads reject with ContractError; `calls` only describe transactions. */
export function createRegistry(rpc: Rpc, deployment: Deployment) {
  const to = deployment.registry;
  const { abi } = load('IModelRegistry');
  const read = createReader(rpc, to, abi);
  const call = (name: string, args: readonly unknown[]): Call => encode(to, abi, name, args);

  return {
    address: to,

    async modelOf(modelId: bigint): Promise<Model> {
      const model = (await read('modelOf', [modelId]))[0];
      return {
        seller: address(String(model.seller)),
        version: Number(model.version),
        listedHostsOnly: Boolean(model.listedHostsOnly),
        retired: Boolean(model.retired),
        token: address(String(model.token)),
        royalty: BigInt(model.royalty),
        workload: hex(String(model.workload)),
      };
    },
    /** Models have the ids 1 to this. */
    async modelCount(): Promise<bigint> {
      return BigInt((await read('modelCount'))[0]);
    },
    /** The workload's script, as UTF-8. */
    async scriptOf(workload: Hex): Promise<string> {
      return textOf(String((await read('scriptOf', [workload]))[0]));
    },
    async isPublished(workload: Hex): Promise<boolean> {
      return Boolean((await read('isPublished', [workload]))[0]);
    },
    async mayHost(modelId: bigint, host: Address): Promise<boolean> {
      return Boolean((await read('mayHost', [modelId, host]))[0]);
    },
    /** Whether the host's stake at the oracle is enough to offer. */
    async isStaked(host: Address): Promise<boolean> {
      return Boolean((await read('isStaked', [host]))[0]);
    },
    async offerOf(host: Address, modelId: bigint, token: Address): Promise<Offer | undefined> {
      const offer = (await read('offerOf', [host, modelId, token]))[0];
      if (!offer.active) return undefined;
      return {
        price: BigInt(offer.price),
        maxInputBytes: Number(offer.maxInputBytes),
        exclusiveSeconds: Number(offer.exclusiveSeconds),
        reportWithinSeconds: Number(offer.reportWithinSeconds),
      };
    },
    /** @param of.workload the hash that the asker saw; for model 0 that of the inline script @throws ContractError why not */
    async quote(of: {
      model: bigint;
      workload: Hex;
      token: Address;
      host: Address;
      inputBytes: number | bigint;
    }): Promise<Quote> {
      const quote = (await read('quote', [of.model, of.workload, of.token, of.host, of.inputBytes]))[0];
      return {
        seller: address(String(quote.seller)),
        royalty: BigInt(quote.royalty),
        hostPrice: BigInt(quote.hostPrice),
        exclusiveSeconds: Number(quote.exclusiveSeconds),
        reportWithinSeconds: Number(quote.reportWithinSeconds),
      };
    },

    calls: {
      publish: (script: string): Call => call('publish', [hexOf(script)]),
      list: (l: Listing): Call => call('list', [l.workload, l.token, l.royalty, l.listedHostsOnly, l.name, l.metadata]),
      update: (modelId: bigint, l: Omit<Listing, 'token'>): Call =>
        call('update', [modelId, l.workload, l.royalty, l.listedHostsOnly, l.name, l.metadata]),
      handOver: (modelId: bigint, receiver: Address): Call => call('handOver', [modelId, receiver]),
      retire: (modelId: bigint): Call => call('retire', [modelId]),
      setHosts: (modelId: bigint, hosts: readonly Address[], listed: boolean): Call =>
        call('setHosts', [modelId, hosts, listed]),
      offer: (modelId: bigint, token: Address, o: Offer): Call =>
        call('offer', [modelId, token, o.price, o.maxInputBytes, o.exclusiveSeconds, o.reportWithinSeconds]),
      withdrawOffer: (modelId: bigint, token: Address): Call => call('withdrawOffer', [modelId, token]),
      prune: (host: Address, modelId: bigint, token: Address): Call => call('prune', [host, modelId, token]),
    },

    /** The id of the model that `from`'s `list` call would make now. @throws ContractError why not */
    async simulateList(from: Address, listing: Listing): Promise<bigint> {
      const { data } = call('list', [
        listing.workload,
        listing.token,
        listing.royalty,
        listing.listedHostsOnly,
        listing.name,
        listing.metadata,
      ]);
      try {
        return BigInt(await rpc.send('eth_call', [{ from, to, data }, 'latest']));
      } catch (error) {
        throw explain(error);
      }
    },
  };
}
