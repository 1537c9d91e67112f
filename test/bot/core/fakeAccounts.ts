import type { Accounts } from '../../../bot/core/money/Accounts.ts';
import { address, zeroAddress, zeroHash } from '../../../contracts/client/Hex.ts';
import { chainId, lang, marketAddress } from './chainEvents.ts';

const nothing = () => ({ to: marketAddress, data: '0x' as const, value: 0n });

/** Nobody has an account here: what money does is tried on a real chain elsewhere. */
export const fakeAccounts: Accounts = {
  deployment: {
    chainId,
    fromBlock: 0,
    market: marketAddress,
    registry: zeroAddress,
    oracle: zeroAddress,
    governance: zeroAddress,
    token: lang,
  },
  spender: address('0x9999999999999999999999999999999999999999'),
  feePayee: zeroAddress,
  relayFee: () => 0n,
  balanceOf: async () => 0n,
  allowanceOf: async () => ({
    terms: {
      perAsk: 0n,
      perPeriod: 0n,
      periodSeconds: 0n,
      expiry: 0n,
      feePayee: zeroAddress,
      maxRelayFee: 0n,
    },
    spentInPeriod: 0n,
    available: 0n,
    periodEndsAt: 0n,
    active: false,
  }),
  nonceOf: async () => 0n,
  ownerOf: async () => zeroAddress,
  depositAddressOf: async () => zeroAddress,
  transferSaltOf: async () => zeroHash,
  permitDomain: async () => undefined,
  isSignedBy: async () => false,
  calls: {
    ask: nothing,
    askByTransfer: nothing,
    depositCoin: nothing,
    depositToken: nothing,
    depositTokenWithPermit: nothing,
    sweep: nothing,
    withdraw: nothing,
    withdrawBySignature: nothing,
    allowBySignature: nothing,
    revoke: nothing,
    revokeAll: nothing,
    revokeAllBySignature: nothing,
    openPurse: nothing,
  },
};
