import PQueue from 'p-queue';
import { z } from 'zod';

/** The part of an ask that a terminal needs, as the bot's HTTP API gives it; amounts are decimal strings. */
const step = z.object({ at: z.number(), transaction: z.string(), block: z.number() });
const amount = z.string().regex(/^\d+$/).transform(BigInt);
const view = z.object({
  token: z.string(),
  question: z.string(),
  model: z.object({ name: z.string() }),
  price: z.object({ amount, token: z.string(), symbol: z.string(), decimals: z.number() }),
  queryId: z.string().optional(),
  payUrl: z.string().optional(),
  status: z.looseObject({
    state: z.enum(['awaiting', 'expired', 'paid', 'declined', 'delivered', 'reported', 'final', 'refunded']),
    host: z.string().optional(),
    paid: step.optional(),
    delivered: step.optional(),
    sealed: step.optional(),
    settled: step.optional(),
    refunded: step.optional(),
    answer: z.string().optional(),
    /** In words. */
    reason: z.string().optional(),
    /** The words of the host that declined before the money went back. */
    declineReason: z.string().optional(),
    finalAt: z.number().optional(),
  }),
});
export type View = z.output<typeof view>;

const created = z.union([
  z.object({ ok: z.literal(true), view }),
  z.object({ ok: z.literal(false), message: z.string() }),
]);
const prepared = z.union([
  z.object({
    ok: z.literal(true),
    calls: z.array(z.object({ purpose: z.enum(['approve', 'ask']), to: z.string(), data: z.string(), value: amount })),
  }),
  z.object({ ok: z.literal(false), message: z.string() }),
]);
const receipt = z.object({ status: z.string() }).nullable();
const rpcResult = z.object({ result: z.unknown().optional(), error: z.object({ message: z.string() }).optional() });

/**
 * One payment at a time from each test wallet: an approval of exactly the price would be spent by another payment, and the chain
 * gives two transactions that arrive at once the same number.
 */
const wallets = new Map<string, PQueue>();
let nextWallet = 0;

/** The bot said no, in words for the person who asked. */
export class Refused extends Error {
  override name = 'Refused';
}

export type BotApi = ReturnType<typeof createBotApi>;

/** The bot's HTTP API, for a terminal. @param base the local chat's address */
export function createBotApi(base: string) {
  const post = async (path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(new URL(path, base), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    return response.json();
  };
  return {
    async alive(): Promise<boolean> {
      try {
        return (await fetch(new URL('/healthz', base), { signal: AbortSignal.timeout(2_000) })).ok;
      } catch {
        return false;
      }
    },
    /** @throws Refused */
    async ask(request: { prompt: string; model?: string; script?: string }): Promise<View> {
      const answer = created.parse(await post('/api/asks', request));
      if (!answer.ok) throw new Refused(answer.message);
      return answer.view;
    },
    /** Every state of the ask, the present one first, until the caller stops reading. */
    async *watch(token: string, signal: AbortSignal): AsyncGenerator<View> {
      const response = await fetch(new URL(`/api/pay/${token}/events`, base), { signal });
      if (!response.body) throw new Refused(`The bot answered ${response.status} without a body.`);
      let buffered = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        buffered += chunk;
        const events = buffered.split(/\r?\n\r?\n/);
        buffered = events.pop() ?? '';
        for (const event of events) {
          const data = event
            .split(/\r?\n/)
            .filter((line) => line.startsWith('data:'))
            .map((line) => line.slice(5).trimStart())
            .join('\n');
          if (data.startsWith('{')) yield view.parse(JSON.parse(data));
        }
      }
    },
    /** Pays with one of the embedded chain's test wallets. @throws Refused */
    async payWithTestWallet(token: string): Promise<void> {
      // Each window of the pay page has a wallet of its own; so have payments at the same time from here.
      const window = `terminal-${nextWallet++ % 8}`;
      const rpc = async (method: string, params: unknown[]): Promise<unknown> => {
        const { result, error } = rpcResult.parse(
          await post('/api/embedded/rpc', { jsonrpc: '2.0', id: 1, method, params, window }),
        );
        if (error) throw new Refused(error.message);
        return result;
      };
      const payers = z
        .array(z.string())
        .min(1)
        .parse(await rpc('eth_accounts', []));
      const payer = payers[nextWallet++ % payers.length] ?? '';
      const wallet = wallets.get(payer) ?? new PQueue({ concurrency: 1 });
      wallets.set(payer, wallet);
      await wallet.add(async () => {
        const payment = prepared.parse(await post(`/api/pay/${token}/prepare`, { payer }));
        if (!payment.ok) throw new Refused(payment.message);
        for (const { purpose, to, data, value } of payment.calls) {
          const call = { from: payer, to, data, value: `0x${value.toString(16)}` };
          const hash = await rpc('eth_sendTransaction', [call]);
          let mined = receipt.parse(await rpc('eth_getTransactionReceipt', [hash]));
          while (mined === null) {
            await new Promise((resolve) => setTimeout(resolve, 50));
            mined = receipt.parse(await rpc('eth_getTransactionReceipt', [hash]));
          }
          if (mined.status !== '0x1') throw new Refused(`The chain refused the transaction (${purpose}, ${hash}).`);
        }
      });
    },
  };
}
