import { randomBytes } from 'node:crypto';
import type { Deployment } from '../../contracts/client/Deployment.ts';
import { type Address, type Hex, zeroAddress } from '../../contracts/client/Hex.ts';
import type { HostContract } from '../../contracts/client/HostContract.ts';
import type { Offer, Registry } from '../../contracts/client/Registry.ts';
import { type Sender, SenderStoppedError } from '../../contracts/client/send/Sender.ts';
import type { Log } from '../../contracts/client/support/Log.ts';
import type { Values } from '../../contracts/client/workload/Values.ts';
import { WorkloadError } from '../../contracts/client/workload/WorkloadError.ts';
import type { Catalog } from '../runtime/models/Catalog.ts';
import type { Runtime } from '../runtime/Runtime.ts';
import { messagesOf } from '../runtime/run.ts';
import { SandboxFailure } from '../runtime/sandbox/SandboxFailure.ts';
import { readWorkload } from '../runtime/Workload.ts';
import type { Economics } from './Economics.ts';
import type { Fitness } from './Fitness.ts';
import type { Prices } from './Pricing.ts';

export type OffersOptions = {
  registry: Registry;
  host: HostContract;
  sender: Sender;
  catalog: Catalog;
  economics: Economics;
  runtime: Runtime;
  deployment: Deployment;
  prices: Prices;
  terms: Omit<Offer, 'price'>;
  scriptOf(workload: Hex): Promise<string>;
  log: Log;
};

/** What a script sets by itself, or why it can't be offered. `passes`: that is this host's trouble, and may be over later. */
type Example = { ok: true; values: Values } | { ok: false; problem: string; passes: boolean };
const keptExamples = 500;

/** What of a host's state its offers depend on. */
export type Standing = Pick<Fitness, 'fit' | 'down'>;

export type Offers = ReturnType<typeof createOffers>;

/**
 * Keeps this host's offers on chain as they should be: one for each model that it may host, whose workload is valid, whose language
 * model is served and up, and whose price covers at least the workload's own example.
 */
export function createOffers(options: OffersOptions) {
  const { registry, host, sender, catalog, economics, deployment, prices, terms, log } = options;
  /** What was found of a script stays true, and running one costs. */
  const examples = new Map<Hex, Example>();
  /** Models whose offers could not be brought up to date for a reason that may be over later. */
  const unsettled = new Set<bigint>();
  /** Nor is it known which models there are. */
  let isUncounted = false;

  /** What this host wants to offer for a model; undefined: nothing. */
  async function wanted(
    id: bigint,
    { down }: Standing,
  ): Promise<{ token: Address; offer: Offer | undefined } | undefined> {
    const model = await registry.modelOf(id);
    if (model.retired) return undefined;
    const { token, royalty } = model;
    const none = (problem: string | undefined, arithmetic?: string) => {
      if (problem !== undefined) log.info({ model: id, problem, arithmetic }, 'no offer for this model');
      return { token, offer: undefined };
    };
    if (!(await registry.mayHost(id, host.address))) return none(undefined);
    const read = await exampleOf(model.workload);
    if (!read.ok) {
      if (read.passes) unsettled.add(id);
      return none(read.problem);
    }
    const { values } = read;
    const served = catalog.provider.serves(values.model);
    if (!served.ok) return none(served.reason);
    const problem = down.get(served.model);
    if (problem !== undefined) return none(problem);
    const price = prices({ id, token, royalty }, catalog.entryOf(served.model)?.offer);
    if (price === undefined) return none(undefined);
    const judged = await economics.judge({
      model: id,
      token,
      royalty,
      hostPrice: price,
      inputBytes: Buffer.byteLength(values.input),
      byReport: false,
      takeOver: false,
      served: served.model,
      values,
      messages: messagesOf(values, []),
    });
    return judged.ok ? { token, offer: { price, ...terms } } : none(judged.reason, judged.arithmetic);
  }

  async function exampleOf(workload: Hex): Promise<Example> {
    const known = examples.get(workload);
    if (known !== undefined) return known;
    const script = await options.scriptOf(workload);
    const keep = (example: Example): Example => {
      if (examples.size >= keptExamples) examples.clear();
      examples.set(workload, example);
      return example;
    };
    try {
      return keep({ ok: true, values: (await readWorkload(script, undefined, options.runtime)).values });
    } catch (error) {
      if (error instanceof WorkloadError) return keep({ ok: false, problem: error.message, passes: false });
      // Models of plain assignments are offered all the same.
      if (error instanceof SandboxFailure) return { ok: false, problem: error.message, passes: true };
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

  async function bring(id: bigint, standing: Standing): Promise<void> {
    if (id === 0n) {
      await Promise.all(
        [zeroAddress, deployment.token].map((token) => {
          const price = prices({ id, token, royalty: 0n });
          return put(id, token, standing.fit && price !== undefined ? { price, ...terms } : undefined);
        }),
      );
      return;
    }
    const want = await wanted(id, standing);
    if (want !== undefined) await put(id, want.token, standing.fit ? want.offer : undefined);
  }

  const model = async (id: bigint, standing: Standing): Promise<void> => {
    unsettled.delete(id);
    try {
      await bring(id, standing);
    } catch (error) {
      unsettled.add(id);
      throw error;
    }
  };

  /** @throws what one of them threw, after all the others */
  async function each(ids: readonly bigint[], standing: Standing): Promise<void> {
    let failed: PromiseRejectedResult | undefined;
    for (let i = 0; i < ids.length; i += 20) {
      const done = await Promise.allSettled(ids.slice(i, i + 20).map((id) => model(id, standing)));
      failed ??= done.find((one) => one.status === 'rejected');
    }
    if (failed) throw failed.reason;
  }

  async function all(standing: Standing): Promise<void> {
    isUncounted = true;
    const count = await registry.modelCount();
    isUncounted = false;
    await each(
      Array.from({ length: Number(count) + 1 }, (_, index) => BigInt(index)),
      standing,
    );
  }

  return {
    /** Brings one model's offer up to date; not fit, it is withdrawn. What fails for now is taken up by `again`. */
    model,
    /** Tries once more what failed for now: a node did not answer, a sandbox could not start. @throws as `all` */
    again: (standing: Standing): Promise<void> => (isUncounted ? all(standing) : each([...unsettled], standing)),
    /** Brings every offer up to date and waits until the transactions are mined. @throws what one of them threw, after all the others */
    all,
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
