import { customAlphabet } from 'nanoid';
import { type Address, zeroAddress } from '../../../contracts/client/Hex.ts';
import type { Context } from '../../core/Context.ts';
import { knownTokens } from '../../core/money/tokens.ts';
import type { Person } from '../../core/types.ts';
import { createRequest, finishRequest } from '../../store/requests.ts';
import { issueNonce, nonceOf, useNonce } from '../../store/signIns.ts';
import { linkWallet, othersOf } from '../../store/wallets.ts';
import { checkSignIn, createSignIn, nonceLength, problemText, type SignInTerms, statementFor } from './SignIn.ts';
import { type Advance, type Handler, type Input, type RequestContext, refuse, resultOf } from './types.ts';
import { placeName, shortAddress } from './words.ts';

const newNonce = customAlphabet('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', nonceLength);

/** Sign-In with Ethereum: a wallet becomes a person's. */
export const link: Handler<'link'> = {
  async view({ context }, _request, { stored, wallet }) {
    const { person } = stored;
    const others = wallet ? await othersOf(context.store.db, person, wallet) : [];
    return {
      title: `Link your wallet to ${person.name}`,
      text: ['Your wallet signs one message. That costs nothing and moves nothing.'],
      facts: [
        { label: 'Chat user', value: person.name },
        { label: 'On', value: placeName(person.platform) },
      ],
      fields: [],
      worst:
        'Whoever a wallet is linked to can ask with what that wallet allows this bot to spend, never more. Link only your own chat user.',
      action: 'Sign in with this wallet',
      ...(others.length > 0 && {
        warning: `This wallet is linked to ${others.length === 1 ? 'another chat user' : `${others.length} other chat users`} already. Go on only if they are all yours.`,
      }),
    };
  },

  async advance(on, _request, input) {
    const { context, accounts } = on;
    const { stored, wallet, results } = input;
    const terms = termsOf(context, stored.person, wallet, accounts.deployment.chainId);
    const signed = resultOf(results, 'signIn');
    if (!signed) {
      const nonce = newNonce();
      await issueNonce(context.store.db, { nonce, request: stored.token, expiresAt: stored.expiresAt });
      const text = createSignIn(terms, { nonce, issuedAt: context.now(), expiresAt: stored.expiresAt });
      return {
        ok: true,
        type: 'step',
        step: { type: 'message', id: 'signIn', what: 'Sign in', text },
        count: 1,
        of: 1,
      };
    }
    const checked = checkSignIn(signed.text ?? '', terms, context.now());
    if (!checked.ok) return refuse(checked.problem, problemText(checked.problem));
    const known = await nonceOf(context.store.db, checked.nonce);
    if (known?.request !== stored.token) {
      return refuse(
        'unknownNonce',
        'The message’s nonce is not one that this link was given. Try again from this page.',
      );
    }
    if (known.usedAt !== undefined) return refuse('replayed', 'This signature was used already. Sign anew.');
    if (!(await accounts.isSignedBy(wallet, signed.text ?? '', signed.value))) {
      return refuse('wrongSignature', 'The signature is not by this wallet. Choose the account again and sign anew.');
    }
    return finish(on, input, checked.nonce);
  },
};

async function finish({ context }: RequestContext, { stored, wallet }: Input, nonce: string): Promise<Advance> {
  const { person, token } = stored;
  const now = context.now();
  const message = `${shortAddress(wallet)} is linked to ${person.name}.`;
  return context.store.commit(async (db): Promise<Advance> => {
    if (!(await useNonce(db, { nonce, request: token, at: now }))) {
      return refuse('replayed', 'This signature was used already. Sign anew.');
    }
    if (!(await finishRequest(db, token, message))) {
      return refuse('used', 'This link was used already. Ask the bot for a new one with /link.');
    }
    await linkWallet(db, person, wallet, now);
    const [first = zeroAddress] = knownTokens(context);
    const [deposit, allow] = [
      await createRequest(db, person, { type: 'deposit', token: first }, now),
      await createRequest(db, person, { type: 'allow', token: first }, now),
    ];
    context.log.info({ person: person.platform }, 'wallet linked');
    return {
      ok: true,
      type: 'done',
      message,
      next: [
        { label: 'Put money in', token: deposit.token },
        { label: 'Set a limit, so that /ask needs no wallet', token: allow.token },
      ],
    };
  });
}

function termsOf({ links }: Context, person: Person, address: Address, chainId: number): SignInTerms {
  return {
    domain: new URL(links.publicUrl).host,
    uri: `${links.publicUrl}/do`,
    chainId,
    address,
    statement: statementFor(person),
  };
}
