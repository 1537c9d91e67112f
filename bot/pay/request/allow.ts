import { format, parse } from '../../../contracts/client/Amount.ts';
import type { Address, Hex } from '../../../contracts/client/Hex.ts';
import { accountOf, isPurse, type SignedAllowance } from '../../../contracts/client/Market.ts';
import * as TypedData from '../../../contracts/client/TypedData.ts';
import type { Context } from '../../core/Context.ts';
import { dearest } from '../../core/money/tokens.ts';
import { setPreference } from '../../store/preferences.ts';
import { draftOf, finishRequest, keepDraft } from '../../store/requests.ts';
import { letSpend } from '../../store/wallets.ts';
import { type Period, periods, readTerms, spans, type Token, worstOf } from './AllowanceTerms.ts';
import { ownedBy, signingStep, tokenField, tokenOf } from './common.ts';
import { type Relayed, relay } from './relay.ts';
import {
  type Advance,
  type Field,
  type Handler,
  type Input,
  type Refusal,
  type RequestContext,
  type RequestView,
  refuse,
  resultOf,
} from './types.ts';
import { amountText, dayText } from './words.ts';

/** What a wallet was asked to sign, and what is kept once it is on chain. */
export type LimitDraft = { signed: SignedAllowance; askFirstAbove: bigint | undefined };

/** So long a signed grant may wait to be sent, seconds. */
const grantSeconds = 3_600;

/** The owner signs how much the bot may spend (EIP-712); the bot sends it, so that the owner needs no coin for gas. */
export const allow: Handler<'allow'> = {
  async view(on, request, { fields, wallet }) {
    const { t } = on;
    return {
      ...(await limitView(on, request.token, fields, request.account ?? (wallet && accountOf(wallet)))),
      title: t('do.limit.title'),
      text: [t('do.limit.text'), t('do.limit.end')],
      action: t('do.limit.action'),
    };
  },

  async advance(on, request, input) {
    const { context, accounts, t } = on;
    const { stored, wallet, results } = input;
    const account = request.account ?? accountOf(wallet);
    const stranger = await ownedBy(on, account, wallet);
    if (stranger) return stranger;
    const signature = resultOf(results, 'AllowanceGrant');
    if (!signature) {
      return limitStep(on, input, { token: request.token, account, nonce: await accounts.nonceOf(account) });
    }
    const draft = await draftOf<LimitDraft>(context.store.db, stored.token);
    if (!draft) return refuse('noDraft', t('do.limit.noDraft'));
    const sent = await relayLimit(on, stored, draft, signature.value);
    return sent.ok ? done(on, input, draft, sent.block) : sent;
  },
};

/** The form of a limit. @param account whose balance is shown and whose it is; undefined: not known yet */
export async function limitView(
  on: RequestContext,
  fallback: Address,
  fields: Input['fields'],
  account: bigint | 'newPurse' | undefined,
): Promise<Pick<RequestView, 'facts' | 'fields' | 'worst'>> {
  const { context, accounts, t } = on;
  const address = tokenOf(context, fields, fallback);
  const token = await context.market.tokenInfo(address);
  const balance = typeof account === 'bigint' ? await accounts.balanceOf(account, address) : undefined;
  const forPurse = account === 'newPurse' || (account !== undefined && isPurse(account));
  const read = readTerms(
    withDefaults(context, address, token, fields),
    token,
    relayTerms(on, address),
    await context.market.now(),
    t,
  );
  return {
    facts: [
      ...(balance === undefined ? [] : [{ label: t('do.limit.balance'), value: amountText(balance, token) }]),
      ...(read.ok ? [{ label: t('do.limit.until'), value: dayText(Number(read.chosen.terms.expiry), t) }] : []),
    ],
    fields: (await fieldsOf(on, address, token, fields)).filter(({ name }) => name !== 'askFirstAbove' || !forPurse),
    worst: read.ok ? worstOf(read.chosen, token, t) : read.message,
  };
}

/** The step in which the owner signs the limit of the form. */
export async function limitStep(
  on: RequestContext,
  { stored, fields }: Input,
  of: { token: Address; account: bigint; nonce: bigint },
): Promise<Advance> {
  const { context, accounts, t } = on;
  const address = tokenOf(context, fields, of.token);
  const token = await context.market.tokenInfo(address);
  const now = await context.market.now();
  const read = readTerms(withDefaults(context, address, token, fields), token, relayTerms(on, address), now, t);
  if (!read.ok) return refuse('badTerms', read.message);
  const { terms, askFirstAbove } = read.chosen;
  const { account, nonce } = of;
  const signed: SignedAllowance = {
    account,
    spender: accounts.spender,
    token: address,
    terms,
    nonce,
    deadline: BigInt(now + grantSeconds),
  };
  await keepDraft(context.store.db, stored.token, { signed, askFirstAbove } satisfies LimitDraft);
  return signingStep('AllowanceGrant', t('do.limit.step'), TypedData.allowanceGrant(accounts.deployment, signed));
}

/** Sends the signed limit. @returns why it is not on chain, or where it is */
export function relayLimit(
  on: RequestContext,
  { token, person }: Input['stored'],
  { signed }: LimitDraft,
  signature: Hex,
): Promise<Refusal | Relayed> {
  return relay(on, person, {
    key: `allow:${token}:${signed.nonce}`,
    call: on.accounts.calls.allowBySignature(signed, signature),
    note: 'allowance',
  });
}

async function done(
  { context, t }: RequestContext,
  { stored: { token, person }, wallet }: Input,
  { signed, askFirstAbove }: LimitDraft,
  block: number,
): Promise<Advance> {
  const { terms } = signed;
  const info = await context.market.tokenInfo(signed.token);
  const named = Object.entries(periods).find(([, seconds]) => BigInt(seconds) === terms.periodSeconds);
  const period = (named?.[0] ?? 'day') as Period;
  const message = t('do.limit.done', {
    perAsk: amountText(terms.perAsk, info),
    perPeriod: amountText(terms.perPeriod, info),
    period: t(`do.period.${period}`),
    until: dayText(Number(terms.expiry), t),
  });
  await context.store.commit(async (db) => {
    await finishRequest(db, token, message);
    // What a person wants to be asked about first is about his own money.
    if (isPurse(signed.account)) return;
    await letSpend(db, person, wallet, { token: signed.token, nonce: signed.nonce, block });
    await setPreference(db, person, `askFirst:${signed.token}`, askFirstAbove?.toString());
  });
  return { ok: true, type: 'done', message, next: [] };
}

function relayTerms({ accounts }: RequestContext, token: Address): { fee: bigint; payee: Address } {
  return { fee: accounts.relayFee(token), payee: accounts.feePayee };
}

/** Enough for the dearest model, twenty times a day, for a month. */
function withDefaults(context: Context, address: Address, token: Token, fields: Readonly<Record<string, string>>) {
  const price = dearest(context, address) || oneTenth(token);
  const text = (amount: bigint) => format(amount, token.decimals);
  return {
    token: address,
    perAsk: fields['perAsk'] ?? text(price),
    perPeriod: fields['perPeriod'] ?? text(price * 20n),
    period: fields['period'] ?? 'day',
    days: fields['days'] ?? '30',
    askFirstAbove: fields['askFirstAbove'] ?? '',
  };
}

function oneTenth({ decimals }: Token): bigint {
  const amount = parse('0.1', decimals);
  return typeof amount === 'bigint' ? amount : 1n;
}

async function fieldsOf(
  on: RequestContext,
  address: Address,
  token: Token,
  given: Readonly<Record<string, string>>,
): Promise<Field[]> {
  const { context, t } = on;
  const values = withDefaults(context, address, token, given);
  const unit = token.symbol;
  return [
    ...(await tokenField(on, address)),
    { type: 'amount', name: 'perAsk', label: t('do.limit.perAsk'), value: values.perAsk, unit },
    { type: 'amount', name: 'perPeriod', label: t('do.limit.perPeriod'), value: values.perPeriod, unit },
    {
      type: 'choice',
      name: 'period',
      label: t('do.limit.period'),
      value: values.period,
      choices: (Object.keys(periods) as Period[]).map((value) => ({ value, label: t(`do.period.${value}`) })),
    },
    {
      type: 'choice',
      name: 'days',
      label: t('do.limit.days'),
      value: values.days,
      choices: spans.map((days) => ({ value: String(days), label: t('do.limit.span', { days }) })),
    },
    {
      type: 'amount',
      name: 'askFirstAbove',
      label: t('do.limit.askFirst'),
      value: values.askFirstAbove,
      unit,
      hint: t('do.limit.never'),
    },
  ];
}
