import { type Address, zeroHash } from '../../../contracts/client/Hex.ts';
import { watchTransfer } from '../../store/transfers.ts';
import type { Context } from '../Context.ts';

const watchSeconds = 30 * 86_400;

/** The account's own deposit address: who is shown it may send something. */
export async function depositAddress({ accounts, store, now }: Context, account: bigint): Promise<Address> {
  const address = await accounts.depositAddressOf(account, zeroHash);
  const at = now();
  await watchTransfer(store.db, { address, account, salt: zeroHash, shownAt: at, watchUntil: at + watchSeconds });
  return address;
}
