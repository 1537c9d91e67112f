import type { TypedDataDomain, TypedDataField } from 'ethers';
import type { Deployment } from './Deployment.ts';
import type { Address } from './Hex.ts';
import type { Signed, SignedAllowance, SignedWithdrawal } from './Market.ts';

/**
 * What a wallet shows and signs (EIP-712): `wallet.signTypedData(domain, types, message)`, or `eth_signTypedData_v4` after
 * ethers' `TypedDataEncoder.getPayload`.
 */
export type TypedData = {
  domain: TypedDataDomain;
  types: Record<string, TypedDataField[]>;
  message: Record<string, unknown>;
};

/** For `Market.calls.allowBySignature`: lets `spender` open asks within the terms. */
export function allowanceGrant(deployment: Deployment, of: SignedAllowance): TypedData {
  const { account, spender, token, terms, nonce, deadline } = of;
  const fields =
    'uint256 account,address spender,address token,uint128 perAsk,uint128 perPeriod,uint32 periodSeconds,uint40 expiry,address feePayee,uint96 maxRelayFee,uint256 nonce,uint256 deadline';
  return typedData(deployment, 'AllowanceGrant', fields, { account, spender, token, ...terms, nonce, deadline });
}

/** For `Market.calls.withdrawBySignature`: `relayFee` of the amount goes to the account of `feePayee`. */
export function withdrawal(deployment: Deployment, of: SignedWithdrawal): TypedData {
  const fields =
    'uint256 account,address token,uint256 amount,address to,uint256 relayFee,address feePayee,uint256 nonce,uint256 deadline';
  return typedData(deployment, 'Withdrawal', fields, of);
}

/** For `Market.calls.revokeAllBySignature`. */
export function revokeAll(deployment: Deployment, of: Signed): TypedData {
  return typedData(deployment, 'RevokeAll', 'uint256 account,uint256 nonce,uint256 deadline', of);
}

/** EIP-2612, for tokens that have it: `name` and `version` are the token's own domain (LANG: `LangToken`, `1`). */
export function permit(
  chainId: number,
  of: {
    token: Address;
    name: string;
    version: string;
    owner: Address;
    spender: Address;
    value: bigint;
    nonce: bigint;
    deadline: bigint;
  },
): TypedData {
  const { token, name, version, owner, spender, value, nonce, deadline } = of;
  return {
    domain: { name, version, chainId, verifyingContract: token },
    types: { Permit: parse('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline') },
    message: { owner, spender, value, nonce, deadline },
  };
}

function typedData(
  { chainId, market }: Deployment,
  type: string,
  fields: string,
  message: Record<string, unknown>,
): TypedData {
  return {
    domain: { name: 'AskMarket', version: '1', chainId, verifyingContract: market },
    types: { [type]: parse(fields) },
    message,
  };
}

function parse(fields: string): TypedDataField[] {
  return fields.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ');
    return { type, name };
  });
}
