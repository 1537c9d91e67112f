import { accountOf, type Signed } from '../../../contracts/client/Market.ts';
import * as TypedData from '../../../contracts/client/TypedData.ts';
import type { Translate } from '../../core/I18n.ts';
import { knownTokens } from '../../core/money/tokens.ts';
import { draftOf, finishRequest, keepDraft } from '../../store/requests.ts';
import { endSpending } from '../../store/wallets.ts';
import { ownedBy, sendingStep, signingStep } from './common.ts';
import { relay } from './relay.ts';
import { type Advance, type Handler, type Input, type RequestContext, refuse, resultOf } from './types.ts';
import { amountText } from './words.ts';

const signatureSeconds = 3_600;

/** Ends every allowance of an account: by a signature that the bot sends, or by the owner's own transaction. */
export const revoke: Handler<'revoke'> = {
  async view({ context, accounts, t }, request, { fields, wallet }) {
    const account = request.account ?? (wallet && accountOf(wallet));
    const limits = account === undefined ? [] : await limitsOf(context, accounts, account, t);
    return {
      title: t('do.revoke.title'),
      text: [t('do.revoke.text')],
      facts: limits,
      fields: [
        {
          type: 'choice',
          name: 'how',
          label: t('do.how'),
          value: fields['how'] ?? 'sign',
          choices: [
            { value: 'sign', label: t('do.revoke.bot') },
            { value: 'send', label: t('do.how.wallet') },
          ],
        },
      ],
      worst: t('do.revoke.worst'),
      action: t('do.revoke.action'),
      ...(wallet && limits.length === 0 && { warning: t('do.revoke.nothing') }),
    };
  },

  async advance(on, request, input) {
    const { accounts } = on;
    const { wallet, fields, results } = input;
    const account = request.account ?? accountOf(wallet);
    const stranger = await ownedBy(on, account, wallet);
    if (stranger) return stranger;
    if (fields['how'] !== 'send') return bySignature(on, input, account);
    if (resultOf(results, 'revokeAll')) return done(on, input, account);
    return sendingStep('revokeAll', on.t('do.revoke.step'), accounts.calls.revokeAll(account));
  },
};

async function bySignature(on: RequestContext, input: Input, account: bigint): Promise<Advance> {
  const { context, accounts } = on;
  const { stored, results } = input;
  const { db } = context.store;
  const signature = resultOf(results, 'RevokeAll');
  if (!signature) {
    const [now, nonce] = await Promise.all([context.market.now(), accounts.nonceOf(account)]);
    const signed: Signed = { account, nonce, deadline: BigInt(now + signatureSeconds) };
    await keepDraft(db, stored.token, signed);
    return signingStep('RevokeAll', on.t('do.revoke.sign'), TypedData.revokeAll(accounts.deployment, signed));
  }
  const signed = await draftOf<Signed>(db, stored.token);
  if (!signed) return refuse('noDraft', on.t('do.noDraft'));
  const sent = await relay(on, stored.person, {
    key: `revoke:${stored.token}:${signed.nonce}`,
    call: accounts.calls.revokeAllBySignature(signed, signature.value),
    note: 'revoke',
  });
  return sent.ok ? done(on, input, account) : sent;
}

async function done({ context, t }: RequestContext, { stored, wallet }: Input, account: bigint): Promise<Advance> {
  const ended = t('do.revoke.done');
  await context.store.commit(async (db) => {
    await finishRequest(db, stored.token, ended);
    if (account === accountOf(wallet)) await endSpending(db, wallet);
  });
  return { ok: true, type: 'done', message: ended, next: [] };
}

/** What this bot may spend of the account now, one line a token. */
async function limitsOf(
  context: RequestContext['context'],
  accounts: RequestContext['accounts'],
  account: bigint,
  t: Translate,
): Promise<{ label: string; value: string }[]> {
  const found = await Promise.all(
    knownTokens(context).map(async (token) => {
      const { terms, active } = await accounts.allowanceOf(account, token);
      if (!active) return [];
      const info = await context.market.tokenInfo(token);
      return [
        {
          label: t('do.revoke.limitIn', { symbol: info.symbol }),
          value: t('do.revoke.limit', {
            perAsk: amountText(terms.perAsk, info),
            perPeriod: amountText(terms.perPeriod, info),
          }),
        },
      ];
    }),
  );
  return found.flat();
}
