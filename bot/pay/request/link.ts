import { customAlphabet } from 'nanoid';
import { type Address, zeroAddress } from '../../../contracts/client/Hex.ts';
import type { Context } from '../../core/Context.ts';
import { translator } from '../../core/I18n.ts';
import { languageOf } from '../../core/languageOf.ts';
import { knownTokens } from '../../core/money/tokens.ts';
import { inLanguage } from '../../core/Say.ts';
import type { Chat, Person } from '../../core/types.ts';
import { nameText } from '../../core/Words.ts';
import { putPost } from '../../store/posts.ts';
import { createRequest, finishRequest } from '../../store/requests.ts';
import { issueNonce, nonceOf, useNonce } from '../../store/signIns.ts';
import type { Db } from '../../store/Tables.ts';
import { linkWallet, othersOf } from '../../store/wallets.ts';
import { checkSignIn, createSignIn, nonceLength, problemText, type SignInTerms, statementFor } from './SignIn.ts';
import { type Advance, type Handler, type Input, type RequestContext, refuse, resultOf } from './types.ts';
import { placeName, shortAddress } from './words.ts';

const newNonce = customAlphabet('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', nonceLength);

/** Sign-In with Ethereum: a wallet becomes a person's. */
export const link: Handler<'link'> = {
  async view({ context, t }, _request, { stored, wallet }) {
    const { person } = stored;
    const others = wallet ? await othersOf(context.store.db, person, wallet) : [];
    return {
      title: t('do.link.title', { person: person.name }),
      text: [t('do.link.text')],
      facts: [
        { label: t('do.link.user'), value: person.name },
        { label: t('do.link.on'), value: placeName(person.platform, t) },
      ],
      fields: [],
      worst: t('do.link.worst'),
      action: t('do.link.action'),
      ...(others.length > 0 && {
        warning: t('do.link.others', { count: others.length }),
      }),
    };
  },

  async advance(on, _request, input) {
    const { context, accounts, t } = on;
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
        step: { type: 'message', id: 'signIn', what: t('do.link.step'), text },
        count: 1,
        of: 1,
      };
    }
    const checked = checkSignIn(signed.text ?? '', terms, context.now());
    if (!checked.ok) return refuse(checked.problem, problemText(checked.problem, t));
    const known = await nonceOf(context.store.db, checked.nonce);
    if (known?.request !== stored.token) {
      return refuse('unknownNonce', t('do.unknownNonce'));
    }
    if (known.usedAt !== undefined) return refuse('replayed', t('do.replayed'));
    if (!(await accounts.isSignedBy(wallet, signed.text ?? '', signed.value))) {
      return refuse('wrongSignature', t('do.wrongSignature'));
    }
    return finish(on, input, checked.nonce);
  },
};

async function finish(
  { context, directOf, t }: RequestContext,
  { stored, wallet }: Input,
  nonce: string,
): Promise<Advance> {
  const { person, token } = stored;
  const now = context.now();
  const message = t('do.link.done', { wallet: shortAddress(wallet), person: person.name });
  return context.store.commit(async (db, changes): Promise<Advance> => {
    if (!(await useNonce(db, { nonce, request: token, at: now }))) {
      return refuse('replayed', t('do.replayed'));
    }
    if (!(await finishRequest(db, token, message))) {
      return refuse('used', t('do.used'));
    }
    await linkWallet(db, person, wallet, now, directOf(person));
    for (const [id, chat] of await tellOthers(db, person, wallet, now)) changes.posts.set(id, chat);
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
        { label: t('do.deposit.title'), token: deposit.token },
        { label: t('do.link.limit'), token: allow.token },
      ],
    };
  });
}

/** Whoever linked the wallet before is told, alone, who did now and how to end it. @returns the posts, and where they are shown */
async function tellOthers(db: Db, person: Person, wallet: Address, now: number): Promise<[string, Chat][]> {
  const posts: [string, Chat][] = [];
  for (const { owner, direct } of await othersOf(db, person, wallet)) {
    if (!direct) continue;
    const { chat, onlyFor } = direct;
    const language = await languageOf(db, { person: personOf(owner), chat });
    const t = translator(language);
    const text = t('link.other', {
      wallet: `\`${shortAddress(wallet)}\``,
      person: nameText(person.name, t('card.somebody')),
      place: placeName(person.platform, t),
    });
    const content = inLanguage(language, { text });
    const post = { role: 'note', chat, content, result: false, owner, ...(onlyFor && { onlyFor }) } as const;
    const id = await putPost(db, post, now);
    if (id) posts.push([id, chat]);
  }
  return posts;
}

/** Of a person's key all but the name. */
function personOf(key: string): Person {
  const [, platform = '', id = ''] = /^(local|discord|telegram):(.*)$/s.exec(key) ?? [];
  if (platform !== 'local' && platform !== 'discord' && platform !== 'telegram') throw new Error(`no person: ${key}`);
  return { platform, id, name: '' };
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
