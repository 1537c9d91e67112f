import { format, read } from '../../../contracts/client/Amount.ts';
import { type Address, zeroAddress } from '../../../contracts/client/Hex.ts';
import { accountOf, isPurse } from '../../../contracts/client/Market.ts';
import * as TypedData from '../../../contracts/client/TypedData.ts';
import { depositAddress } from '../../core/money/depositAddress.ts';
import { draftOf, finishRequest, keepDraft } from '../../store/requests.ts';
import { defaultWallet } from '../../store/wallets.ts';
import { permitOf } from '../permitOf.ts';
import { accountName, sendingStep, signingStep, tokenField, tokenOf } from './common.ts';
import { type Advance, type Handler, type Input, type RequestContext, refuse, resultOf } from './types.ts';
import { amountRefusal, amountText } from './words.ts';

type PermitDraft = { value: bigint; deadline: bigint };
const permitSeconds = 3_600;

/** Money into an account: coin, or a token by permit where it has one, else by an approval of exactly the amount. */
export const deposit: Handler<'deposit'> = {
  async view(on, request, { stored, fields, wallet }) {
    const { context, accounts, t } = on;
    const address = tokenOf(context, fields, request.token);
    const token = await context.market.tokenInfo(address);
    const owner = (await defaultWallet(context.store.db, stored.person)) ?? wallet;
    const account = request.account ?? (owner && accountOf(owner));
    const [balance, held] = await Promise.all([
      account === undefined ? undefined : accounts.balanceOf(account, address),
      wallet ? context.market.balanceOf(address, wallet) : undefined,
    ]);
    const least = accounts.relayFee(address);
    const asked = request.amount === undefined ? '' : format(request.amount, token.decimals);
    return {
      title: t('do.deposit.title'),
      text: [t('do.deposit.text')],
      facts: [
        ...(account === undefined ? [] : [{ label: t('do.account'), value: accountName(account, t) }]),
        ...(balance === undefined ? [] : [{ label: t('do.inIt'), value: amountText(balance, token) }]),
        ...(held === undefined ? [] : [{ label: t('do.deposit.walletHas'), value: amountText(held, token) }]),
      ],
      fields: [
        ...(await tokenField(on, address)),
        { type: 'amount', name: 'amount', label: t('do.amount'), value: fields['amount'] ?? asked, unit: token.symbol },
      ],
      worst: t('do.deposit.worst'),
      action: t('do.deposit.action'),
      ...(account !== undefined && {
        transfer: {
          address: await depositAddress(context, account),
          token: token.symbol,
          account: accountName(account, t),
          ...(least > 0n && { least: amountText(least, token) }),
        },
      }),
    };
  },

  async advance(on, request, input) {
    const { context, accounts, t } = on;
    const { fields, wallet, stored, results } = input;
    const address = tokenOf(context, fields, request.token);
    const token = await context.market.tokenInfo(address);
    const amount = read(fields['amount'] ?? '', token.decimals);
    if (typeof amount !== 'bigint') return refuse('badAmount', amountRefusal(amount, t));
    if (amount === 0n) return refuse('badAmount', t('do.aboveZero'));
    const owner = (await defaultWallet(context.store.db, stored.person)) ?? wallet;
    const account = request.account ?? accountOf(owner);
    const name = amountText(amount, token);
    if (resultOf(results, 'deposit')) {
      const message = t('do.deposit.done', {
        amount: name,
        kind: isPurse(account) ? 'purse' : 'own',
        account: accountName(account, t),
      });
      // A link to a group's purse is for everybody, and so for more than one.
      if (request.account === undefined) await context.store.commit((db) => finishRequest(db, stored.token, message));
      return { ok: true, type: 'done', message, next: [] };
    }
    const held = await context.market.balanceOf(address, wallet);
    if (held < amount) {
      return refuse('balanceTooLow', t('do.deposit.held', { amount: amountText(held, token) }));
    }
    if (address === zeroAddress) {
      return sendingStep(
        'deposit',
        t('do.deposit.step', { amount: name }),
        accounts.calls.depositCoin(account, amount),
      );
    }
    return depositToken(on, input, { account, address, amount, name });
  },
};

type TokenDeposit = { account: bigint; address: Address; amount: bigint; name: string };

async function depositToken(on: RequestContext, input: Input, of: TokenDeposit): Promise<Advance> {
  const { context, accounts, t } = on;
  const { wallet, stored, results } = input;
  const { account, address, amount, name } = of;
  const allowed = await context.market.allowanceOf(address, wallet);
  if (allowed >= amount) {
    return sendingStep(
      'deposit',
      t('do.deposit.step', { amount: name }),
      accounts.calls.depositToken(account, address, amount),
    );
  }
  const signed = resultOf(results, 'Permit');
  if (!signed) return (await permitStep(on, input, of)) ?? approve(on, input, of, allowed);
  const draft = await draftOf<PermitDraft>(context.store.db, stored.token);
  const permit = draft && permitOf({ ...draft, signature: signed.value }, amount);
  if (!permit) return approve(on, input, of, allowed);
  const call = accounts.calls.depositTokenWithPermit(account, address, amount, permit);
  return sendingStep('deposit', t('do.deposit.step', { amount: name }), call, { count: 2, of: 2 });
}

/** Undefined when the token has no permit. */
async function permitStep(
  { context, accounts, t }: RequestContext,
  { wallet, stored, results }: Input,
  { address, amount, name }: TokenDeposit,
): Promise<Advance | undefined> {
  const domain = resultOf(results, 'approve') ? undefined : await accounts.permitDomain(address, wallet);
  if (!domain) return undefined;
  const { market, store } = context;
  const deadline = BigInt((await market.now()) + permitSeconds);
  await keepDraft(store.db, stored.token, { value: amount, deadline } satisfies PermitDraft);
  const terms = { token: address, ...domain, owner: wallet, spender: market.market, value: amount, deadline };
  const data = TypedData.permit(market.chainId, terms);
  return signingStep('Permit', t('do.deposit.exactly', { amount: name }), data, { count: 1, of: 2 });
}

/** Exactly the amount. Some tokens (USDT) refuse a new approval while an old one stands: that is taken back first. */
function approve(
  { context, t }: RequestContext,
  { results }: Input,
  { address, amount, name }: TokenDeposit,
  allowed: bigint,
): Advance {
  const { market } = context;
  if (resultOf(results, 'approve')) {
    return refuse('approvedTooLittle', t('do.deposit.approvedTooLittle'));
  }
  if (allowed > 0n) {
    return sendingStep('clear', t('do.deposit.clear'), market.approve(address, 0n), { count: 1, of: 3 });
  }
  const call = market.approve(address, amount);
  return sendingStep('approve', t('do.deposit.exactly', { amount: name }), call, { count: 1, of: 2 });
}
