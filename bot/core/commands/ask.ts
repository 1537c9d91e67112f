import { askByToken, personKey } from '../../store/asks.ts';
import { readCursor } from '../../store/events.ts';
import type { Changes } from '../../store/Store.ts';
import type { Db } from '../../store/Tables.ts';
import type { AskRecord } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import { draftAsk } from '../Draft.ts';
import { houseRefusal } from '../HouseRules.ts';
import type { Translate } from '../I18n.ts';
import { moderated } from '../Moderation.ts';
import { planPayment } from '../money/planPayment.ts';
import { pendingSpend, whyNot } from '../money/planSpend.ts';
import type { Spend } from '../money/Spend.ts';
import { groupKey, groupOf, type PurseUse } from '../purse/Purse.ts';
import { planPurse } from '../purse/planPurse.ts';
import { compose } from '../Question.ts';
import { refresh } from '../Refresh.ts';
import { argumentsOf, type Command, type CommandEvent, type PressEvent, type Response } from './Command.ts';
import { type AskAgreed, hasAgreed, holdForAgreement } from './privacy.ts';

/** A question: drafted, priced, and shown with the way to pay for it. */
export const ask: Command = {
  name: 'ask',
  description: 'ask.description',
  options: [
    { name: 'prompt', description: 'ask.prompt', kind: 'text', isText: true },
    { name: 'model', description: 'ask.model', kind: 'model' },
    { name: 'file', description: 'ask.file', kind: 'file' },
    { name: 'system', description: 'ask.system', kind: 'text' },
  ],
  isPrivate: false,
  run: (context, event, t) => askQuestion(context, event, t, true),
  press: pay,
};

/** A question of somebody who has agreed that it will be public. */
export const askAgreed: AskAgreed = (context, event, t) => askQuestion(context, event, t, false);

async function askQuestion(
  context: Context,
  event: CommandEvent,
  t: Translate,
  mustHaveAgreed: boolean,
): Promise<Response> {
  const { prompt: text = '', model, system } = argumentsOf(ask, event);
  const composed = compose({ text, system, files: event.attachments ?? [] }, t);
  if (!composed.ok) return { note: { text: composed.message } };
  const { prompt, script } = composed;
  const { person } = event;
  const draft = await draftAsk(context, {
    chat: event.chat,
    person,
    ...(event.group !== undefined && { group: event.group }),
    ...(event.roles && { roles: event.roles }),
    language: t.language,
    prompt,
    ...(script !== undefined && { script }),
    ...(model !== undefined && { model }),
    ...(event.message && { replyTo: event.message.id }),
    ...(event.repliesTo && { repliesTo: event.repliesTo }),
  });
  if (!draft.ok) return { note: { text: draft.message } };
  const ruled = await houseRefusal(context.store.db, event, draft.record, t, context.now());
  if (ruled !== undefined) return { note: { text: ruled } };
  if (mustHaveAgreed && !(await hasAgreed(context.store.db, person))) return holdForAgreement(context, event, t);
  // Not before: it goes to somebody else.
  const refused = await moderated(context, event, draft.record, t);
  if (refused) return refused;
  return { ask: await planPayment(context, draft.record, { ...event, isOrder: event.isPlain !== true, t }) };
}

/** The person pressed the button that lets the bot pay an ask for him. Anybody else's press does nothing. */
async function pay(context: Context, event: PressEvent, token: string, t: Translate): Promise<Response> {
  const record = await askByToken(context.store.db, token);
  if (record?.spend?.state !== 'offered' || record.queryId) return { note: { text: t('press.gone') } };
  if (personKey(record.person) !== personKey(event.person)) return { note: { text: t('press.notYours') } };
  if (record.expiresAt <= context.now()) return { note: { text: t('spend.tooLate') } };
  const { account, purse } = record.spend;
  if (purse) return payFromPurse(context, event, record, purse, t);
  const refusal = await whyNot(context, account, record, { person: event.person, t });
  if (refusal !== undefined) return { note: { text: refusal === 'none' ? t('spend.noLimit') : refusal } };
  const spend = await pendingSpend(context, account, record);
  return { note: { text: t('spend.paying') }, write: (db, changes) => begin(context, db, changes, token, spend) };
}

/** Where and as whom somebody presses decides, not where and as whom he asked. */
async function payFromPurse(
  context: Context,
  event: PressEvent,
  record: AskRecord,
  { group }: PurseUse,
  t: Translate,
): Promise<Response> {
  const here = groupOf(event);
  if (!here || groupKey(here) !== group) return { note: { text: t('purse.notMember') } };
  const decide = await planPurse(context, record, event, t);
  const first = await decide(context.store.db);
  if (first.type === 'none') return { note: { text: t('purse.noCap') } };
  if (first.type === 'refused') return { note: { text: t('purse.failed', { reason: first.reason }) } };
  return {
    note: { text: t('purse.paying') },
    async write(db, changes) {
      const decision = await decide(db);
      if (decision.type === 'pays') await begin(context, db, changes, record.token, decision.spend);
    },
  };
}

/** Looked at again where nothing can come in between: two presses at once pay once. */
async function begin(context: Context, db: Db, changes: Changes, token: string, spend: Spend): Promise<void> {
  const now = await askByToken(db, token);
  if (now?.spend?.state !== 'offered' || now.queryId) return;
  await refresh(context, db, changes, { ...now, spend }, (await readCursor(db))?.clock ?? 0);
}
