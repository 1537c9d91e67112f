import { type AskRecord, viewOf } from '../../bot/core/AskRecord.ts';
import { card } from '../../bot/core/Card.ts';
import type { AskStatus, Incoming, Message, MessageRef, Person, Step } from '../../bot/core/types.ts';
import { createLocalAdapter, localChat } from '../../bot/local/adapter.ts';
import { type ServerOptions, startServer } from '../../bot/local/server.ts';
import type { PayDesk, PayRefusal, WalletCall } from '../../bot/pay/types.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import { zeroAddress, zeroHash } from '../../contracts/client/Hex.ts';
import { createLog } from '../../contracts/client/support/Log.ts';

export const market: Address = '0x5FbDB2315678afecb367f032d93F642f64180aa3';
export const host: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
export const tokenAddress: Address = '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0';
export const step = (n: number, at = now()): Step => ({
  at,
  block: 100 + n,
  transaction: `0x${String(n).padStart(2, 'a').repeat(32)}`,
});
export const now = () => Math.floor(Date.now() / 1000);

export type Stage = Awaited<ReturnType<typeof createStage>>;

/**
 * The real adapter and server with a script in place of the core and the chain: `/ask` makes a card, and the test says
 * what happens to it. For the pages' own behaviour; the whole thing is tested end to end elsewhere.
 */
export async function createStage(options: Partial<ServerOptions> = {}) {
  const log = createLog({ name: 'test', level: 'silent' });
  const local = createLocalAdapter({
    file: ':memory:',
    log,
    suggest: (_command, typed) =>
      ['guide', 'terse', 'Two words']
        .filter((name) => name.startsWith(typed))
        .map((name) => ({ value: name, label: name, detail: '0.25 LANG' })),
  });
  const asks = new Map<string, { record: AskRecord; ref?: MessageRef }>();
  const listeners = new Set<(token: string) => void>();
  const events: Incoming[] = [];
  let baseUrl = '';
  const cardOf = (record: AskRecord) => card(record, { publicUrl: baseUrl, localOnly: true });
  const rendered = (message: Message) => local.render(message)[0] ?? { payload: message };

  const stage = {
    local,
    events,
    refusal: undefined as PayRefusal | undefined,
    calls: [] as WalletCall[],
    prepares: 0,
    chainId: 31_337,
    /** Makes an ask as if somebody had typed it; without `silent` its card is posted. */
    async ask(question: string, changes: Partial<AskRecord> = {}, silent = false): Promise<string> {
      const token = changes.token ?? `t${asks.size}`.padEnd(24, 'x');
      const record: AskRecord = {
        token,
        person: { platform: 'local', id: 'x', name: 'Amber Otter' },
        language: 'en',
        question,
        model: { id: 1n, name: 'terse' },
        workload: zeroHash,
        script: '',
        host,
        price: {
          amount: 250_000_000_000_000_000n,
          royalty: 50_000_000_000_000_000n,
          hostPrice: 200_000_000_000_000_000n,
          token: tokenAddress,
          symbol: 'LANG',
          decimals: 18,
        },
        soleHost: false,
        userSalt: zeroHash,
        parent: zeroHash,
        createdAt: now(),
        expiresAt: now() + 1800,
        status: { state: 'awaiting', expiresAt: now() + 1800 },
        refundAttempts: 0,
        ...changes,
      };
      const entry: { record: AskRecord; ref?: MessageRef } = { record };
      asks.set(token, entry);
      if (!silent) {
        const replyTo = record.replyTo === undefined ? {} : { replyTo: { chat: localChat, id: record.replyTo } };
        entry.ref = await local.send(localChat, rendered(cardOf(record)), { nonce: token, ...replyTo });
      }
      return token;
    },
    async set(token: string, status: AskStatus): Promise<void> {
      const ask = asks.get(token);
      if (!ask) throw new Error(`no ask ${token}`);
      ask.record = {
        ...ask.record,
        status,
        ...(('answer' in status || status.state === 'refunded') && { resultIn: 'card' as const }),
      };
      for (const listener of listeners) listener(token);
      if (ask.ref) await local.edit(ask.ref, rendered(cardOf(ask.record)));
    },
    say: (message: Message, onlyFor?: Person) =>
      local.send(localChat, rendered(message), { nonce: String(Math.random()), ...(onlyFor && { onlyFor }) }),
    statusOf: (token: string) => asks.get(token)?.record.status,
    tokens: () => [...asks.keys()],
    url: '',
    stop: async () => {},
    /** Stops serving, and serves again under the same address. */
    restart: async (_meanwhile: () => Promise<void>) => {},
  };

  const desk: PayDesk = {
    async view(token) {
      const ask = asks.get(token);
      return ask && viewOf(ask.record, baseUrl);
    },
    async prepare(token) {
      stage.prepares += 1;
      const ask = asks.get(token);
      if (!ask) return { ok: false, code: 'unknown', message: 'There is no such pay link.' };
      if (stage.refusal) return stage.refusal;
      if (ask.record.status.state !== 'awaiting')
        return { ok: false, code: 'paid', message: 'This question is paid already.' };
      return {
        ok: true,
        chainId: stage.chainId,
        calls: stage.calls,
        price: ask.record.price.amount,
        token: zeroAddress,
      };
    },
    async transfer(token) {
      return asks.has(token)
        ? { ok: true, address: host }
        : { ok: false, code: 'unknown', message: 'There is no such pay link.' };
    },
    watch(token, listener) {
      const own = (changed: string) => {
        const ask = asks.get(token);
        if (changed === token && ask) listener(viewOf(ask.record, baseUrl));
      };
      listeners.add(own);
      return () => listeners.delete(own);
    },
  };
  const serverOptions: Omit<ServerOptions, 'port'> = {
    desk,
    local,
    chain: {
      id: stage.chainId,
      name: 'Embedded chain',
      rpcUrls: ['http://127.0.0.1:8545'],
      coin: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      market,
    },
    log,
    ...options,
  };
  let server = await startServer({ ...serverOptions, port: 0 });
  baseUrl = server.url;
  stage.url = server.url;
  stage.stop = async () => {
    await server.stop();
    await local.stop();
  };
  stage.restart = async (meanwhile) => {
    await server.stop();
    await meanwhile();
    server = await startServer({ ...serverOptions, port: server.port });
  };
  await local.start(async (event) => {
    events.push(event);
    if (event.type === 'command' && event.name === 'ask') {
      await stage.ask(event.text, { person: event.person, ...(event.message && { replyTo: event.message.id }) });
    }
  });
  return stage;
}

export const paid = (): AskStatus => ({
  state: 'paid',
  paid: step(1),
  host,
  exclusiveUntil: now() + 300,
  deadline: now() + 1500,
});
export const delivered = (answer: string): AskStatus => ({
  state: 'delivered',
  paid: step(1),
  host,
  delivered: step(2),
  answer,
  reportDue: now() + 3600,
});
export const reported = (answer: string): AskStatus => ({
  state: 'reported',
  paid: step(1),
  host,
  delivered: step(2),
  answer,
  sealed: step(2),
  finalAt: now() + 43_200,
});
export const final = (answer: string): AskStatus => ({
  state: 'final',
  paid: step(1),
  host,
  delivered: step(2),
  answer,
  sealed: step(2),
  settled: step(3),
  hostPrice: 1n,
  royalty: 1n,
});
export const hash = (n: number): Hex => step(n).transaction;
