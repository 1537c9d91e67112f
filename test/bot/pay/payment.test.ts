import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { wordsOf } from '../../../bot/core/I18n.ts';
import { connect, ensureChain, type Phase, pay } from '../../../bot/pay/page/payment.ts';
import type { WalletProvider } from '../../../bot/pay/page/wallets.ts';
import { setWords } from '../../../bot/pay/page/words.tsx';

setWords(wordsOf('en', 'page'));

const account = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const market = '0x5FbDB2315678afecb367f032d93F642f64180aa3' as const;
const chain = {
  id: 31_337,
  name: 'Testnet',
  rpcUrls: ['http://127.0.0.1:8545'],
  explorer: 'https://scan.example',
  coin: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  market,
};
const hash = `0x${'1'.repeat(64)}`;

let posts: { path: string; body: Record<string, unknown> }[];
let purposes: ('approve' | 'ask')[][];
let sentByWallet: { method: string; params: readonly unknown[] }[];

beforeEach(() => {
  posts = [];
  sentByWallet = [];
  purposes = [['ask']];
  vi.stubGlobal('fetch', async (url: URL, init: { body: string }) => {
    const path = url.pathname.split('/').pop() ?? '';
    posts.push({ path, body: JSON.parse(init.body) });
    const calls = (purposes.length > 1 ? purposes.shift() : purposes[0])?.map((purpose) => ({
      purpose,
      to: market,
      data: `0x${purpose === 'ask' ? '0a' : '0b'}`,
      value: purpose === 'ask' ? '255' : '0',
    }));
    return Response.json(
      path === 'prepare' ? { ok: true, chainId: 31_337, calls, price: '255', token: market } : { ok: true },
    );
  });
});
afterEach(() => vi.unstubAllGlobals());

/** A wallet that answers by a table; a function may throw. */
function wallet(answers: Record<string, unknown | ((params: readonly unknown[]) => unknown)>): WalletProvider {
  const all: typeof answers = {
    eth_chainId: '0x7a69',
    eth_sendTransaction: hash,
    eth_getTransactionReceipt: { status: '0x1' },
    ...answers,
  };
  return {
    async request({ method, params = [] }) {
      sentByWallet.push({ method, params });
      const answer = all[method];
      if (!(method in all)) throw Object.assign(new Error(`no ${method}`), { code: -32_601 });
      return typeof answer === 'function' ? answer(params) : answer;
    },
  };
}

const fail =
  (code: number, message = 'x') =>
  () => {
    throw Object.assign(new Error(message), { code });
  };

function start(provider: WalletProvider, phases: Phase[] = []) {
  return pay({
    root: new URL('http://a.b/'),
    token: 't',
    window: 'window-0001',
    chain,
    provider,
    account,
    again: false,
    onPhase: (phase) => phases.push(phase),
  });
}

test('pays with plain transactions: approve exactly what is prepared, wait, look again, ask', async () => {
  purposes = [['approve', 'ask'], ['ask']];
  const phases: Phase[] = [];
  expect(await start(wallet({}), phases)).toBe(hash);
  expect(sentByWallet.filter(({ method }) => method === 'eth_sendTransaction').map(({ params }) => params)).toEqual([
    [{ from: account, to: market, data: '0x0b', value: '0x0' }],
    [{ from: account, to: market, data: '0x0a', value: '0xff' }],
  ]);
  expect(posts.map(({ path }) => path)).toEqual(['prepare', 'prepare', 'sent']);
  expect(posts.at(-1)?.body).toEqual({ window: 'window-0001', hash });
  expect(phases.map(({ type }) => type)).toEqual([
    'switching',
    'checking',
    'signing',
    'confirming',
    'checking',
    'signing',
    'confirming',
    'sent',
  ]);
  expect(new Set(sentByWallet.map(({ method }) => method))).toEqual(
    new Set(['eth_chainId', 'eth_sendTransaction', 'eth_getTransactionReceipt']),
  );
});

test('nothing is ever asked to be signed but transactions', async () => {
  await start(wallet({}));
  await connect(wallet({ eth_requestAccounts: [account] }), 'ETH');
  expect(sentByWallet.map(({ method }) => method).filter((method) => /sign|permit|authoriz/i.test(method))).toEqual([]);
});

test('a decline frees the link for other windows', async () => {
  await expect(start(wallet({ eth_sendTransaction: fail(4001) }))).rejects.toMatchObject({
    problem: { kind: 'cancelled' },
  });
  expect(posts.map(({ path }) => path)).toEqual(['prepare', 'cancel']);
});

test('a refused transaction is said to have cost its fee only, and frees the link', async () => {
  await expect(start(wallet({ eth_getTransactionReceipt: { status: '0x0' } }))).rejects.toMatchObject({
    problem: { kind: 'reverted' },
  });
  expect(posts.map(({ path }) => path)).toEqual(['prepare', 'sent', 'cancel']);
});

test('a node that stumbles while one waits is no failure', async () => {
  let calls = 0;
  const receipt = () => {
    calls += 1;
    if (calls === 1) throw new Error('timeout');
    return calls === 2 ? null : { status: '0x1' };
  };
  expect(await start(wallet({ eth_getTransactionReceipt: receipt }))).toBe(hash);
});

test('an unknown network is added with what the wallet needs, then switched to', async () => {
  let current = '0x1';
  const provider = wallet({
    eth_chainId: () => current,
    wallet_switchEthereumChain: () => {
      if (sentByWallet.some(({ method }) => method === 'wallet_addEthereumChain')) current = '0x7a69';
      else fail(4902)();
      return null;
    },
    wallet_addEthereumChain: null,
  });
  await ensureChain(provider, chain);
  expect(sentByWallet.find(({ method }) => method === 'wallet_addEthereumChain')?.params).toEqual([
    {
      chainId: '0x7a69',
      chainName: 'Testnet',
      rpcUrls: ['http://127.0.0.1:8545'],
      nativeCurrency: chain.coin,
      blockExplorerUrls: ['https://scan.example'],
    },
  ]);
});

test.each([
  ['declined', { wallet_switchEthereumChain: fail(4001) }, 'wrongNetwork'],
  ['switched in words only', { wallet_switchEthereumChain: null }, 'wrongNetwork'],
  ['busy', { wallet_switchEthereumChain: fail(-32_002) }, 'pending'],
  ['not able to', {}, 'wrongNetwork'],
  [
    'unknown, and adding declined',
    { wallet_switchEthereumChain: fail(4902), wallet_addEthereumChain: fail(4001) },
    'cancelled',
  ],
])('a switch that was %s', async (_name, answers, kind) => {
  await expect(ensureChain(wallet({ eth_chainId: '0x1', ...answers }), chain)).rejects.toMatchObject({
    problem: { kind },
  });
});

test('no transaction is sent on another network than the page’s', async () => {
  await expect(start(wallet({ eth_chainId: '0x1', wallet_switchEthereumChain: fail(4001) }))).rejects.toThrow();
  expect(sentByWallet.some(({ method }) => method === 'eth_sendTransaction')).toBe(false);
  expect(posts).toEqual([]);
});

test('a wallet without accounts is locked', async () => {
  await expect(connect(wallet({ eth_requestAccounts: [] }), 'ETH')).rejects.toMatchObject({
    problem: { kind: 'locked' },
  });
});
