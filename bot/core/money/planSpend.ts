import type { Order } from '../../../contracts/client/Ask.ts';
import { explain } from '../../../contracts/client/ContractError.ts';
import { accountOf } from '../../../contracts/client/Market.ts';
import { preferenceOf } from '../../store/preferences.ts';
import { defaultWallet, maySpend, walletsOf } from '../../store/wallets.ts';
import type { AskRecord } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import type { Person } from '../types.ts';
import { amountText, clockText } from '../Words.ts';
import type { PendingSpend, Spend } from './Spend.ts';

/**
 * How the ask is to be paid without a wallet: from the person's own account, within his limit. Reads only.
 * @param of.isOrder the person typed a command or pressed a button bound to him; anything else wants a press first
 * @returns undefined: the pay link alone
 */
export async function planSpend(
  context: Context,
  record: AskRecord,
  of: { person: Person; isOrder: boolean; t: Translate },
): Promise<Spend | undefined> {
  const { person, isOrder, t } = of;
  const wallet = await defaultWallet(context.store.db, person);
  if (!wallet) return undefined;
  const account = accountOf(wallet);
  const refusal = await whyNot(context, account, record, { person, t }).catch((error: unknown) => {
    context.log.warn({ err: error, code: explain(error).code }, 'a limit could not be read');
    return 'none' as const;
  });
  if (refusal === 'none') return undefined;
  if (refusal !== undefined) return { state: 'failed', account, reason: refusal };
  if (!isOrder || (await wantsAsking(context, person, record))) return { state: 'offered', account };
  return pendingSpend(context, account, record);
}

/** The order, whole, as it will be sent. */
export async function pendingSpend(context: Context, account: bigint, record: AskRecord): Promise<PendingSpend> {
  const { market, accounts, rules } = context;
  const { price } = record;
  const order: Order = {
    model: record.model.id,
    workload: record.workload,
    token: price.token,
    host: record.host,
    maxPrice: price.amount,
    deadline: BigInt((await market.now()) + rules.answerSeconds),
    parent: record.parent,
    userSalt: record.userSalt,
    soleHost: record.soleHost,
    byReport: false,
  };
  return { state: 'pending', account, order, relayFee: accounts.relayFee(price.token) };
}

/** Why the limit does not cover the ask of this person, in words; `none`: the bot was given none; undefined: it does. @throws ContractError */
export async function whyNot(
  { accounts, store }: Context,
  account: bigint,
  { price, createdAt }: AskRecord,
  { person, t }: { person: Person; t: Translate },
): Promise<string | 'none' | undefined> {
  const [{ terms, available, periodEndsAt, active }, balance] = await Promise.all([
    accounts.allowanceOf(account, price.token),
    accounts.balanceOf(account, price.token),
  ]);
  if (terms.expiry === 0n) return 'none';
  if (!active) return t('spend.expired');
  const linked = (await walletsOf(store.db, person)).find(({ address }) => accountOf(address) === account);
  if (!linked || !(await maySpend(store.db, person, linked.address, price.token))) return t('spend.otherUser');
  const fee = accounts.relayFee(price.token);
  const amount = price.amount + fee;
  const text = (value: bigint) => amountText(value, price, t);
  if (fee > 0n && (fee > terms.maxRelayFee || terms.feePayee !== accounts.feePayee)) return t('spend.feeTooHigh');
  if (amount > terms.perAsk) return t('spend.overPerAsk', { limit: text(terms.perAsk) });
  if (amount > available) {
    return t('spend.overPeriod', { left: text(available), until: clockText(Number(periodEndsAt), createdAt) });
  }
  if (balance < amount) return t('spend.balanceTooLow', { balance: text(balance), price: text(amount) });
  return undefined;
}

/** Whether the price is above what the person wants to be asked about first. */
async function wantsAsking({ store }: Context, person: Person, { price }: AskRecord): Promise<boolean> {
  const above = await preferenceOf(store.db, person, `askFirst:${price.token}`);
  return above !== undefined && price.amount > BigInt(above);
}

/** A drafted ask together with how it is paid. */
export function withSpend(record: AskRecord, spend: Spend): AskRecord {
  return { ...record, spend, status: spend.state === 'pending' ? { state: 'sending' } : record.status };
}
