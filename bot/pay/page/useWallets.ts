import { useEffect, useState } from 'preact/hooks';
import { type Wallet, watchWallets } from './wallets.ts';

export type Connected = { wallet: Wallet; account: string };

/** The browser's wallets, as they announce themselves. */
export function useWallets(): Wallet[] {
  const [wallets, setWallets] = useState<Wallet[]>([]);
  useEffect(() => watchWallets(setWallets), []);
  return wallets;
}

/** The wallet decides which account is used; the page follows. */
export function useAccountChanges(
  connected: Connected | undefined,
  setConnected: (next: Connected | undefined) => void,
): void {
  useEffect(() => {
    const provider = connected?.wallet.provider;
    if (!connected || !provider?.on) return;
    const onAccounts = (accounts: readonly string[]) => {
      const account = accounts[0];
      setConnected(account ? { ...connected, account } : undefined);
    };
    provider.on('accountsChanged', onAccounts);
    return () => void provider.removeListener?.('accountsChanged', onAccounts);
  }, [connected, setConnected]);
}
