import type { BaseMessage } from '@langchain/core/messages';
import type { Address } from '../../contracts/client/Hex.ts';
import type { Rpc } from '../../contracts/client/Rpc.ts';
import type { Values } from '../../contracts/client/workload/Values.ts';
import type { Catalog } from '../runtime/models/Catalog.ts';
import { createMeter, type Meter } from '../runtime/models/Meter.ts';
import type { Rates } from '../runtime/models/Rates.ts';
import { inputTokens, limitProblem } from '../runtime/models/Terms.ts';
import { answerBytesOf, answerGas } from './Gas.ts';
import { mostReportedBytes } from './GasLimits.ts';
import type { Prices } from './Pricing.ts';
import { weigh } from './Weigh.ts';

export type EconomicsOptions = {
  catalog: Catalog;
  /** Undefined: money of no worth, nothing is weighed. */
  rates: Rates | undefined;
  prices: Prices;
  marginPercent: number;
  /** UTF-8 bytes. */
  maxAnswerBytes: number;
  rpc: Pick<Rpc, 'getFeeData'>;
};

/** An ask, or one that could come. Amounts in the token's smallest unit. */
export type Proposal = {
  model: bigint;
  token: Address;
  royalty: bigint;
  hostPrice: bigint;
  inputBytes: number;
  byReport: boolean;
  /** It is another host's, and would have to be taken over first. */
  takeOver: boolean;
  /** Public name, from `serves`. */
  served: string;
  values: Values;
  messages: readonly BaseMessage[];
};

/** `arithmetic` for the log; undefined where nothing was weighed. */
export type Judged =
  | { ok: true; meter: Meter; maxAnswerBytes: number; arithmetic: string | undefined }
  | { ok: false; reason: string; arithmetic: string | undefined };

export type Economics = ReturnType<typeof createEconomics>;

/** Fees change with each block; one question to the node serves all asks of a few seconds. Milliseconds. */
const feeFreshMs = 4_000;

/** Whether an ask is worth its answer, before anything of it costs. */
export function createEconomics(options: EconomicsOptions) {
  const { catalog, rates, prices, marginPercent, maxAnswerBytes, rpc } = options;
  let fee: { at: number; wei: Promise<bigint> } | undefined;

  async function feeWei(): Promise<bigint> {
    const now = performance.now();
    if (fee === undefined || now - fee.at > feeFreshMs) {
      const wei = rpc.getFeeData().then(({ gasPrice }) => gasPrice ?? 0n);
      const asked = { at: now, wei };
      fee = asked;
      wei.catch(() => {
        if (fee === asked) fee = undefined;
      });
    }
    return fee.wei;
  }
  const termsOf = (model: string) => catalog.entryOf(model)?.terms;

  return {
    /** @throws whatever the node throws: the fee is not known, try again later */
    judge: async (proposal: Proposal): Promise<Judged> => {
      const { served, values, messages, token, hostPrice } = proposal;
      const entry = catalog.entryOf(served);
      for (const name of entry?.lacks ?? [])
        if (values[name] !== undefined)
          return {
            ok: false,
            reason: `The model of this host has no ${name}, which the workload sets.`,
            arithmetic: undefined,
          };
      const input = entry === undefined ? 0 : inputTokens(messages, [], entry.terms);
      const problem = entry && limitProblem(entry.terms, input, values.max_tokens);
      if (problem !== undefined) return { ok: false, reason: problem, arithmetic: undefined };
      const output = values.max_tokens ?? entry?.terms.maxOutputTokens;
      const most = proposal.byReport
        ? Math.min(maxAnswerBytes, mostReportedBytes(proposal.inputBytes))
        : maxAnswerBytes;
      const answerBytes = output === undefined ? most : answerBytesOf(output, most);
      if (rates === undefined)
        return { ok: true, meter: createMeter(termsOf, undefined), maxAnswerBytes: answerBytes, arithmetic: undefined };
      const weighed = weigh({
        pays: hostPrice,
        token,
        free: prices({ id: proposal.model, token, royalty: proposal.royalty }, entry?.offer) === 0n,
        gas: answerGas({ ...proposal, answerBytes }),
        feeWei: await feeWei(),
        model: entry && output !== undefined ? { name: served, terms: entry.terms, input, output } : undefined,
        rates,
        marginPercent,
      });
      const { arithmetic } = weighed;
      return weighed.taken
        ? { ok: true, meter: createMeter(termsOf, weighed.budget), maxAnswerBytes: answerBytes, arithmetic }
        : { ok: false, reason: weighed.reason, arithmetic };
    },
  };
}
