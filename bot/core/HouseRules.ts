import { parse } from '../../contracts/client/Amount.ts';
import { askTimesIn } from '../store/asks.ts';
import { chatPreferenceOf, type Rule } from '../store/preferences.ts';
import type { Db } from '../store/Tables.ts';
import { type AskRecord, priceOf } from './AskRecord.ts';
import type { Translate } from './I18n.ts';
import { plain } from './markdown/plain.ts';
import type { TokenLabel } from './money/tokens.ts';
import type { Chat, Incoming } from './types.ts';
import { durationText, modelText } from './Words.ts';

/** What the admins of a chat may rule there; a thread has its own rules or its channel's. */
export const rules = ['who', 'models', 'price', 'often'] as const satisfies readonly Rule[];

const hour = 3_600;

/**
 * Why a question may not be asked here by the chat's own rules: who asks, which model, what price, how often. The same for what is
 * typed and what a button asks.
 * @returns undefined when it may
 */
export async function houseRefusal(
  db: Db,
  { chat, person, isAdmin, roles = [] }: Pick<Incoming, 'chat' | 'person' | 'isAdmin' | 'roles'>,
  record: AskRecord,
  t: Translate,
  now: number,
): Promise<string | undefined> {
  const [who, models, price, often] = await Promise.all(
    rules.map((rule) => chatPreferenceOf(db, chat, `rule.${rule}`)),
  );
  if (who !== undefined && !mayAsk(who, isAdmin === true, roles)) {
    return t(who === 'nobody' ? 'rules.nobody' : who === 'admins' ? 'rules.admins' : 'rules.roles');
  }
  if (models !== undefined && !models.split(' ').includes(`#${record.model.id}`))
    return t('rules.model', { model: modelText(record.model, t) });
  if (price !== undefined && !isWithin(price, record)) return t('rules.price', { most: plain(price) });
  if (often !== undefined) {
    const times = await askTimesIn(db, person, chat, now - hour);
    const freeing = times[times.length - Number(often)];
    if (freeing !== undefined)
      return t('rules.often', { most: Number(often), wait: durationText(Math.max(1, freeing + hour - now), t) });
  }
  return undefined;
}

/** @param who `everyone`, `admins`, `nobody`, or ids of roles */
function mayAsk(who: string, isAdmin: boolean, roles: readonly string[]): boolean {
  if (who === 'everyone' || (isAdmin && who !== 'nobody')) return true;
  return who.split(' ').some((role) => roles.includes(role));
}

/** What a question may cost in this chat by its admins' rule, smallest units; undefined: any price. */
export async function priceLimitHere(db: Db, chat: Chat, token: TokenLabel): Promise<bigint | undefined> {
  const limit = await chatPreferenceOf(db, chat, 'rule.price');
  return limit === undefined ? undefined : limitIn(limit, token);
}

function isWithin(limit: string, record: AskRecord): boolean {
  const price = priceOf(record);
  return price.amount <= limitIn(limit, price);
}

/** A limit is for one token; of any other only what is free is within it. */
function limitIn(limit: string, { symbol, decimals }: Omit<TokenLabel, 'token'>): bigint {
  const [number = '', token] = limit.split(' ');
  const most = parse(number, decimals);
  return token === symbol && typeof most === 'bigint' ? most : 0n;
}
