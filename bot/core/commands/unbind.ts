import { explain } from '../../../contracts/client/ContractError.ts';
import { zeroAddress } from '../../../contracts/client/Hex.ts';
import { writeAudit } from '../../store/audit.ts';
import { putPost } from '../../store/posts.ts';
import { purseOf, unbindPurse } from '../../store/purses.ts';
import { walletsOf } from '../../store/wallets.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { knownTokens } from '../money/tokens.ts';
import { groupOf, type Purse } from '../purse/Purse.ts';
import { inLanguage } from '../Say.ts';
import type { Person } from '../types.ts';
import { addressText, nameText } from '../Words.ts';
import { type PressEvent, pressButton, type Response } from './Command.ts';
import { requestLink } from './requestCommand.ts';

/** Tells one purse from another within a button's few bytes: an old button must not end a purse that came later. */
const tagOf = ({ account }: Purse) => account.toString(36).slice(-12);

/** What ending a purse's bond with its group means, and the button that does it. */
export async function askToUnbind(context: Context, purse: Purse, t: Translate): Promise<Response> {
  try {
    return {
      note: {
        text: t('purse.unbindAsk', await whoseIs(context, purse)),
        buttons: [pressButton('purse', tagOf(purse), t('purse.unbindButton'))],
      },
    };
  } catch (error) {
    context.log.warn({ err: error, code: explain(error).code }, 'a purse could not be read');
    return { note: { text: t('money.chainUnreachable') } };
  }
}

/**
 * The purse is the group's no more, with its caps; the money is not touched, and what is paid goes on. By an admin or the owner, as
 * the platform and the chain say at this moment.
 */
export async function unbind(context: Context, event: PressEvent, tag: string, t: Translate): Promise<Response> {
  const { store, now } = context;
  const group = groupOf(event);
  const purse = group && (await purseOf(store.db, group));
  if (!purse || tagOf(purse) !== tag) return { note: { text: t('press.gone') } };
  const { person, chat } = event;
  try {
    const owns = await isOwner(context, person, purse);
    if (event.isAdmin !== true && !owns) return { note: { text: t('purse.adminsOnly') } };
    const money: Response = owns
      ? await requestLink(
          context,
          event,
          { type: 'withdraw', token: knownTokens(context)[0] ?? zeroAddress, account: purse.account },
          'purse.about.unbound',
          t,
        )
      : { note: { text: t('purse.unboundAdmin', await whoseIs(context, purse)) } };
    return {
      ...money,
      claim: (db) => unbindPurse(db, purse),
      async write(db, changes) {
        const at = now();
        await writeAudit(db, chat, { at, person, action: 'purse', detail: 'unbind' });
        const text = t('purse.unbound', { person: nameText(person.name, t('card.somebody')) });
        const content = inLanguage(t.language, { text });
        const id = await putPost(db, { role: 'note', chat, content, result: false }, at);
        if (id) changes.posts.set(id, chat);
      },
    };
  } catch (error) {
    context.log.warn({ err: error, code: explain(error).code }, 'a purse could not be read');
    return { note: { text: t('money.chainUnreachable') } };
  }
}

async function whoseIs({ accounts, links }: Context, { account }: Purse): Promise<{ owner: string; account: string }> {
  return { owner: addressText(await accounts.ownerOf(account), links.explorer), account: String(account) };
}

/** The owner keeps his way to the money when he administers the group no more. @throws ContractError */
export async function isOwner({ store, accounts }: Context, person: Person, { account }: Purse): Promise<boolean> {
  const linked = await walletsOf(store.db, person);
  if (linked.length === 0) return false;
  const owner = await accounts.ownerOf(account);
  return linked.some(({ address }) => address === owner);
}
