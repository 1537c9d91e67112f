import { format, read } from '../../../contracts/client/Amount.ts';
import { type Address, addressSchema, zeroAddress } from '../../../contracts/client/Hex.ts';
import { accountOf, type SignedWithdrawal } from '../../../contracts/client/Market.ts';
import * as TypedData from '../../../contracts/client/TypedData.ts';
import { draftOf, finishRequest, keepDraft } from '../../store/requests.ts';
import { accountName, ownedBy, sendingStep, signingStep, tokenField, tokenOf } from './common.ts';
import { relay } from './relay.ts';
import { type Advance, type Handler, type Input, type RequestContext, refuse, resultOf } from './types.ts';
import { amountRefusal, amountText, shortAddress } from './words.ts';

const signatureSeconds = 3_600;

/** Money out of an account: by a signature that the bot sends (no coin for gas needed), or by the owner's own transaction. */
export const withdraw: Handler<'withdraw'> = {
  async view(on, request, { fields, wallet }) {
    const { context, accounts, t } = on;
    const address = tokenOf(context, fields, request.token);
    const token = await context.market.tokenInfo(address);
    const account = request.account ?? (wallet && accountOf(wallet));
    const balance = account === undefined ? undefined : await accounts.balanceOf(account, address);
    const fee = accounts.relayFee(address);
    return {
      title: t('do.withdraw.title'),
      text: [t('do.withdraw.text')],
      facts: [
        ...(account === undefined ? [] : [{ label: t('do.account'), value: accountName(account, t) }]),
        ...(balance === undefined ? [] : [{ label: t('do.inIt'), value: amountText(balance, token) }]),
      ],
      fields: [
        ...(await tokenField(on, address)),
        {
          type: 'amount',
          name: 'amount',
          label: t('do.amount'),
          value: fields['amount'] ?? (balance === undefined ? '' : format(balance, token.decimals)),
          unit: token.symbol,
        },
        {
          type: 'text',
          name: 'to',
          label: t('do.withdraw.to'),
          value: fields['to'] ?? wallet ?? '',
          hint: t('do.withdraw.own'),
        },
        {
          type: 'choice',
          name: 'how',
          label: t('do.how'),
          value: fields['how'] ?? 'sign',
          choices: [
            {
              value: 'sign',
              label: fee === 0n ? t('do.withdraw.bot') : t('do.withdraw.botFee', { fee: amountText(fee, token) }),
            },
            { value: 'send', label: t('do.how.wallet') },
          ],
        },
      ],
      worst: t('do.withdraw.worst'),
      action: t('do.withdraw.action'),
    };
  },

  async advance(on, request, input) {
    const { context, accounts, t } = on;
    const { fields, wallet, stored, results } = input;
    const address = tokenOf(context, fields, request.token);
    const token = await context.market.tokenInfo(address);
    const account = request.account ?? accountOf(wallet);
    const stranger = await ownedBy(on, account, wallet);
    if (stranger) return stranger;
    const amount = read(fields['amount'] ?? '', token.decimals);
    if (typeof amount !== 'bigint') return refuse('badAmount', amountRefusal(amount, t));
    if (amount === 0n) return refuse('badAmount', t('do.aboveZero'));
    const to = receiver(fields['to']?.trim() || wallet);
    if (!to) return refuse('badAddress', t('do.withdraw.badAddress'));
    if (to === accounts.deployment.market) {
      return refuse('badAddress', t('do.withdraw.market'));
    }
    const words = t('do.withdraw.words', { amount: amountText(amount, token), to: shortAddress(to) });
    if (resultOf(results, 'withdraw')) return done(on, stored.token, words);
    const balance = await accounts.balanceOf(account, address);
    const signed = resultOf(results, 'Withdrawal');
    if (!signed && balance < amount) {
      return refuse('balanceTooLow', t('do.withdraw.has', { amount: amountText(balance, token) }));
    }
    if (fields['how'] === 'send') {
      return sendingStep(
        'withdraw',
        t('do.withdraw.step', { words }),
        accounts.calls.withdraw(account, address, amount, to),
      );
    }
    return bySignature(on, input, { account, token: address, amount, to, words });
  },
};

type Withdrawal = { account: bigint; token: Address; amount: bigint; to: Address; words: string };

async function bySignature(on: RequestContext, { stored, results }: Input, of: Withdrawal): Promise<Advance> {
  const { context, accounts, t } = on;
  const { db } = context.store;
  const signature = resultOf(results, 'Withdrawal');
  if (!signature) {
    const { words, ...terms } = of;
    const relayFee = accounts.relayFee(of.token);
    if (relayFee >= of.amount) return refuse('badAmount', t('do.withdraw.eaten'));
    const [now, nonce] = await Promise.all([context.market.now(), accounts.nonceOf(of.account)]);
    const signed: SignedWithdrawal = {
      ...terms,
      relayFee,
      feePayee: relayFee === 0n ? zeroAddress : accounts.feePayee,
      nonce,
      deadline: BigInt(now + signatureSeconds),
    };
    await keepDraft(db, stored.token, signed);
    return signingStep(
      'Withdrawal',
      t('do.withdraw.sign', { words }),
      TypedData.withdrawal(accounts.deployment, signed),
    );
  }
  const signed = await draftOf<SignedWithdrawal>(db, stored.token);
  if (!signed) return refuse('noDraft', t('do.noDraft'));
  const sent = await relay(on, stored.person, {
    key: `withdraw:${stored.token}:${signed.nonce}`,
    call: accounts.calls.withdrawBySignature(signed, signature.value),
    note: 'withdrawal',
  });
  return sent.ok ? done(on, stored.token, of.words) : sent;
}

async function done({ context, t }: RequestContext, token: string, words: string): Promise<Advance> {
  const message = t('do.withdraw.done', { words });
  await context.store.commit((db) => finishRequest(db, token, message));
  return { ok: true, type: 'done', message, next: [] };
}

function receiver(typed: string): Address | undefined {
  const parsed = addressSchema.safeParse(typed);
  return parsed.success && parsed.data !== zeroAddress ? parsed.data : undefined;
}
