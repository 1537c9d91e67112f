import type { ChainInfo, Wire } from '../server/wire.ts';
import type { PreparedPayment, WalletPurpose } from '../types.ts';
import { ApiError, api } from './api.ts';
import { checkStep } from './request/checkStep.ts';
import { explainWalletError, PaymentError } from './walletError.ts';
import type { WalletProvider } from './wallets.ts';
import { say } from './words.tsx';

/** What is going on while somebody pays. */
export type Phase =
  | { type: 'checking' }
  | { type: 'switching' }
  | { type: 'signing'; purpose: WalletPurpose | 'permit' }
  | { type: 'confirming'; purpose: WalletPurpose; hash: string }
  | { type: 'sent'; hash: string };

export type PaymentOptions = {
  root: URL;
  token: string;
  window: string;
  chain: ChainInfo;
  provider: WalletProvider;
  account: string;
  /** Pay although another window has started to. */
  again: boolean;
  onPhase(phase: Phase): void;
};

type Prepared = Wire<PreparedPayment>;

/** @throws PaymentError */
export async function connect(provider: WalletProvider, coin: string): Promise<string> {
  const accounts = await ask<string[]>(provider, 'eth_requestAccounts', [], coin);
  const account = accounts[0];
  if (!account) throw new PaymentError({ kind: 'locked', message: say('page.noAccount') });
  return account;
}

/** @throws PaymentError `wrongNetwork` when the wallet stays on another chain */
export async function ensureChain(provider: WalletProvider, chain: ChainInfo): Promise<void> {
  const wanted = `0x${chain.id.toString(16)}`;
  const current = async () => Number(await ask<string>(provider, 'eth_chainId', [], chain.coin.symbol));
  if ((await current()) === chain.id) return;
  try {
    await provider.request({ method: 'wallet_switchEthereumChain', params: [{ chainId: wanted }] });
  } catch (error) {
    const problem = explainWalletError(error, chain.coin.symbol);
    if (problem.kind !== 'unknownNetwork' || chain.rpcUrls.length === 0)
      throw wrongNetwork(problem.kind, problem.message, chain);
    await ask(
      provider,
      'wallet_addEthereumChain',
      [
        {
          chainId: wanted,
          chainName: chain.name,
          rpcUrls: chain.rpcUrls,
          nativeCurrency: chain.coin,
          ...(chain.explorer && { blockExplorerUrls: [chain.explorer] }),
        },
      ],
      chain.coin.symbol,
    );
    await provider
      .request({ method: 'wallet_switchEthereumChain', params: [{ chainId: wanted }] })
      .catch(() => undefined);
  }
  if ((await current()) !== chain.id) throw wrongNetwork('wrongNetwork', '', chain);
}

function wrongNetwork(kind: string, message: string, chain: ChainInfo): PaymentError {
  if (kind === 'pending' || kind === 'locked') return new PaymentError({ kind, message });
  return new PaymentError({
    kind: 'wrongNetwork',
    message: say('page.wrongNetwork', { chain: chain.name }),
  });
}

/**
 * Pays for the ask: approves exactly the price where the token needs it, then asks. Plain transactions only.
 * @returns the payment's transaction hash
 * @throws PaymentError, ApiError
 */
export async function pay(options: PaymentOptions): Promise<string> {
  const { root, token, window, onPhase } = options;
  const cancel = () => api(root, `api/pay/${token}/cancel`, { window }).catch(() => undefined);
  onPhase({ type: 'switching' });
  await ensureChain(options.provider, options.chain);
  let isSent = false;
  try {
    onPhase({ type: 'checking' });
    let prepared = await prepareWithPermit(options);
    if (prepared.calls.some(({ purpose }) => purpose === 'clear')) {
      await send(options, prepared, 'clear');
      prepared = await prepare({ ...options, again: true });
    }
    if (prepared.calls.some(({ purpose }) => purpose === 'approve')) {
      await send(options, prepared, 'approve');
      onPhase({ type: 'checking' });
      // The price may have moved meanwhile, and the wallet lets people lower what they approve.
      prepared = await prepare({ ...options, again: true });
      if (prepared.calls.some(({ purpose }) => purpose === 'approve')) {
        throw new PaymentError({
          kind: 'refused',
          message: say('page.pay.approvedTooLittle'),
        });
      }
    }
    return await send(options, prepared, 'ask', (hash) => {
      isSent = true;
      return api(root, `api/pay/${token}/sent`, { window, hash }).catch(() => undefined);
    });
  } catch (error) {
    // A refused transaction frees the link at once; of one that is under way nobody knows yet.
    if (!isSent || (error instanceof PaymentError && error.problem.kind === 'reverted')) await cancel();
    throw error;
  }
}

type Permit = 'none' | 'wanted' | { value: string; deadline: string; signature: string };

function prepare({ root, token, account, window, again }: PaymentOptions, permit: Permit = 'none'): Promise<Prepared> {
  return api<Prepared>(root, `api/pay/${token}/prepare`, { payer: account, window, again, permit });
}

/** Where the token has permits one signature takes the place of the approval; a wallet that can't sign one approves. */
async function prepareWithPermit(options: PaymentOptions): Promise<Prepared> {
  const { provider, account, chain, onPhase } = options;
  const prepared = await prepare(options, 'wanted');
  const { permit: payload } = prepared;
  if (!payload) return prepared;
  const step = { type: 'typedData', id: 'Permit', what: 'Permit', payload } as const;
  checkStep(step, { chain, account, host: location.host });
  onPhase({ type: 'signing', purpose: 'permit' });
  try {
    const params = [account, JSON.stringify(payload)];
    const signature = await ask<string>(provider, 'eth_signTypedData_v4', params, chain.coin.symbol);
    const { value, deadline } = payload.message;
    const permit = { value: String(value), deadline: String(deadline), signature };
    return await prepare({ ...options, again: true }, permit);
  } catch (error) {
    if (error instanceof ApiError || (error instanceof PaymentError && error.problem.kind === 'cancelled')) throw error;
    return prepare({ ...options, again: true });
  }
}

async function send(
  { provider, account, chain, onPhase }: PaymentOptions,
  prepared: Prepared,
  purpose: WalletPurpose,
  onHash?: (hash: string) => Promise<unknown>,
): Promise<string> {
  const call = prepared.calls.find((candidate) => candidate.purpose === purpose);
  if (!call) throw new PaymentError({ kind: 'refused', message: say('page.pay.noPayment') });
  if (prepared.chainId !== chain.id) throw new PaymentError({ kind: 'refused', message: say('page.pay.otherNetwork') });
  onPhase({ type: 'signing', purpose });
  const hash = await ask<string>(
    provider,
    'eth_sendTransaction',
    [{ from: account, to: call.to, data: call.data, value: `0x${BigInt(call.value).toString(16)}` }],
    chain.coin.symbol,
  );
  await onHash?.(hash);
  onPhase({ type: 'confirming', purpose, hash });
  await mined(provider, hash);
  if (purpose === 'ask') onPhase({ type: 'sent', hash });
  return hash;
}

/** Waits for the block. A transaction sped up in the wallet gets another hash: then the bot's own news end the wait. */
export async function mined(provider: WalletProvider, hash: string): Promise<void> {
  for (let polls = 0; polls < 900; polls += 1) {
    const receipt = (await provider
      .request({ method: 'eth_getTransactionReceipt', params: [hash] })
      .catch(() => null)) as { status?: string } | null;
    if (receipt && Number(receipt.status) === 0) {
      throw new PaymentError({
        kind: 'reverted',
        message: say('page.txReverted'),
      });
    }
    if (receipt) return;
    await new Promise((resolve) => setTimeout(resolve, polls < 20 ? 400 : 2_000));
  }
}

/** Asks the wallet for something. @throws PaymentError */
export async function ask<Result>(
  provider: WalletProvider,
  method: string,
  params: readonly unknown[],
  coin: string,
): Promise<Result> {
  try {
    return (await provider.request({ method, params })) as Result;
  } catch (error) {
    throw error instanceof ApiError ? error : new PaymentError(explainWalletError(error, coin));
  }
}
