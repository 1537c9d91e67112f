import { Hono } from 'hono';
import { z } from 'zod';
import { type Address, addressSchema } from '../../../contracts/client/Hex.ts';
import type { Log } from '../../../contracts/client/support/Log.ts';
import { localOnly, refusal, type ServerEnv } from './guard.ts';
import { readBody, windowSchema } from './input.ts';
import { createLimiter } from './limiter.ts';

/** What only the embedded chain has: play money in unlocked accounts, and a clock that can be put forward. */
export type EmbeddedTools = {
  skipTime(seconds: number): Promise<void>;
  rpc(method: string, params: unknown): Promise<unknown>;
  /** Unlocked accounts with play money, for askers alone. */
  accounts: Address[];
};

/** The dispute window of TellorFlex, seconds. */
const disputeWindow = 12 * 60 * 60;

const readMethods = [
  'eth_accounts',
  'eth_requestAccounts',
  'eth_chainId',
  'eth_getTransactionReceipt',
  'eth_call',
  'eth_getBalance',
] as const;
const hexSchema = z.string().regex(/^0x[\da-f]*$/i);
const callSchema = z.object({
  from: addressSchema.optional(),
  to: addressSchema,
  data: hexSchema.optional(),
  value: hexSchema.optional(),
});
const blockSchema = z.enum(['latest', 'pending']).default('latest');

/** The RPC methods that the test wallet may use, each with the only parameters that are passed on. */
const requestSchema = z.discriminatedUnion('method', [
  z.object({
    method: z.enum(['eth_accounts', 'eth_requestAccounts', 'eth_chainId']),
    params: z.array(z.unknown()).max(1).default([]),
  }),
  z.object({ method: z.literal('eth_getTransactionReceipt'), params: z.tuple([z.string().regex(/^0x[\da-f]{64}$/i)]) }),
  z.object({ method: z.literal('eth_getBalance'), params: z.tuple([addressSchema, blockSchema]) }),
  z.object({ method: z.literal('eth_call'), params: z.tuple([callSchema, blockSchema]) }),
  z.object({ method: z.literal('eth_sendTransaction'), params: z.tuple([callSchema]) }),
  z.object({ method: z.literal('personal_sign'), params: z.tuple([hexSchema.max(20_000), addressSchema]) }),
  z.object({ method: z.literal('eth_signTypedData_v4'), params: z.tuple([addressSchema, z.string().max(20_000)]) }),
]);
const signingMethods = ['personal_sign', 'eth_signTypedData_v4'] as const;
const rpcBody = z.object({ window: windowSchema.default('terminal') }).and(requestSchema);

/** `/api/embedded/rpc`, the test wallet's way to the chain, and `/api/embedded/skip`, which puts the clock forward. */
export function embeddedRoutes({ skipTime, rpc, accounts }: EmbeddedTools, log: Log): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  const maySend = createLimiter(200, 50);
  // Windows name themselves: strangers share one allowance, however many they say they are.
  const mayStrangersSend = createLimiter(200, 30);
  const accountOf = accountPerWindow(accounts);

  app.post('/rpc', async (c) => {
    const asked: unknown = await c.req.raw
      .clone()
      .json()
      .catch(() => undefined);
    const method = z.object({ method: z.string() }).safeParse(asked);
    const isAllowed =
      method.success &&
      ([...readMethods, ...signingMethods, 'eth_sendTransaction'] as string[]).includes(method.data.method);
    if (!isAllowed) return c.json(refusal('method', 'The test wallet does not do this.'), 403);
    const read = await readBody(c, rpcBody);
    if (!read.ok) return read.response;
    const { window, ...request } = read.body;
    const isSlow = c.get('site').kind === 'public' && !mayStrangersSend('');
    if (isSlow || !maySend(window)) return c.json(refusal('tooMany', 'Too many requests. Wait a few seconds.'), 429);
    const account = accountOf(window);
    if (request.method === 'eth_accounts' || request.method === 'eth_requestAccounts')
      return c.json({ result: [account] });
    try {
      if (request.method === 'eth_sendTransaction') {
        const [{ from = account, to, data, value }] = request.params;
        if (from !== account) return c.json(refusal('account', "This isn't the test wallet's account."), 403);
        return c.json({
          result: await rpc(request.method, [{ from, to, ...(data && { data }), ...(value && { value }) }]),
        });
      }
      if (request.method === 'personal_sign' || request.method === 'eth_signTypedData_v4') {
        const signer = request.method === 'personal_sign' ? request.params[1] : request.params[0];
        if (signer !== account) return c.json(refusal('account', "This isn't the test wallet's account."), 403);
      }
      return c.json({ result: await rpc(request.method, request.params) });
    } catch (error) {
      // The wallet's caller gets what a wallet would give: the node's own words.
      return c.json({
        error: {
          code: -32000,
          message: error instanceof Error ? error.message.slice(0, 500) : 'The local chain refused.',
        },
      });
    }
  });

  const maySkip = createLimiter(5, 0.5);
  app.post('/skip', localOnly(), async (c) => {
    if (!maySkip('')) return c.json(refusal('tooMany', 'The clock was just put forward. Wait a few seconds.'), 429);
    await skipTime(disputeWindow);
    log.info({ seconds: disputeWindow }, "The embedded chain's clock was put forward");
    return c.json({ ok: true });
  });
  return app;
}

/** Each window pays from another account while there are enough of them. */
function accountPerWindow(accounts: readonly Address[]): (window: string) => Address | undefined {
  const indexes = new Map<string, number>();
  return (window) => {
    const index = indexes.get(window) ?? indexes.size;
    if (indexes.size < 10_000) indexes.set(window, index);
    return accounts[index % accounts.length];
  };
}
