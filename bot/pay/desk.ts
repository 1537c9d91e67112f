import type { Order } from '../../contracts/client/Ask.ts';
import { explain } from '../../contracts/client/ContractError.ts';
import { type Address, zeroAddress } from '../../contracts/client/Hex.ts';
import { bytesOf } from '../../contracts/client/Text.ts';
import { type AskRecord, viewOf } from '../core/AskRecord.ts';
import type { Context } from '../core/Context.ts';
import { english, translator } from '../core/I18n.ts';
import { type Priced, price } from '../core/Pricing.ts';
import { priceLabel, reasonText } from '../core/Words.ts';
import { askByToken } from '../store/asks.ts';
import type { PayDesk, PayRefusal, PreparedPayment, WalletCall } from './types.ts';

/** The pay page's view of the asks: what to show, and the transactions that pay for exactly one of them. */
export function createDesk(context: Context): PayDesk {
  const { store, links } = context;

  async function view(token: string) {
    const record = await askByToken(store.db, token);
    return record && viewOf(record, links.publicUrl);
  }

  return {
    view,

    async prepare(token, payer) {
      const record = await askByToken(store.db, token);
      if (!record) return refusal('unknown', english('pay.unknown'));
      const t = translator(record.language);
      if (record.queryId) return refusal('paid', t('pay.paid'));
      if (record.spend?.state === 'pending') return refusal('paid', t('pay.sending'));
      if (record.expiresAt <= context.now()) {
        return refusal('expired', t('pay.expired'));
      }
      try {
        return await prepare(context, record, payer);
      } catch (error) {
        const reason = explain(error);
        context.log.warn({ err: error, code: reason.code }, 'a payment could not be prepared');
        if (reason.code === 'network') {
          return refusal('chainUnreachable', t('draft.network'));
        }
        return refusal('offerChanged', t('pay.changed', { reason: reasonText(reason, t) }));
      }
    },

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

async function prepare(context: Context, record: AskRecord, payer: Address): Promise<PreparedPayment | PayRefusal> {
  const { market, rules } = context;
  const t = translator(record.language);
  const [offer, time] = await Promise.all([currentOffer(context, record), market.now()]);
  if (!offer) {
    return refusal('offerChanged', t('pay.risen'));
  }
  const { host } = offer;
  const total = offer.royalty + offer.hostPrice;
  const { token } = record.price;
  const order: Order = {
    model: record.model.id,
    workload: record.workload,
    token,
    host,
    maxPrice: total,
    deadline: BigInt(time + rules.answerSeconds),
    parent: record.parent,
    userSalt: record.userSalt,
    soleHost: record.soleHost,
    byReport: false,
  };
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
  const call = market.askAndPay(order, record.question, record.script, inCoin ? total : 0n);
  const calls: WalletCall[] = [
    ...(allowance < total ? [{ purpose: 'approve' as const, ...market.approve(token, total) }] : []),
    { purpose: 'ask', ...call },
  ];
  return { ok: true, chainId: market.chainId, calls, price: total, token };
}

/** The quoted host's price now, or another host's that is not above what was shown. @throws ContractError none grants it */
async function currentOffer({ market, catalog }: Context, record: AskRecord): Promise<Priced | undefined> {
  const { price: shown, host } = record;
  const inputBytes = bytesOf(record.question).length;
  const subject = { model: record.model.id, workload: record.workload, token: shown.token, inputBytes };
  const others = catalog
    .offers(record.model.id, shown.token)
    .filter((offer) => offer.host !== host && offer.maxInputBytes >= inputBytes);
  return price(market, subject, [{ host }, ...others], shown.amount);
}

function refusal(code: PayRefusal['code'], message: string): PayRefusal {
  return { ok: false, code, message };
}
