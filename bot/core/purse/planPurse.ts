import { explain } from '../../../contracts/client/ContractError.ts';
import { inFlightOf } from '../../store/asks.ts';
import { capsOf, purseOf, usesOf } from '../../store/purses.ts';
import type { Db } from '../../store/Tables.ts';
import type { AskRecord } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { pendingSpend } from '../money/planSpend.ts';
import type { PendingSpend } from '../money/Spend.ts';
import type { Chat, Person } from '../types.ts';
import { amountText, clockText } from '../Words.ts';
import { type Cap, capOf, daySeconds, mayPay, type PurseFunds, type Verdict } from './Caps.ts';
import { channelOf, groupKey, groupOf, type Purse } from './Purse.ts';

/** Where and as whom somebody asks, by the platform's word for this very event. */
export type Standing = { chat: Chat; person: Person; group?: string; roles?: readonly string[] };

/**
 * What a group's purse makes of an ask. `refused`: it would pay for this member, but not now: why, in words.
 * `none`: there is no purse, or it does not pay for this member, model or place at all.
 */
export type PurseDecision =
  | { type: 'pays'; spend: PendingSpend }
  | { type: 'refused'; purse: Purse; reason: string }
  | { type: 'none' };

/** Decides in the transaction that writes the ask, so that two asks at the same moment can't both take the last of a cap. */
export type DecidePurse = (db: Db) => Promise<PurseDecision>;

/** Reads what the chain says of the group's purse; the decision itself is made where nothing can come in between. */
export async function planPurse(
  context: Context,
  record: AskRecord,
  standing: Standing,
  t: Translate,
): Promise<DecidePurse> {
  const none: DecidePurse = async () => ({ type: 'none' });
  const group = groupOf(standing);
  const purse = group && (await purseOf(context.store.db, group));
  if (!group || !purse || !covers(purse, record, standing)) return none;
  const { token } = record.price;
  if (!(await capNow(context.store.db, purse, record, standing))) return none;
  try {
    const [{ terms, spentInPeriod, periodEndsAt, active }, balance, spend] = await Promise.all([
      context.accounts.allowanceOf(purse.account, token),
      context.accounts.balanceOf(purse.account, token),
      pendingSpend(context, purse.account, record),
    ]);
    const fee = spend.relayFee;
    if (!active) return async () => ({ type: 'refused', purse, reason: t('purse.noLimit') });
    if (fee > 0n && (fee > terms.maxRelayFee || terms.feePayee !== context.accounts.feePayee))
      return async () => ({ type: 'refused', purse, reason: t('purse.feeTooHigh') });
    const left = terms.perPeriod - spentInPeriod;
    const funds = { balance, left, periodEndsAt: Number(periodEndsAt), perAsk: terms.perAsk };
    return async (db) => {
      // What members may is read again: it may have been taken from them meanwhile.
      const cap = await capNow(db, purse, record, standing);
      if (!cap) return { type: 'none' };
      const now = context.now();
      const verdict = await weigh(db, purse, record, { cap, funds, amount: record.price.amount + fee, now });
      if (!verdict.ok) return { type: 'refused', purse, reason: refusalText(verdict, record, now, t) };
      return { type: 'pays', spend: { ...spend, purse: { group: groupKey(group), at: now } } };
    };
  } catch (error) {
    context.log.warn({ err: error, code: explain(error).code }, 'a purse could not be read');
    return none;
  }
}

/** Whether the purse pays for this model in this part of the group at all. */
function covers({ group, models, channels }: Purse, { model }: AskRecord, { chat }: Standing): boolean {
  return (models?.includes(model.id) ?? true) && (channels?.includes(channelOf(chat, group)) ?? true);
}

async function capNow(db: Db, { group }: Purse, { price }: AskRecord, standing: Standing): Promise<Cap | undefined> {
  const { person, roles = [] } = standing;
  return capOf(await capsOf(db, group, price.token), { id: person.id, roles });
}

async function weigh(
  db: Db,
  { group, account }: Purse,
  { price, person }: AskRecord,
  of: { cap: Cap; funds: Omit<PurseFunds, 'inFlight'>; amount: bigint; now: number },
): Promise<Verdict> {
  const [uses, inFlight] = await Promise.all([
    usesOf(db, { group, person, token: price.token, since: of.now - daySeconds }),
    inFlightOf(db, account, price.token),
  ]);
  return mayPay(of.amount, of.cap, uses, { ...of.funds, inFlight }, of.now);
}

function refusalText(
  verdict: Extract<Verdict, { ok: false }>,
  { price }: AskRecord,
  now: number,
  t: Translate,
): string {
  const text = (amount: bigint) => amountText(amount, price, t);
  switch (verdict.reason) {
    case 'overAsk':
      return t('purse.overAsk', { limit: text(verdict.limit) });
    case 'overDay':
      return t('purse.overDay', {
        limit: text(verdict.limit),
        left: text(verdict.left),
        until: clockText(verdict.until, now),
      });
    case 'purseOverAsk':
      return t('purse.purseOverAsk', { limit: text(verdict.limit) });
    case 'purseOverPeriod':
      return t('purse.purseOverPeriod', { left: text(verdict.left), until: clockText(verdict.until, now) });
    case 'purseEmpty':
      return t('purse.empty', { left: text(verdict.left) });
  }
}
