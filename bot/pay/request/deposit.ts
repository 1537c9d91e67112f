import { format, parse } from '../../../contracts/client/Amount.ts';
import { type Address, zeroAddress } from '../../../contracts/client/Hex.ts';
import { accountOf } from '../../../contracts/client/Market.ts';
import * as TypedData from '../../../contracts/client/TypedData.ts';
import { depositAddress } from '../../core/money/depositAddress.ts';
import { draftOf, finishRequest, keepDraft } from '../../store/requests.ts';
import { defaultWallet } from '../../store/wallets.ts';
import { permitOf } from '../permitOf.ts';
import { accountName, sendingStep, signingStep, tokenField, tokenOf } from './common.ts';
import { type Advance, type Handler, type Input, type RequestContext, refuse, resultOf } from './types.ts';
import { amountText } from './words.ts';

type PermitDraft = { value: bigint; deadline: bigint };
const permitSeconds = 3_600;

/** Money into an account: coin, or a token by permit where it has one, else by an approval of exactly the amount. */
export const deposit: Handler<'deposit'> = {
  async view({ context, accounts }, request, { stored, fields, wallet }) {
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
      title: 'Put money in',
      text: ['It goes to the account in the market’s contract, not to us. Its owner can take it out at any time.'],
      facts: [
        ...(account === undefined ? [] : [{ label: 'Account', value: accountName(account) }]),
        ...(balance === undefined ? [] : [{ label: 'In it now', value: amountText(balance, token) }]),
        ...(held === undefined ? [] : [{ label: 'Your wallet has', value: amountText(held, token) }]),
      ],
      fields: [
        ...(await tokenField(context, address)),
        { type: 'amount', name: 'amount', label: 'Amount', value: fields['amount'] ?? asked, unit: token.symbol },
      ],
      worst:
        'Only the account’s owner can take money out. What the bot may spend of it is a limit of its own, which this does not change.',
      action: 'Put it in',
      ...(account !== undefined && {
        transfer: {
          address: await depositAddress(context, account),
          token: token.symbol,
          account: accountName(account),
          ...(least > 0n && { least: amountText(least, token) }),
        },
      }),
    };
  },

  async advance(on, request, input) {
    const { context, accounts } = on;
    const { fields, wallet, stored, results } = input;
    const address = tokenOf(context, fields, request.token);
    const token = await context.market.tokenInfo(address);
    const amount = parse(fields['amount'] ?? '', token.decimals);
    if (typeof amount === 'string') return refuse('badAmount', `${amount}.`);
    if (amount === 0n) return refuse('badAmount', 'Write an amount above 0.');
    const owner = (await defaultWallet(context.store.db, stored.person)) ?? wallet;
    const account = request.account ?? accountOf(owner);
    const name = amountText(amount, token);
    if (resultOf(results, 'deposit')) {
      const message = `${name} went into the account ${accountName(account)}.`;
      // A link to a group's purse is for everybody, and so for more than one.
      if (request.account === undefined) await context.store.commit((db) => finishRequest(db, stored.token, message));
      return { ok: true, type: 'done', message, next: [] };
    }
    const held = await context.market.balanceOf(address, wallet);
    if (held < amount) {
      return refuse(
        'balanceTooLow',
        `This wallet has ${amountText(held, token)}. Write less, or choose another wallet.`,
      );
    }
    if (address === zeroAddress) {
      return sendingStep('deposit', `Put in ${name}`, accounts.calls.depositCoin(account, amount));
    }
    return depositToken(on, input, { account, address, amount, name });
  },
};

type TokenDeposit = { account: bigint; address: Address; amount: bigint; name: string };

async function depositToken(on: RequestContext, input: Input, of: TokenDeposit): Promise<Advance> {
  const { context, accounts } = on;
  const { wallet, stored, results } = input;
  const { account, address, amount, name } = of;
  const allowed = await context.market.allowanceOf(address, wallet);
  if (allowed >= amount) {
    return sendingStep('deposit', `Put in ${name}`, accounts.calls.depositToken(account, address, amount));
  }
  const signed = resultOf(results, 'Permit');
  if (!signed) return (await permitStep(on, input, of)) ?? approve(on, input, of, allowed);
  const draft = await draftOf<PermitDraft>(context.store.db, stored.token);
  const permit = draft && permitOf({ ...draft, signature: signed.value }, amount);
  if (!permit) return approve(on, input, of, allowed);
  const call = accounts.calls.depositTokenWithPermit(account, address, amount, permit);
  return sendingStep('deposit', `Put in ${name}`, call, { count: 2, of: 2 });
}

/** Undefined when the token has no permit. */
async function permitStep(
  { context, accounts }: RequestContext,
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
  return signingStep('Permit', `Let the market take exactly ${name}`, data, { count: 1, of: 2 });
}

/** Exactly the amount. Some tokens (USDT) refuse a new approval while an old one stands: that is taken back first. */
function approve(
  { context }: RequestContext,
  { results }: Input,
  { address, amount, name }: TokenDeposit,
  allowed: bigint,
): Advance {
  const { market } = context;
  if (resultOf(results, 'approve')) {
    return refuse('approvedTooLittle', 'What you approved is less than the amount. Try again and leave it as it is.');
  }
  if (allowed > 0n) {
    return sendingStep('clear', 'Take back an old approval', market.approve(address, 0n), { count: 1, of: 3 });
  }
  const call = market.approve(address, amount);
  return sendingStep('approve', `Let the market take exactly ${name}`, call, { count: 1, of: 2 });
}
