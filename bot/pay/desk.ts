import { TypedDataEncoder } from 'ethers';
import type { Order } from '../../contracts/client/Ask.ts';
import { explain } from '../../contracts/client/ContractError.ts';
import { type Address, zeroAddress } from '../../contracts/client/Hex.ts';
import { accountOf } from '../../contracts/client/Market.ts';
import { bytesOf } from '../../contracts/client/Text.ts';
import * as TypedData from '../../contracts/client/TypedData.ts';
import { type AskRecord, viewOf } from '../core/AskRecord.ts';
import type { Context } from '../core/Context.ts';
import { english, translator } from '../core/I18n.ts';
import { bestOffers } from '../core/judgedOffers.ts';
import { type Priced, price } from '../core/Pricing.ts';
import { refresh } from '../core/Refresh.ts';
import { priceLabel, reasonText } from '../core/Words.ts';
import { askByToken } from '../store/asks.ts';
import { readCursor } from '../store/events.ts';
import { watchTransfer } from '../store/transfers.ts';
import { watchAccount } from '../store/wallets.ts';
import { permitOf } from './permitOf.ts';
import type { TypedDataPayload } from './request/types.ts';
import type { PayDesk, PayRefusal, PermitChoice, PreparedPayment, WalletCall } from './types.ts';

/** The pay page's view of the asks: what to show, and the transactions that pay for exactly one of them. */
export function createDesk(context: Context): PayDesk {
  const { store, links } = context;

  async function view(token: string) {
    const record = await askByToken(store.db, token);
    return record && viewOf(record, links.publicUrl);
  }

  /** Does `work` for an ask that can be paid now. */
  async function guarded<Result>(
    token: string,
    work: (record: AskRecord) => Promise<Result>,
  ): Promise<Result | PayRefusal> {
    const record = await askByToken(store.db, token);
    if (!record) return refusal('unknown', english('pay.unknown'));
    const t = translator(record.language);
    if (record.queryId) return refusal('paid', t('pay.paid'));
    if (record.spend?.state === 'pending') return refusal('paid', t('pay.sending'));
    if (record.expiresAt <= context.now()) return refusal('expired', t('pay.expired'));
    try {
      return await work(record);
    } catch (error) {
      const reason = explain(error);
      context.log.warn({ err: error, code: reason.code }, 'a payment could not be prepared');
      if (reason.code === 'network') return refusal('chainUnreachable', t('draft.network'));
      return refusal('offerChanged', t('pay.changed', { reason: reasonText(reason, t) }));
    }
  }

  return {
    view,

    prepare: (token, payer, permit = 'none') => guarded(token, (record) => prepare(context, record, payer, permit)),
    transfer: (token, owner) => guarded(token, (record) => prepareTransfer(context, record, owner)),

    watch(token, listener) {
      return store.onCommit(({ asks }) => {
        if (!asks.has(token)) return;
        view(token).then(
          (now) => now && listener(now),
          (error: unknown) => context.log.error({ err: error }, 'watching an ask failed'),
        );
      });
    },
  };
}

async function prepare(
  context: Context,
  record: AskRecord,
  payer: Address,
  permit: PermitChoice,
): Promise<PreparedPayment | PayRefusal> {
  const { market, rules } = context;
  const t = translator(record.language);
  const [offer, time] = await Promise.all([currentOffer(context, record), market.now()]);
  if (!offer) {
    return refusal('offerChanged', t('pay.risen'));
  }
  const total = offer.royalty + offer.hostPrice;
  const { token } = record.price;
  const order: Order = { ...orderOf(record, offer), deadline: BigInt(time + rules.answerSeconds) };
  const inCoin = token === zeroAddress;
  const [state, balance, allowance] = await Promise.all([
    market.stateOf(payer, order, record.question),
    market.balanceOf(token, payer),
    inCoin ? total : market.allowanceOf(token, payer),
  ]);
  if (state !== 'none') return refusal('paid', t('pay.paidSame'));
  if (balance < total) {
    const price = priceLabel(total, record.price, t);
    return refusal(
      'balanceTooLow',
      balance === 0n
        ? t('pay.balanceNone', { price, symbol: record.price.symbol })
        : t('pay.balance', { price, balance: priceLabel(balance, record.price, t) }),
    );
  }
  const shared = { ok: true as const, chainId: market.chainId, price: total, token };
  if (allowance < total && permit === 'wanted') {
    const payload = await permitFor(context, payer, token, total, time);
    if (payload) return { ...shared, calls: [], permit: payload };
  }
  const signed = allowance < total && typeof permit === 'object' ? permitOf(permit, total) : undefined;
  if (signed) {
    const call = market.askAndPayWithPermit(order, record.question, record.script, signed);
    return { ...shared, calls: [{ purpose: 'ask', ...call }] };
  }
  const call = market.askAndPay(order, record.question, record.script, inCoin ? total : 0n);
  const calls: WalletCall[] = [
    ...(allowance > 0n && allowance < total ? [{ purpose: 'clear' as const, ...market.approve(token, 0n) }] : []),
    ...(allowance < total ? [{ purpose: 'approve' as const, ...market.approve(token, total) }] : []),
    { purpose: 'ask', ...call },
  ];
  return { ...shared, calls };
}

const permitSeconds = 3_600;

/** What the payer signs so that the market may take exactly the price; undefined when the token has no permit. */
async function permitFor(
  { market, accounts }: Context,
  owner: Address,
  token: Address,
  value: bigint,
  time: number,
): Promise<TypedDataPayload | undefined> {
  const known = await accounts.permitDomain(token, owner);
  if (!known) return undefined;
  const deadline = BigInt(time + permitSeconds);
  const terms = { token, ...known, owner, spender: market.market, value, deadline };
  const { domain, types, message } = TypedData.permit(market.chainId, terms);
  return TypedDataEncoder.getPayload(domain, types, message);
}

function orderOf(record: AskRecord, { host, royalty, hostPrice }: Priced): Omit<Order, 'deadline'> {
  return {
    model: record.model.id,
    workload: record.workload,
    token: record.price.token,
    host,
    maxPrice: royalty + hostPrice,
    parent: record.parent,
    userSalt: record.userSalt,
    soleHost: record.soleHost,
    byReport: false,
  };
}

/** A transfer may come this much later than the pay link is good for. Seconds. */
const transferGrace = 3_600;
/** What comes even later is still brought into the account. */
const watchSeconds = 30 * 86_400;

async function prepareTransfer(
  context: Context,
  record: AskRecord,
  owner: Address,
): Promise<{ ok: true; address: Address } | PayRefusal> {
  const { market, accounts, rules, store } = context;
  const t = translator(record.language);
  if (owner === zeroAddress || owner === market.market) return refusal('badOwner', t('pay.badOwner'));
  const [offer, time] = await Promise.all([currentOffer(context, record), market.now()]);
  if (!offer) return refusal('offerChanged', t('pay.risen'));
  const order: Order = {
    ...orderOf(record, offer),
    // From the opening on: a transfer takes as long as it takes.
    deadline: BigInt(rules.answerSeconds),
  };
  const openUntil = time + rules.payLinkSeconds + transferGrace;
  const account = accountOf(owner);
  const salt = await accounts.transferSaltOf(order, record.question, record.script, BigInt(openUntil));
  const address = await accounts.depositAddressOf(account, salt);
  const at = context.now();
  const ask = { token: record.token, order, openUntil };
  await store.commit(async (db, changes) => {
    await watchTransfer(db, { address, account, salt, ask, shownAt: at, watchUntil: at + watchSeconds });
    await watchAccount(db, account);
    const next: AskRecord = { ...record, spend: { state: 'transfer', account, address } };
    await refresh(context, db, changes, next, (await readCursor(db))?.clock ?? 0);
  });
  return { ok: true, address };
}

/** The quoted host's price now, or another host's that is not above what was shown. @throws ContractError none grants it */
async function currentOffer(context: Context, record: AskRecord): Promise<Priced | undefined> {
  const { price: shown, host } = record;
  const inputBytes = bytesOf(record.question).length;
  const subject = { model: record.model.id, workload: record.workload, token: shown.token, inputBytes };
  const others = context.catalog
    .offers(record.model.id, shown.token)
    .filter((offer) => offer.host !== host && offer.maxInputBytes >= inputBytes);
  const best = await bestOffers(context, { id: record.model.id, royalty: shown.royalty }, others);
  return price(context.market, subject, [{ host }, ...best], shown.amount);
}

function refusal(code: PayRefusal['code'], message: string): PayRefusal {
  return { ok: false, code, message };
}
