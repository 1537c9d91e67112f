import { createStore } from 'mipd';
import { api } from './api.ts';
import { say } from './words.tsx';

/** What of EIP-1193 a payment needs. */
export type WalletProvider = {
  request(request: { method: string; params?: readonly unknown[] }): Promise<unknown>;
  on?(event: string, listener: (value: never) => void): unknown;
  removeListener?(event: string, listener: (value: never) => void): unknown;
};

export type Wallet = { id: string; name: string; icon?: string; provider: WalletProvider; isTest: boolean };

/**
 * Tells `listener` which wallets the browser has (EIP-6963), now and when another one announces itself.
 * @returns the way to stop
 */
export function watchWallets(listener: (wallets: Wallet[]) => void): () => void {
  const store = createStore();
  const tell = () => {
    const found = new Map<string, Wallet>();
    for (const { info, provider } of store.getProviders()) {
      // Some wallets announce themselves twice.
      const id = `${info.rdns}:${info.name}`;
      const icon = /^data:image\//.test(info.icon) ? { icon: info.icon } : {};
      found.set(id, { id, name: info.name.slice(0, 40), provider: provider as WalletProvider, isTest: false, ...icon });
    }
    const old = (window as unknown as { ethereum?: WalletProvider }).ethereum;
    if (found.size === 0 && typeof old?.request === 'function') {
      found.set('injected', { id: 'injected', name: say('page.browserWallet'), provider: old, isTest: false });
    }
    listener([...found.values()]);
  };
  const stop = store.subscribe(tell);
  tell();
  // Older wallets inject themselves late and announce nothing.
  const timer = setTimeout(tell, 600);
  return () => {
    clearTimeout(timer);
    stop();
    store.destroy();
  };
}

/** The embedded chain's ready wallet: play money in an account of this window's own, which its node signs for. */
export function createTestWallet(root: URL, window: string): Wallet {
  const request: WalletProvider['request'] = async ({ method, params = [] }) => {
    if (method === 'wallet_switchEthereumChain' || method === 'wallet_addEthereumChain') return null;
    const { result, error } = await api<{ result?: unknown; error?: { code: number; message: string } }>(
      root,
      'api/embedded/rpc',
      {
        window,
        method,
        params,
      },
    );
    if (error) throw Object.assign(new Error(error.message), { code: error.code });
    return result;
  };
  return { id: 'test', name: say('page.testWallet'), provider: { request }, isTest: true };
}
