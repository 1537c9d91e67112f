import type { Order } from '../../contracts/client/Ask.ts';
import { explain } from '../../contracts/client/ContractError.ts';
import { type Address, zeroAddress } from '../../contracts/client/Hex.ts';
import { bytesOf } from '../../contracts/client/Text.ts';
import { type AskRecord, viewOf } from '../core/AskRecord.ts';
import { chooseOffer } from '../core/Choice.ts';
import type { Context } from '../core/Context.ts';
import { priceLabel } from '../core/Words.ts';
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
      if (!record) return refusal('unknown', 'There is no such pay link. Ask again in the chat for a new one.');
      if (record.queryId) return refusal('paid', 'This question is already paid. Nothing more is taken.');
      if (record.expiresAt <= context.now()) {
        return refusal('expired', 'This pay link has run out. Ask again in the chat for a new one; nothing was taken.');
      }
      try {
        return await prepare(context, record, payer);
      } catch (error) {
        const reason = explain(error);
        context.log.warn({ err: error, code: reason.code }, 'a payment could not be prepared');
        if (reason.code === 'network') {
          return refusal(
            'chainUnreachable',
            'The chain can’t be reached right now. Nothing was taken; try again in a minute.',
          );
        }
        return refusal('offerChanged', `This can’t be asked any more: ${reason.sentence} Nothing was taken.`);
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
  const [offer, time] = await Promise.all([currentOffer(context, record), market.now()]);
  if (!offer.ok) return offer;
  const { price, host } = offer;
  const { token } = record.price;
  const order: Order = {
    model: record.model.id,
    workload: record.workload,
    token,
    host,
    maxPrice: price,
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
    inCoin ? price : market.allowanceOf(token, payer),
  ]);
  if (state !== 'none')
    return refusal('paid', 'This question is already paid from this wallet. Nothing more is taken.');
  if (balance < price) {
    return refusal(
      'balanceTooLow',
      `This costs ${priceLabel(price, record.price)} and the wallet has ${balance === 0n ? `no ${record.price.symbol}` : priceLabel(balance, record.price)}. Put money in, or pay from another wallet.`,
    );
  }
  const call = market.askAndPay(order, record.question, record.script, inCoin ? price : 0n);
  const calls: WalletCall[] = [
    ...(allowance < price ? [{ purpose: 'approve' as const, ...market.approve(token, price) }] : []),
    { purpose: 'ask', ...call },
  ];
  return { ok: true, chainId: market.chainId, calls, price, token };
}

/** The quoted host's price now, or another host's that is not above what was shown. */
async function currentOffer(
  context: Context,
  record: AskRecord,
): Promise<{ ok: true; host: Address; price: bigint } | PayRefusal> {
  const inputBytes = bytesOf(record.question).length;
  const subject = { model: record.model.id, workload: record.workload, token: record.price.token, inputBytes };
  const quoteOf = async (host: Address) => {
    const { royalty, hostPrice } = await context.market.quote({ ...subject, host });
    return { ok: true as const, host, price: royalty + hostPrice };
  };
  let reason: unknown;
  try {
    const same = await quoteOf(record.host);
    if (same.price <= record.price.amount) return same;
  } catch (error) {
    if (explain(error).code === 'network') throw error;
    reason = error;
  }
  const model = { ...subject, id: record.model.id, name: record.model.name, seller: zeroAddress, royalty: 0n };
  const other = chooseOffer(context.catalog, model, inputBytes, record.host);
  if (other.ok) {
    const quote = await quoteOf(other.offer.host);
    if (quote.price <= record.price.amount) return quote;
  }
  if (reason) throw reason;
  return refusal(
    'offerChanged',
    'The price has risen since you asked. Ask again in the chat to see the new one; nothing was taken.',
  );
}

function refusal(code: PayRefusal['code'], message: string): PayRefusal {
  return { ok: false, code, message };
}
