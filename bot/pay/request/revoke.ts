import { accountOf, type Signed } from '../../../contracts/client/Market.ts';
import * as TypedData from '../../../contracts/client/TypedData.ts';
import { knownTokens } from '../../core/money/tokens.ts';
import { draftOf, finishRequest, keepDraft } from '../../store/requests.ts';
import { ownedBy, sendingStep, signingStep } from './common.ts';
import { relay } from './relay.ts';
import { type Advance, type Handler, type Input, type RequestContext, refuse, resultOf } from './types.ts';
import { amountText } from './words.ts';

const signatureSeconds = 3_600;
const ended = 'The bot may no longer spend anything of this account.';

/** Ends every allowance of an account: by a signature that the bot sends, or by the owner's own transaction. */
export const revoke: Handler<'revoke'> = {
  async view({ context, accounts }, request, { fields, wallet }) {
    const account = request.account ?? (wallet && accountOf(wallet));
    const limits = account === undefined ? [] : await limitsOf(context, accounts, account);
    return {
      title: 'End what the bot may spend',
      text: [
        'All limits of this account end at once, also those for other bots, and signatures not used yet become worthless.',
      ],
      facts: limits,
      fields: [
        {
          type: 'choice',
          name: 'how',
          label: 'Who sends it',
          value: fields['how'] ?? 'sign',
          choices: [
            { value: 'sign', label: 'The bot, without a network fee' },
            { value: 'send', label: 'My wallet, for a network fee' },
          ],
        },
      ],
      worst: 'Nothing can be lost by this. Questions already paid for go on.',
      action: 'End it',
      ...(wallet && limits.length === 0 && { warning: 'This bot may spend nothing of this account as it is.' }),
    };
  },

  async advance(on, request, input) {
    const { accounts } = on;
    const { wallet, fields, results } = input;
    const account = request.account ?? accountOf(wallet);
    const stranger = await ownedBy(accounts, account, wallet);
    if (stranger) return stranger;
    if (fields['how'] !== 'send') return bySignature(on, input, account);
    if (resultOf(results, 'revokeAll')) return done(on, input);
    return sendingStep('revokeAll', 'End every limit', accounts.calls.revokeAll(account));
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
    return signingStep('RevokeAll', 'Sign that it ends', TypedData.revokeAll(accounts.deployment, signed));
  }
  const signed = await draftOf<Signed>(db, stored.token);
  if (!signed) return refuse('noDraft', 'Nothing was prepared here. Try again from this page.');
  const failed = await relay(on, stored.person, {
    key: `revoke:${stored.token}:${signed.nonce}`,
    call: accounts.calls.revokeAllBySignature(signed, signature.value),
    note: 'revoke',
  });
  return failed ?? done(on, input);
}

async function done({ context }: RequestContext, { stored }: Input): Promise<Advance> {
  await context.store.commit((db) => finishRequest(db, stored.token, ended));
  return { ok: true, type: 'done', message: ended, next: [] };
}

/** What this bot may spend of the account now, one line a token. */
async function limitsOf(
  context: RequestContext['context'],
  accounts: RequestContext['accounts'],
  account: bigint,
): Promise<{ label: string; value: string }[]> {
  const found = await Promise.all(
    knownTokens(context).map(async (token) => {
      const { terms, active } = await accounts.allowanceOf(account, token);
      if (!active) return [];
      const info = await context.market.tokenInfo(token);
      return [
        {
          label: `Limit in ${info.symbol}`,
          value: `${amountText(terms.perAsk, info)} a question, ${amountText(terms.perPeriod, info)} in all`,
        },
      ];
    }),
  );
  return found.flat();
}
