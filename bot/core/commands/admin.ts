import { auditOf, writeAudit } from '../../store/audit.ts';
import { chatPreferenceOf, type Rule, setChatPreference } from '../../store/preferences.ts';
import type { Db } from '../../store/Tables.ts';
import { chooseModel } from '../Choice.ts';
import type { Context } from '../Context.ts';
import { rules } from '../HouseRules.ts';
import type { Translate } from '../I18n.ts';
import { plain } from '../markdown/plain.ts';
import type { Chat, Incoming, Message } from '../types.ts';
import { clockText, nameText, paragraphs } from '../Words.ts';
import { argumentsOf, type Command, pressButton, type Response } from './Command.ts';

const pageSize = 10;
const mostOften = 1_000;

/** The rules of this chat: who may ask, which models, what price at most, how often. For its admins. */
export const admin: Command = {
  name: 'admin',
  description: 'admin.description',
  options: [
    {
      name: 'action',
      description: 'admin.action',
      kind: 'choice',
      choices: [
        { value: 'show', label: 'admin.show' },
        { value: 'who', label: 'admin.who' },
        { value: 'models', label: 'admin.models' },
        { value: 'price', label: 'admin.price' },
        { value: 'often', label: 'admin.often' },
        { value: 'reset', label: 'admin.reset' },
      ],
    },
    { name: 'value', description: 'admin.value', kind: 'text', isText: true },
  ],
  isPrivate: true,
  async run(context, event, t) {
    if (event.isAdmin !== true) return { note: { text: t('admin.notAdmin') } };
    const { action = 'show', value = '' } = argumentsOf(admin, event);
    const { db } = context.store;
    if (action === 'show') return { note: await show(db, event.chat, t) };
    if (action === 'reset') {
      const clear = async (write: Db) => {
        for (const rule of rules) await setChatPreference(write, event.chat, `rule.${rule}`, undefined);
      };
      return changed(context, event, 'reset', '', t('admin.isReset'), clear);
    }
    const rule = rules.find((one) => one === action);
    if (rule === undefined) return { note: await show(db, event.chat, t) };
    const read = value === 'off' ? { value: undefined } : readRule(context, rule, value, t);
    if ('refusal' in read) return { note: { text: read.refusal } };
    const said = read.value === undefined ? t('admin.isOff') : ruleText(rule, read.value, t);
    return changed(context, event, rule, read.value ?? 'off', said, (write) =>
      setChatPreference(write, event.chat, `rule.${rule}`, read.value),
    );
  },
};

/** What admins did in this chat, and what its rules refused. For its admins. */
export const audit: Command = {
  name: 'audit',
  description: 'audit.description',
  options: [],
  isPrivate: true,
  run: (context, event, t) => log(context, event, 0, t, 'note'),
  press: (context, event, argument, t) =>
    log(context, event, Number(/^\d{1,6}$/.exec(argument)?.[0] ?? 0), t, 'instead'),
};

async function log(
  { store, now }: Context,
  { chat, isAdmin }: Incoming,
  page: number,
  t: Translate,
  as: 'note' | 'instead',
): Promise<Response> {
  if (isAdmin !== true) return { note: { text: t('admin.notAdmin') } };
  const entries = await auditOf(store.db, chat, pageSize + 1, page * pageSize);
  const lines = entries.slice(0, pageSize).map(({ at, person, action, detail }) => {
    const what = `${action}${detail === '' ? '' : ` ${detail}`}`;
    return `- ${clockText(at, now())} **${nameText(person.name, person.id)}**: ${plain(what)}`;
  });
  const buttons = [
    ...(page > 0 ? [pressButton('audit', String(page - 1), t('history.newer'))] : []),
    ...(entries.length > pageSize ? [pressButton('audit', String(page + 1), t('history.older'))] : []),
  ];
  const message: Message = {
    text: lines.length === 0 ? t('audit.none') : paragraphs(t('audit.title'), lines.join('\n')),
    ...(buttons.length > 0 && { buttons }),
  };
  return as === 'note' ? { note: message } : { instead: message };
}

function changed(
  { now }: Context,
  { chat, person }: Incoming,
  action: string,
  detail: string,
  text: string,
  change: (db: Db) => Promise<void>,
): Response {
  return {
    note: { text },
    async write(db) {
      await change(db);
      await writeAudit(db, chat, { at: now(), person, action, detail });
    },
  };
}

async function show(db: Db, chat: Chat, t: Translate): Promise<Message> {
  const set = await Promise.all(
    rules.map(async (rule) => {
      const value = await chatPreferenceOf(db, chat, `rule.${rule}`);
      return value === undefined ? [] : [`- ${ruleText(rule, value, t)}`];
    }),
  );
  const lines = set.flat();
  return { text: paragraphs(t('admin.title'), lines.length > 0 ? lines.join('\n') : t('admin.none'), t('admin.how')) };
}

function ruleText(rule: Rule, value: string, t: Translate): string {
  switch (rule) {
    case 'who':
      return value === 'everyone' || value === 'admins' || value === 'nobody'
        ? t(`admin.who.${value}`)
        : t('admin.who.roles', { roles: plain(value) });
    case 'models':
      return t('admin.models.set', { models: plain(value.split(' ').join(', ')) });
    case 'price':
      return t('admin.price.set', { price: plain(value) });
    case 'often':
      return t('admin.often.set', { times: Number(value) });
  }
}

/** A rule as it is stored, or what was wrong with what was typed. */
function readRule(context: Context, rule: Rule, typed: string, t: Translate): { value: string } | { refusal: string } {
  switch (rule) {
    case 'who': {
      const word = typed.toLowerCase();
      if (word === 'everyone' || word === 'admins' || word === 'nobody') return { value: word };
      const roles = typed.match(/\d{5,20}/g);
      return roles ? { value: roles.join(' ') } : { refusal: t('admin.badWho') };
    }
    case 'models': {
      const names = typed
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean);
      if (names.length === 0) return { refusal: t('admin.badModels') };
      const ids: string[] = [];
      for (const name of names.slice(0, 50)) {
        const chosen = chooseModel(context.catalog, name, undefined, t);
        if (!chosen.ok) return { refusal: chosen.message };
        ids.push(`#${chosen.model.id}`);
      }
      return { value: [...new Set(ids)].join(' ') };
    }
    case 'price': {
      const [, amount, symbol] = /^(\d{1,30}(?:\.\d{1,36})?)\s+(\S{1,20})$/.exec(typed) ?? [];
      return amount && symbol ? { value: `${amount} ${symbol}` } : { refusal: t('admin.badPrice') };
    }
    case 'often': {
      const times = /^\d{1,4}$/.test(typed) ? Number(typed) : 0;
      return times >= 1 && times <= mostOften
        ? { value: String(times) }
        : { refusal: t('admin.badOften', { most: mostOften }) };
    }
  }
}
