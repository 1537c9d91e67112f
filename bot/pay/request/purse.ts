import type { Address } from '../../../contracts/client/Hex.ts';
import { purseAccount } from '../../../contracts/client/Market.ts';
import { translator } from '../../core/I18n.ts';
import type { Accounts } from '../../core/money/Accounts.ts';
import type { PaymentRequest } from '../../core/money/PaymentRequest.ts';
import { countPurses, pursesOwner } from '../../core/purse/ownedPurses.ts';
import { inLanguage } from '../../core/Say.ts';
import { nameText } from '../../core/Words.ts';
import { putPost } from '../../store/posts.ts';
import { bindPurse, purseOf } from '../../store/purses.ts';
import { draftOf, finishRequest } from '../../store/requests.ts';
import { type LimitDraft, limitStep, limitView, relayLimit } from './allow.ts';
import { relay } from './relay.ts';
import {
  type Advance,
  type Handler,
  type Input,
  type Refusal,
  type RequestContext,
  refuse,
  resultOf,
} from './types.ts';
import { shortAddress } from './words.ts';

type PurseRequest = Extract<PaymentRequest, { type: 'purse' }>;

/**
 * A group gets a purse: its owner's wallet signs what the bot may spend of it; the bot opens the purse on chain and sends the limit.
 * It is the group's only once the chain shows it with that owner.
 */
export const purse: Handler<'purse'> = {
  async view(on, request, { fields }) {
    const { t } = on;
    const view = await limitView(on, request.token, fields, 'newPurse');
    return {
      ...view,
      title: t('do.purse.title'),
      text: [t('do.purse.text'), t('do.purse.members')],
      facts: [{ label: t('do.purse.owner'), value: shortAddress(request.owner) }, ...view.facts],
      action: t('do.purse.action'),
    };
  },

  async advance(on, request, input) {
    const { context, t } = on;
    const { stored, wallet, results } = input;
    if (wallet !== request.owner) {
      return refuse('notOwner', t('do.purse.notOwner', { wallet: shortAddress(request.owner) }));
    }
    if (await purseOf(context.store.db, request.group)) return refuse('hasPurse', t('do.purse.has'));
    const signature = resultOf(results, 'AllowanceGrant');
    if (!signature) {
      const account = await nextPurse(on.accounts, request.owner);
      // A purse that was never used: no signature of its owner has counted yet.
      return limitStep(on, input, { token: request.token, account, nonce: 0n });
    }
    const draft = await draftOf<LimitDraft>(context.store.db, stored.token);
    if (!draft) return refuse('noDraft', t('do.limit.noDraft'));
    const failed = await openPurse(on, input, request.owner, draft.signed.account);
    if (failed) return failed;
    const sent = await relayLimit(on, stored, draft, signature.value);
    return sent.ok ? bind(on, request, input, draft.signed.account) : sent;
  },
};

/** @returns why it was not opened, or undefined when the chain shows it with that owner */
async function openPurse(
  on: RequestContext,
  { stored }: Input,
  owner: Address,
  account: bigint,
): Promise<Refusal | undefined> {
  const { accounts } = on;
  if ((await pursesOwner(accounts, account)) === undefined) {
    const sent = await relay(on, stored.person, {
      key: `purse:${stored.token}`,
      call: accounts.calls.openPurse(owner),
      note: 'purse',
    });
    if (!sent.ok) return sent;
  }
  return (await pursesOwner(accounts, account)) === owner ? undefined : refuse('notOwner', on.t('do.purse.notYours'));
}

async function bind(
  { context, t }: RequestContext,
  { group, chat, language, owner }: PurseRequest,
  { stored }: Input,
  account: bigint,
): Promise<Advance> {
  const message = t('do.purse.done');
  return context.store.commit(async (db, changes): Promise<Advance> => {
    const now = context.now();
    if (!(await bindPurse(db, { group, account, owner }, now))) return refuse('hasPurse', t('do.purse.has'));
    await finishRequest(db, stored.token, message);
    const inGroup = translator(language);
    const text = inGroup('purse.opened', { person: nameText(stored.person.name, inGroup('card.somebody')) });
    const id = await putPost(db, { role: 'note', chat, content: inLanguage(language, { text }), result: false }, now);
    if (id) changes.posts.set(id, chat);
    context.log.info({ platform: group.platform }, 'a group has a purse');
    return { ok: true, type: 'done', message, next: [] };
  });
}

/** The first purse of an owner that is not open yet. */
async function nextPurse(accounts: Accounts, owner: Address): Promise<bigint> {
  return purseAccount(owner, (await countPurses(accounts, owner)) + 1n);
}
