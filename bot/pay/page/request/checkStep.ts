import { typedDataTypes, type WalletStep } from '../../request/types.ts';
import type { ChainInfo, Wire } from '../../server/wire.ts';
import { PaymentError } from '../walletError.ts';
import { say } from '../words.tsx';

const approve = '0x095ea7b3';
/** `setApprovalForAll` and `increaseAllowance`: the first names no amount, the second hides the sum. */
const refusedSelectors = new Set(['0xa22cb465', '0x39509351']);
/** Half of all there can be: above it an approval counts as unlimited. */
const unlimited = 1n << 127n;

/**
 * The page's own look at what it is to hand to the wallet, whatever its server says: a sign-in for this very page, typed data of
 * this market in one of four types, or a plain transaction without an unlimited approval. Never a bare hash, never a delegation
 * of the account (EIP-7702): there is no step for one.
 * @throws PaymentError
 */
export function checkStep(step: Wire<WalletStep>, on: { chain: ChainInfo; account: string; host: string }): void {
  const problem = problemOf(step, on);
  if (problem !== undefined) {
    throw new PaymentError({
      kind: 'refused',
      message: say('page.unusual', { problem }),
    });
  }
}

function problemOf(
  step: Wire<WalletStep>,
  { chain, account, host }: { chain: ChainInfo; account: string; host: string },
): string | undefined {
  switch (step.type) {
    case 'message':
      // Wallets give the address in lower case, EIP-4361 wants its checksum.
      return step.text
        .toLowerCase()
        .startsWith(`${host} wants you to sign in with your ethereum account:\n${account}\n`.toLowerCase())
        ? undefined
        : say('page.unusual.notSignIn');
    case 'typedData': {
      const { primaryType, domain, types, message } = step.payload;
      if (!typedDataTypes.some((type) => type === primaryType))
        return say('page.unusual.typedData', { type: primaryType });
      const named = Object.keys(types).filter((type) => type !== 'EIP712Domain');
      if (named.length !== 1 || named[0] !== primaryType) return say('page.unusual.nested');
      if (Number(domain.chainId) !== chain.id) return say('page.unusual.anotherNetwork');
      if (primaryType !== 'Permit') {
        return same(domain.verifyingContract, chain.market) ? undefined : say('page.unusual.anotherContract');
      }
      if (!same(message['spender'], chain.market) || !same(message['owner'], account))
        return say('page.unusual.anothersPermit');
      return BigInt(String(message['value'])) < unlimited ? undefined : say('page.unusual.unlimitedPermit');
    }
    case 'transaction': {
      const selector = step.data.slice(0, 10).toLowerCase();
      if (refusedSelectors.has(selector)) return say('page.unusual.approvalWithoutAmount');
      if (selector === approve && BigInt(`0x${step.data.slice(74) || '0'}`) >= unlimited)
        return say('page.unusual.unlimitedApproval');
      return undefined;
    }
  }
}

function same(one: unknown, other: string): boolean {
  return typeof one === 'string' && one.toLowerCase() === other.toLowerCase();
}
