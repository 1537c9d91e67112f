import { format, parse } from '../../../contracts/client/Amount.ts';
import { type Address, addressSchema, zeroAddress } from '../../../contracts/client/Hex.ts';
import { accountOf, type SignedWithdrawal } from '../../../contracts/client/Market.ts';
import * as TypedData from '../../../contracts/client/TypedData.ts';
import { draftOf, finishRequest, keepDraft } from '../../store/requests.ts';
import { accountName, ownedBy, sendingStep, signingStep, tokenField, tokenOf } from './common.ts';
import { relay } from './relay.ts';
import { type Advance, type Handler, type Input, type RequestContext, refuse, resultOf } from './types.ts';
import { amountText, shortAddress } from './words.ts';

const signatureSeconds = 3_600;

/** Money out of an account: by a signature that the bot sends (no coin for gas needed), or by the owner's own transaction. */
export const withdraw: Handler<'withdraw'> = {
  async view({ context, accounts }, request, { fields, wallet }) {
    const address = tokenOf(context, fields, request.token);
    const token = await context.market.tokenInfo(address);
    const account = request.account ?? (wallet && accountOf(wallet));
    const balance = account === undefined ? undefined : await accounts.balanceOf(account, address);
    const fee = accounts.relayFee(address);
    const free = fee === 0n ? 'without a fee' : `for ${amountText(fee, token)} of it`;
    return {
      title: 'Take money out',
      text: ['Whatever no open question holds can be taken out, at any time.'],
      facts: [
        ...(account === undefined ? [] : [{ label: 'Account', value: accountName(account) }]),
        ...(balance === undefined ? [] : [{ label: 'In it now', value: amountText(balance, token) }]),
      ],
      fields: [
        ...(await tokenField(context, address)),
        {
          type: 'amount',
          name: 'amount',
          label: 'Amount',
          value: fields['amount'] ?? (balance === undefined ? '' : format(balance, token.decimals)),
          unit: token.symbol,
        },
        {
          type: 'text',
          name: 'to',
          label: 'To the address',
          value: fields['to'] ?? wallet ?? '',
          hint: 'Your own wallet, unless you write another.',
        },
        {
          type: 'choice',
          name: 'how',
          label: 'Who sends it',
          value: fields['how'] ?? 'sign',
          choices: [
            { value: 'sign', label: `The bot, ${free}` },
            { value: 'send', label: 'My wallet, for a network fee' },
          ],
        },
      ],
      worst: 'Money sent to a wrong address can’t be brought back. Look at its first and last characters.',
      action: 'Take it out',
    };
  },

  async advance(on, request, input) {
    const { context, accounts } = on;
    const { fields, wallet, stored, results } = input;
    const address = tokenOf(context, fields, request.token);
    const token = await context.market.tokenInfo(address);
    const account = request.account ?? accountOf(wallet);
    const stranger = await ownedBy(accounts, account, wallet);
    if (stranger) return stranger;
    const amount = parse(fields['amount'] ?? '', token.decimals);
    if (typeof amount === 'string') return refuse('badAmount', `${amount}.`);
    if (amount === 0n) return refuse('badAmount', 'Write an amount above 0.');
    const to = receiver(fields['to']?.trim() || wallet);
    if (!to)
      return refuse('badAddress', 'The address must be 0x and 40 hexadecimal digits, exactly as it was given to you.');
    if (to === accounts.deployment.market) {
      return refuse('badAddress', 'That is the market itself. Write an address of your own.');
    }
    const words = `${amountText(amount, token)} to ${shortAddress(to)}`;
    if (resultOf(results, 'withdraw')) return done(on, stored.token, words);
    const balance = await accounts.balanceOf(account, address);
    const signed = resultOf(results, 'Withdrawal');
    if (!signed && balance < amount) {
      return refuse('balanceTooLow', `The account has ${amountText(balance, token)} that no open question holds.`);
    }
    if (fields['how'] === 'send') {
      return sendingStep('withdraw', `Take out ${words}`, accounts.calls.withdraw(account, address, amount, to));
    }
    return bySignature(on, input, { account, token: address, amount, to, words });
  },
};

type Withdrawal = { account: bigint; token: Address; amount: bigint; to: Address; words: string };

async function bySignature(on: RequestContext, { stored, results }: Input, of: Withdrawal): Promise<Advance> {
  const { context, accounts } = on;
  const { db } = context.store;
  const signature = resultOf(results, 'Withdrawal');
  if (!signature) {
    const { words, ...terms } = of;
    const relayFee = accounts.relayFee(of.token);
    if (relayFee >= of.amount)
      return refuse('badAmount', 'The bot’s fee would eat it up. Send it with your own wallet.');
    const [now, nonce] = await Promise.all([context.market.now(), accounts.nonceOf(of.account)]);
    const signed: SignedWithdrawal = {
      ...terms,
      relayFee,
      feePayee: relayFee === 0n ? zeroAddress : accounts.feePayee,
      nonce,
      deadline: BigInt(now + signatureSeconds),
    };
    await keepDraft(db, stored.token, signed);
    return signingStep('Withdrawal', `Sign: take out ${words}`, TypedData.withdrawal(accounts.deployment, signed));
  }
  const signed = await draftOf<SignedWithdrawal>(db, stored.token);
  if (!signed) return refuse('noDraft', 'Nothing was prepared here. Try again from this page.');
  const failed = await relay(on, stored.person, {
    key: `withdraw:${stored.token}:${signed.nonce}`,
    call: accounts.calls.withdrawBySignature(signed, signature.value),
    note: 'withdrawal',
  });
  return failed ?? done(on, stored.token, of.words);
}

async function done({ context }: RequestContext, token: string, words: string): Promise<Advance> {
  const message = `${words} is on its way.`;
  await context.store.commit((db) => finishRequest(db, token, message));
  return { ok: true, type: 'done', message, next: [] };
}

function receiver(typed: string): Address | undefined {
  const parsed = addressSchema.safeParse(typed);
  return parsed.success && parsed.data !== zeroAddress ? parsed.data : undefined;
}
