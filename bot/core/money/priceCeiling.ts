import { explain } from '../../../contracts/client/ContractError.ts';
import { accountOf } from '../../../contracts/client/Market.ts';
import { capsOf, purseOf } from '../../store/purses.ts';
import type { Db } from '../../store/Tables.ts';
import { defaultWallet, maySpend } from '../../store/wallets.ts';
import type { Context } from '../Context.ts';
import type { Asker } from '../findHost.ts';
import { priceLimitHere } from '../HouseRules.ts';
import { capOf } from '../purse/Caps.ts';
import { groupOf } from '../purse/Purse.ts';
import type { Standing } from '../purse/planPurse.ts';
import type { TokenLabel } from './tokens.ts';

/**
 * The most that one question may cost where it is asked and for who asks it: by the chat's rule, by the member's cap in the group's
 * purse, by what the person lets the bot spend. It guides the choice among hosts and permits nothing.
 * @returns smallest units; undefined: nothing limits it, or what does can't be read now
 */
export async function priceCeiling(
  context: Context,
  { chat, person, group, roles = [] }: Asker,
  token: TokenLabel,
): Promise<bigint | undefined> {
  const { db } = context.store;
  const standing = chat && { chat, person, roles, ...(group !== undefined && { group }) };
  const limits = await Promise.all([
    chat && priceLimitHere(db, chat, token),
    standing && memberCap(db, standing, token),
    ownLimit(context, person, token),
  ]);
  return limits
    .filter((limit) => limit !== undefined)
    .reduce<bigint | undefined>((least, limit) => (least === undefined || limit < least ? limit : least), undefined);
}

async function memberCap(db: Db, standing: Standing, { token }: TokenLabel): Promise<bigint | undefined> {
  const group = groupOf(standing);
  if (!group || !(await purseOf(db, group))) return undefined;
  const { person, roles = [] } = standing;
  return capOf(await capsOf(db, group, token), { id: person.id, roles })?.perAsk;
}

async function ownLimit(
  { store, accounts, log }: Context,
  person: Standing['person'],
  { token }: TokenLabel,
): Promise<bigint | undefined> {
  const wallet = await defaultWallet(store.db, person);
  if (!wallet || !(await maySpend(store.db, person, wallet, token))) return undefined;
  try {
    const { terms, available, active } = await accounts.allowanceOf(accountOf(wallet), token);
    if (!active) return undefined;
    const most = terms.perAsk < available ? terms.perAsk : available;
    const fee = accounts.relayFee(token);
    return most > fee ? most - fee : 0n;
  } catch (error) {
    log.warn({ err: error, code: explain(error).code }, 'a limit could not be read');
    return undefined;
  }
}
