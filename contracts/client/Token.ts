import { Interface, toUtf8String } from 'ethers';
import { type Call, encode } from './Call.ts';
import { type Address, type Hex, zeroAddress } from './Hex.ts';
import { createReader } from './Reader.ts';
import type { Rpc } from './Rpc.ts';

/** `symbol` is the token's own text, cut to what is safe to show. */
export type TokenInfo = { symbol: string; decimals: number };

const abi = new Interface([
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
  'function balanceOf(address) view returns (uint256)',
  'function allowance(address, address) view returns (uint256)',
  'function nonces(address) view returns (uint256)',
  'function approve(address, uint256) returns (bool)',
  'function transfer(address, uint256) returns (bool)',
]);
/** Some old tokens give their symbol as bytes32. */
const oldAbi = new Interface(['function symbol() view returns (bytes32)']);

/** Coins that are not called ETH, by chain id. */
const coins: Readonly<Record<string, TokenInfo>> = {
  56: { symbol: 'BNB', decimals: 18 },
  100: { symbol: 'xDAI', decimals: 18 },
  137: { symbol: 'POL', decimals: 18 },
  10200: { symbol: 'xDAI', decimals: 18 },
  80002: { symbol: 'POL', decimals: 18 },
};

export type Token = ReturnType<typeof createToken>;

/** An ERC-20, or the chain's coin for address 0. Amounts in the smallest unit. Reads reject with ContractError. */
export function createToken(rpc: Rpc, to: Address) {
  const isCoin = to === zeroAddress;
  const read = createReader(rpc, to, abi);

  async function symbol(): Promise<string> {
    const text = await read('symbol').then(
      ([value]) => String(value),
      async () => {
        const [word] = await createReader(rpc, to, oldAbi)('symbol');
        return toUtf8String(String(word).replace(/(00)+$/, '') as Hex);
      },
    );
    return text.replace(/[^\p{L}\p{N}$._-]/gu, '').slice(0, 12) || 'tokens';
  }

  return {
    address: to,

    async info(): Promise<TokenInfo> {
      if (isCoin) return coins[(await rpc.getNetwork()).chainId.toString()] ?? { symbol: 'ETH', decimals: 18 };
      const [name, [decimals]] = await Promise.all([symbol(), read('decimals')]);
      return { symbol: name, decimals: Number(decimals) };
    },
    async balanceOf(owner: Address): Promise<bigint> {
      return isCoin ? rpc.getBalance(owner) : BigInt((await read('balanceOf', [owner]))[0]);
    },
    async allowance(owner: Address, spender: Address): Promise<bigint> {
      return BigInt((await read('allowance', [owner, spender]))[0]);
    },

    calls: {
      approve: (spender: Address, amount: bigint): Call => encode(to, abi, 'approve', [spender, amount]),
      transfer: (receiver: Address, amount: bigint): Call =>
        isCoin ? { to: receiver, data: '0x', value: amount } : encode(to, abi, 'transfer', [receiver, amount]),
    },
  };
}

/** Symbol and decimals of a token, or of the coin for address 0. */
export function info(rpc: Rpc, token: Address): Promise<TokenInfo> {
  return createToken(rpc, token).info();
}
