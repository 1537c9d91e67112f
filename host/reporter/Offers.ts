import { randomBytes } from 'node:crypto';
import type { Deployment } from '../../contracts/client/Deployment.ts';
import { type Address, type Hex, zeroAddress } from '../../contracts/client/Hex.ts';
import type { HostContract } from '../../contracts/client/HostContract.ts';
import type { Offer, Registry } from '../../contracts/client/Registry.ts';
import { type Sender, SenderStoppedError } from '../../contracts/client/send/Sender.ts';
import type { Log } from '../../contracts/client/support/Log.ts';
import { readPlainWorkload } from '../../contracts/client/workload/PlainWorkload.ts';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import type { Provider } from '../runtime/provider/Provider.ts';
import { type Pricing, priceOf } from './Pricing.ts';

export type OffersOptions = {
  registry: Registry;
  host: HostContract;
  sender: Sender;
  provider: Provider;
  deployment: Deployment;
  pricing: Pricing;
  terms: Omit<Offer, 'price'>;
  scriptOf(workload: Hex): Promise<string>;
  log: Log;
};

export type Offers = ReturnType<typeof createOffers>;

/**
 * Keeps this host's offers on chain as they should be: one for each model that it may host, whose workload is valid and whose language
 * model the provider serves; none while the provider is down.
 */
export function createOffers(options: OffersOptions) {
  const { registry, host, sender, provider, deployment, pricing, terms, log } = options;

  /** What this host wants to offer for a model; undefined: nothing. */
  async function wanted(id: bigint): Promise<{ token: Address; offer: Offer | undefined } | undefined> {
    const model = await registry.modelOf(id);
    if (model.retired) return undefined;
    const price = priceOf({ id, token: model.token, royalty: model.royalty }, pricing, deployment);
    if (price === undefined || !(await registry.mayHost(id, host.address)))
      return { token: model.token, offer: undefined };
    const problem = problemOf(await options.scriptOf(model.workload));
    if (problem !== undefined) {
      log.info({ model: id, problem }, 'no offer for this model');
      return { token: model.token, offer: undefined };
    }
    return { token: model.token, offer: { price, ...terms } };
  }

  function problemOf(script: string): string | undefined {
    try {
      const served = provider.serves(readPlainWorkload(script).example.model);
      return served.ok ? undefined : served.reason;
    } catch (error) {
      if (error instanceof WorkloadError) return error.message;
      throw error;
    }
  }

  async function put(id: bigint, token: Address, offer: Offer | undefined): Promise<void> {
    const current = await registry.offerOf(host.address, id, token);
    const call =
      offer === undefined
        ? current && host.calls.withdrawOffer(id, token)
        : current && same(current, offer)
          ? undefined
          : host.calls.offer(id, token, offer);
    if (call === undefined) return;
    const key = `offer:${id}:${token}:${randomBytes(6).toString('hex')}`;
    const outcome = await sender.submit({ key, call, note: 'offer' }).catch((error: unknown) => {
      if (error instanceof SenderStoppedError) return undefined;
      throw error;
    });
    if (outcome === undefined) return;
    if (outcome.type === 'mined')
      log.info(
        { model: id, currency: token, price: offer?.price, transaction: outcome.hash },
        offer ? 'offered' : 'offer withdrawn',
      );
    else
      log.warn(
        { model: id, currency: token, reason: outcome.type === 'reverted' ? outcome.error.sentence : outcome.reason },
        'the offer failed',
      );
  }

  const model = async (id: bigint, open: boolean): Promise<void> => {
    if (id === 0n) {
      await Promise.all(
        [zeroAddress, deployment.token].map((token) => {
          const price = priceOf({ id, token, royalty: 0n }, pricing, deployment);
          return put(id, token, open && price !== undefined ? { price, ...terms } : undefined);
        }),
      );
      return;
    }
    const want = await wanted(id);
    if (want !== undefined) await put(id, want.token, open ? want.offer : undefined);
  };

  return {
    /** Brings one model's offer up to date. @param open false: withdraw it */
    model,
    /** Brings every offer up to date and waits until the transactions are mined. */
    all: async (open: boolean): Promise<void> => {
      const count = await registry.modelCount();
      const ids = Array.from({ length: Number(count) + 1 }, (_, index) => BigInt(index));
      for (let i = 0; i < ids.length; i += 20) await Promise.all(ids.slice(i, i + 20).map((id) => model(id, open)));
    },
  };
}

function same(a: Offer, b: Offer): boolean {
  return (
    a.price === b.price &&
    a.maxInputBytes === b.maxInputBytes &&
    a.exclusiveSeconds === b.exclusiveSeconds &&
    a.reportWithinSeconds === b.reportWithinSeconds
  );
}
