import { TypedDataEncoder } from 'ethers';
import type { Call } from '../../../contracts/client/Call.ts';
import type { ContractError } from '../../../contracts/client/ContractError.ts';
import type { Address } from '../../../contracts/client/Hex.ts';
import { isPurse, ownerOf } from '../../../contracts/client/Market.ts';
import type { TypedData } from '../../../contracts/client/TypedData.ts';
import type { Context } from '../../core/Context.ts';
import type { Translate } from '../../core/I18n.ts';
import { knownTokens } from '../../core/money/tokens.ts';
import { reasonText } from '../../core/Words.ts';
import {
  type Advance,
  type Field,
  type Refusal,
  type RequestContext,
  refuse,
  type TypedDataPayload,
  type TypedDataType,
} from './types.ts';
import { shortAddress } from './words.ts';

/** The `count`th of so many steps. */
type Place = { count: number; of: number };
const alone: Place = { count: 1, of: 1 };

/** The step in which a wallet signs typed data. */
export function signingStep(id: TypedDataType, what: string, data: TypedData, { count, of }: Place = alone): Advance {
  const payload: TypedDataPayload = TypedDataEncoder.getPayload(data.domain, data.types, data.message);
  return { ok: true, type: 'step', step: { type: 'typedData', id, what, payload }, count, of };
}

/** The step in which a wallet sends a transaction. */
export function sendingStep(id: string, what: string, call: Call, { count, of }: Place = alone): Advance {
  const { to, data, value } = call;
  return { ok: true, type: 'step', step: { type: 'transaction', id, what, to, data, value }, count, of };
}

/** A refusal unless the wallet owns the account. */
export async function ownedBy(
  { accounts, t }: RequestContext,
  account: bigint,
  wallet: Address,
): Promise<Refusal | undefined> {
  const owner = await accounts.ownerOf(account);
  if (owner === wallet) return undefined;
  return refuse('notOwner', t('do.notOwner', { owner: shortAddress(owner) }));
}

/** The token chosen in the form, among those in use; else the request's. */
export function tokenOf(context: Context, fields: Readonly<Record<string, string>>, fallback: Address): Address {
  return knownTokens(context).find((token) => token === fields['token']) ?? fallback;
}

/** The field in which a token is chosen; none when there is but one. */
export async function tokenField({ context, t }: RequestContext, chosen: Address): Promise<Field[]> {
  const choices = await Promise.all(
    [...new Set([chosen, ...knownTokens(context)])].map(async (value) => {
      return { value, label: (await context.market.tokenInfo(value)).symbol };
    }),
  );
  return choices.length > 1 ? [{ type: 'choice', name: 'token', label: t('do.money'), value: chosen, choices }] : [];
}

/** An account for people: the owner's address, or that it is a purse. */
export function accountName(account: bigint, t: Translate): string {
  return isPurse(account) ? t('do.purseName') : shortAddress(ownerOf(account));
}

/** The chain said no. */
export function refusedByChain(reason: ContractError, t: Translate): Refusal {
  return { ok: false, code: reason.code, message: reasonText(reason, t) };
}
