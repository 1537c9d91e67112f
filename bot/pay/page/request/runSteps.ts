import type { Advance, StepResult, WalletStep } from '../../request/types.ts';
import type { ChainInfo, Wire } from '../../server/wire.ts';
import { api } from '../api.ts';
import { ask, ensureChain, mined } from '../payment.ts';
import type { WalletProvider } from '../wallets.ts';
import { say } from '../words.tsx';
import { checkStep } from './checkStep.ts';

/** What is going on, for people. */
export type Work = { text: string; hash?: string; waitsForWallet: boolean };

export type RunOptions = {
  root: URL;
  token: string;
  chain: ChainInfo;
  provider: WalletProvider;
  account: string;
  fields: Readonly<Record<string, string>>;
  onWork(work: Work): void;
};

type Ok = Exclude<Advance, { ok: false }>;
export type Done = Wire<Extract<Ok, { type: 'done' }>>;

/** More than any request has: a server that goes round in circles is left. */
const mostSteps = 12;

/** Does one step after the other until the server has nothing more. @throws PaymentError, ApiError */
export async function runSteps(options: RunOptions): Promise<Done> {
  const { root, token, chain, provider, account, fields, onWork } = options;
  onWork({ text: say('page.checkingChain', { chain: chain.name }), waitsForWallet: true });
  await ensureChain(provider, chain);
  const results: StepResult[] = [];
  for (let done = 0; done < mostSteps; done += 1) {
    onWork({ text: say(done === 0 ? 'page.preparing' : 'page.sending'), waitsForWallet: false });
    const next = await api<Wire<Ok>>(root, 'api/do/next', { token, wallet: account, fields, results });
    if (next.type === 'done') return next;
    const place = next.of > 1 ? `${say('page.step', { count: next.count, of: next.of })} ` : '';
    onWork({ text: `${place}${say('page.confirm', { what: next.step.what })}`, waitsForWallet: true });
    checkStep(next.step, { chain, account, host: location.host });
    results.push(await perform(next.step, options));
  }
  throw new Error('The bot asked for too many steps');
}

async function perform(step: Wire<WalletStep>, { provider, account, chain, onWork }: RunOptions): Promise<StepResult> {
  const wallet = <Result>(method: string, params: readonly unknown[]) =>
    ask<Result>(provider, method, params, chain.coin.symbol);
  switch (step.type) {
    case 'message': {
      const value = await wallet<`0x${string}`>('personal_sign', [utf8Hex(step.text), account]);
      return { id: step.id, value, text: step.text };
    }
    case 'typedData': {
      const value = await wallet<`0x${string}`>('eth_signTypedData_v4', [account, JSON.stringify(step.payload)]);
      return { id: step.id, value };
    }
    case 'transaction': {
      const { to, data, value } = step;
      const hash = await wallet<`0x${string}`>('eth_sendTransaction', [
        { from: account, to, data, value: `0x${BigInt(value).toString(16)}` },
      ]);
      onWork({ text: say('page.sent'), hash, waitsForWallet: false });
      await mined(provider, hash);
      return { id: step.id, value: hash };
    }
  }
}

function utf8Hex(text: string): string {
  return `0x${[...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
