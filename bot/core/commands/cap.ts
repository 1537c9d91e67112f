import { parse } from '../../../contracts/client/Amount.ts';
import { writeAudit } from '../../store/audit.ts';
import { capsOf, purseOf, type StoredCap, setCap, setPurseRules, usesOf } from '../../store/purses.ts';
import { find } from '../Choice.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { plain } from '../markdown/plain.ts';
import { knownTokens, tokenNamed } from '../money/tokens.ts';
import { type CapSubject, capOf, daySeconds, leftOf } from '../purse/Caps.ts';
import { channelOf, groupOf, type Purse } from '../purse/Purse.ts';
import type { Message } from '../types.ts';
import { amountText, modelText, nameText, paragraphs } from '../Words.ts';
import { argumentsOf, type Command, type CommandEvent, type Response } from './Command.ts';

/** Who may spend how much of the group's purse, for which models, in which channels. Without arguments: shown. */
export const cap: Command = {
  name: 'cap',
  description: 'cap.description',
  options: [
    { name: 'day', description: 'cap.day', kind: 'text', isText: true },
    { name: 'who', description: 'cap.who', kind: 'text' },
    { name: 'ask', description: 'cap.ask', kind: 'text' },
    { name: 'models', description: 'cap.models', kind: 'text' },
    { name: 'channels', description: 'cap.channels', kind: 'text' },
  ],
  isPrivate: true,
  async run(context, event, t) {
    const group = groupOf(event);
    if (!group) return { note: { text: t('purse.noGroup') } };
    const purse = await purseOf(context.store.db, group);
    if (!purse) return { note: { text: t('purse.none') } };
    const given = argumentsOf(cap, event);
    if (Object.keys(given).length === 0) {
      const all = event.isAdmin === true;
      const message = await shown(context, purse, event, t);
      return all ? { secret: message } : { note: message };
    }
    if (event.isAdmin !== true) return { note: { text: t('purse.adminsOnly') } };
    return change(context, event, purse, given, t);
  },
};

async function change(
  context: Context,
  event: CommandEvent,
  purse: Purse,
  given: Readonly<Record<string, string>>,
  t: Translate,
): Promise<Response> {
  const rules = rulesOf(context, event, purse, given, t);
  if ('problem' in rules) return { note: { text: rules.problem } };
  const wanted = given['day'] !== undefined || given['ask'] !== undefined || given['who'] !== undefined;
  const set = wanted ? await capGiven(context, event, purse, given, t) : undefined;
  if (set && 'problem' in set) return { note: { text: set.problem } };
  const said = set
    ? t('cap.set', {
        who: whoText(set.stored, t),
        day: amountText(set.stored.cap.perDay, set.info, t),
        ask: amountText(set.stored.cap.perAsk, set.info, t),
      })
    : t('cap.rulesSet');
  return {
    note: { text: said },
    async write(db) {
      if (set) await setCap(db, purse.group, set.stored);
      await setPurseRules(db, purse.group, rules);
      await writeAudit(db, event.chat, {
        at: context.now(),
        person: event.person,
        action: 'cap',
        detail: JSON.stringify(given),
      });
    },
  };
}

type Problem = { problem: string };

function rulesOf(
  { catalog }: Context,
  { chat }: CommandEvent,
  { group }: Purse,
  { models, channels }: Readonly<Record<string, string>>,
  t: Translate,
): Problem | { models?: bigint[] | null; channels?: string[] | null } {
  const names = models === undefined || models === 'all' ? [] : parts(models);
  const found = names.map((name) => find(catalog.models(), name));
  const unknown = names.find((_, index) => !found[index]);
  if (unknown !== undefined) return { problem: t('choice.unknown', { model: nameText(unknown, '?') }) };
  const places = channels === undefined || channels === 'all' ? [] : parts(channels);
  const ids = places.map((place) =>
    place === 'here' ? channelOf(chat, group) : /^(?:<#)?(\d{1,20})>?$/.exec(place)?.[1],
  );
  const strange = places.find((_, index) => ids[index] === undefined);
  if (strange !== undefined) return { problem: t('cap.badChannel', { channel: plain(strange.slice(0, 40)) }) };
  return {
    ...(models !== undefined && { models: models === 'all' ? null : found.flatMap((model) => model?.id ?? []) }),
    ...(channels !== undefined && { channels: channels === 'all' ? null : ids.flatMap((id) => id ?? []) }),
  };
}

/** `5 LANG` for whom the message names or replies to; `everybody 5`; nothing but what the platform vouches for names a member. */
async function capGiven(
  context: Context,
  event: CommandEvent,
  { group }: Purse,
  given: Readonly<Record<string, string>>,
  t: Translate,
): Promise<Problem | { stored: StoredCap; info: { symbol: string; decimals: number } }> {
  const typed = given['day'] ?? '';
  const [, before, amount = '', unit] = /^(?:(\S.*?)\s+)?([\d.,-]+)(?:\s+([^\s\d]\S*))?$/u.exec(typed) ?? [];
  if (typed !== '' && amount === '') return { problem: t('cap.badAmount', { typed: plain(typed.slice(0, 40)) }) };
  const who = subjectOf(given['who'] ?? before, event, t);
  if (!who) return { problem: t('cap.whom') };
  const [first] = knownTokens(context);
  const token = unit === undefined ? undefined : await tokenNamed(context, unit);
  if (unit !== undefined && !token)
    return { problem: t('money.unknownToken', { token: plain(unit.slice(0, 20)), tokens: await symbols(context) }) };
  const address = token?.token ?? first;
  if (address === undefined) return { problem: t('models.none') };
  const info = await context.market.tokenInfo(address);
  const known = (await capsOf(context.store.db, group, address)).find(({ subject }) => isSame(subject, who.subject));
  const perDay =
    amount === '' ? (known?.cap.perDay ?? t('cap.badAmount', { typed: '' })) : parse(amount, info.decimals);
  if (typeof perDay === 'string') return { problem: t('cap.badAmount', { typed: plain(amount.slice(0, 40)) }) };
  const each = given['ask']?.split(/\s/u)[0];
  const perAsk = each === undefined ? perDay : parse(each, info.decimals);
  if (typeof perAsk === 'string') return { problem: t('cap.badAmount', { typed: plain((each ?? '').slice(0, 40)) }) };
  return { info, stored: { ...who, token: address, cap: { perDay, perAsk: perAsk < perDay ? perAsk : perDay } } };
}

function subjectOf(
  named: string | undefined,
  { about }: CommandEvent,
  t: Translate,
): Pick<StoredCap, 'subject' | 'name'> | undefined {
  if (named?.toLowerCase() === 'everybody') return { subject: { type: 'everybody' }, name: t('cap.everybody') };
  const [, kind, id] = /^<@([!&]?)(\d{1,20})>$/.exec(named ?? '') ?? [];
  if (id !== undefined) return { subject: { type: kind === '&' ? 'role' : 'member', id }, name: id };
  if (!about || (named !== undefined && named.replace(/^@/, '') !== about.name)) return undefined;
  return { subject: { type: 'member', id: about.id }, name: about.name };
}

async function shown(context: Context, purse: Purse, event: CommandEvent, t: Translate): Promise<Message> {
  const { store, market, catalog, now } = context;
  const { group, models, channels } = purse;
  const caps = await capsOf(store.db, group);
  const { person, roles = [] } = event;
  const rows = await Promise.all(
    caps
      .filter(({ subject }) => event.isAdmin === true || subject.type !== 'member')
      .map(async (one) => {
        const info = await market.tokenInfo(one.token);
        const amounts = { day: amountText(one.cap.perDay, info, t), ask: amountText(one.cap.perAsk, info, t) };
        return `- ${t('cap.line', { who: whoText(one, t), ...amounts })}`;
      }),
  );
  const own = await Promise.all(
    [...new Set(caps.map(({ token }) => token))].map(async (token) => {
      const mine = capOf(
        caps.filter((one) => one.token === token),
        { id: person.id, roles },
      );
      if (!mine) return [];
      const uses = await usesOf(store.db, { group, person, token, since: now() - daySeconds });
      const info = await market.tokenInfo(token);
      return [
        t('cap.yours', { left: amountText(leftOf(mine, uses, now()), info, t), day: amountText(mine.perDay, info, t) }),
      ];
    }),
  );
  const names = models?.map((id) =>
    modelText({ id, name: catalog.models().find((one) => one.id === id)?.name ?? '' }, t),
  );
  return {
    text: paragraphs(
      t('cap.title'),
      rows.join('\n') || `- ${t('cap.nobody')}`,
      own.flat().join(' ') || t('cap.noneOfYours'),
      ...(names ? [t('cap.onlyModels', { models: names.join(', ') })] : []),
      ...(channels ? [t('cap.onlyChannels', { channels: channels.map((id) => `\`${id}\``).join(', ') })] : []),
      t('cap.how'),
    ),
  };
}

function whoText({ subject, name }: StoredCap, t: Translate): string {
  switch (subject.type) {
    case 'everybody':
      return t('cap.everybody');
    case 'role':
      return t('cap.role', { id: subject.id });
    case 'member':
      return name === subject.id ? t('cap.member', { id: subject.id }) : nameText(name, subject.id);
  }
}

function isSame(a: CapSubject, b: CapSubject): boolean {
  return a.type === b.type && ('id' in a ? a.id : '') === ('id' in b ? b.id : '');
}

function parts(list: string): string[] {
  return list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

async function symbols(context: Context): Promise<string> {
  const all = await Promise.all(knownTokens(context).map((token) => context.market.tokenInfo(token)));
  return all.map(({ symbol }) => plain(symbol)).join(', ');
}
