import { Interface, TypedDataEncoder } from 'ethers';
import type { Address } from './Hex.ts';
import { createReader } from './Reader.ts';
import type { Rpc } from './Rpc.ts';

const abi = new Interface([
  'function name() view returns (string)',
  'function version() view returns (string)',
  'function nonces(address) view returns (uint256)',
  'function DOMAIN_SEPARATOR() view returns (bytes32)',
]);

/** What an EIP-2612 permit of a token must carry beside its terms. */
export type PermitDomain = { name: string; version: string; nonce: bigint };

/**
 * How `owner` can sign a permit for `token`; undefined when it has none, or one whose domain can't be told (DAI's, or with a
 * salt): then an approval does. Only a domain that hashes to the token's own DOMAIN_SEPARATOR counts.
 */
export async function permitDomain(
  rpc: Rpc,
  chainId: number,
  token: Address,
  owner: Address,
): Promise<PermitDomain | undefined> {
  const read = createReader(rpc, token, abi);
  const one = async (name: string, args: readonly unknown[] = []): Promise<unknown> => (await read(name, args))[0];
  try {
    const [name, separator, nonce, version] = await Promise.all([
      one('name'),
      one('DOMAIN_SEPARATOR'),
      one('nonces', [owner]),
      one('version').catch(() => '1'),
    ]);
    const domain = { name: String(name), version: String(version), chainId, verifyingContract: token };
    if (TypedDataEncoder.hashDomain(domain) !== separator) return undefined;
    return { name: domain.name, version: domain.version, nonce: BigInt(String(nonce)) };
  } catch {
    return undefined;
  }
}
