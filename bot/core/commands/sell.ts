import { postOfMessage } from '../../store/posts.ts';
import { expectListing, keepSale, saleOf } from '../../store/sales.ts';
import type { Db } from '../../store/Tables.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { take } from '../selling/answers.ts';
import { listingRequest } from '../selling/listingRequest.ts';
import { sellMessage } from '../selling/messages.ts';
import { goingRates } from '../selling/rates.ts';
import { hashOf, isSellStep, nextStep, type SellDraft, type SellStep, termsOf, without } from '../selling/SellDraft.ts';
import type { Chat, Incoming, Person, SentFile } from '../types.ts';
import { argumentsOf, type Command, type CommandEvent, type PressEvent, type Response } from './Command.ts';
import { requestLink } from './requestCommand.ts';

/** An unfinished sale is forgotten after this, seconds. */
const saleSeconds = 3_600;

/**
 * Sells a model, question by question: each answer is typed after the command, or as a reply, or, in private, just typed. Nothing is
 * on the chain before the seller's own wallet sends the listing from the page.
 */
export const sell: Command = {
  name: 'sell',
  description: 'sell.description',
  options: [
    { name: 'answer', description: 'sell.answer', kind: 'text', isText: true },
    { name: 'file', description: 'sell.file', kind: 'file' },
  ],
  isPrivate: true,
  run: (context, event, t) => typed(context, event, argumentsOf(sell, event)['answer'] ?? '', t),
  press: pressed,
};

/** Whether a plain message answers the bot's question of a sale rather than asking a model. */
export async function isSaleAnswer(context: Context, event: CommandEvent): Promise<boolean> {
  const { store, now } = context;
  if (!event.isPlain) return false;
  const draft = await saleOf(store.db, event.person, event.chat, now() - saleSeconds);
  if (!draft || nextStep(draft) === undefined) return false;
  if (!event.repliesTo) return true;
  const post = await postOfMessage(store.db, event.repliesTo);
  return post?.content.buttons?.some((button) => button.type === 'press' && button.data.startsWith('sell:')) ?? false;
}

async function typed(context: Context, event: CommandEvent, text: string, t: Translate): Promise<Response> {
  const draft = await saleOf(context.store.db, event.person, event.chat, context.now() - saleSeconds);
  const files = event.attachments ?? [];
  const step = nextStep(draft ?? {});
  if (text.trim() === '' && files.length === 0) return goOn(context, event, draft ?? {}, t);
  if (!step) return goOn(context, event, draft ?? {}, t);
  return answer(context, event, draft ?? {}, step, { text, files }, t);
}

async function answer(
  context: Context,
  event: Incoming,
  draft: SellDraft,
  step: SellStep,
  given: { text: string; files: readonly SentFile[] },
  t: Translate,
): Promise<Response> {
  const taken = await take(context, draft, step, given, t);
  if (taken.ok) return goOn(context, event, taken.draft, t);
  return { note: await sellMessage(context, draft, t, taken.message), write: keeping(context, event, draft) };
}

async function goOn(context: Context, event: Incoming, draft: SellDraft, t: Translate): Promise<Response> {
  return { note: await sellMessage(context, draft, t), write: keeping(context, event, draft) };
}

function keeping({ now }: Context, { person, chat }: { person: Person; chat: Chat }, draft: SellDraft | undefined) {
  return (db: Db) => keepSale(db, person, chat, draft, now());
}

async function pressed(context: Context, event: PressEvent, argument: string, t: Translate): Promise<Response> {
  const draft = await saleOf(context.store.db, event.person, event.chat, context.now() - saleSeconds);
  if (!draft) return { note: { text: t('sell.over') } };
  const [what = '', which = ''] = argument.split('-');
  switch (what) {
    case 'cancel':
      return { instead: { text: t('sell.cancelled') }, write: keeping(context, event, undefined) };
    case 'change':
      return isSellStep(which) ? goOn(context, event, without(draft, which), t) : { note: { text: t('press.gone') } };
    case 'skip':
    case 'free':
    case 'rate':
      return answerByButton(context, event, draft, { what, which }, t);
    case 'list':
      return list(context, event, draft, t);
    default:
      return { note: { text: t('press.gone') } };
  }
}

/** A button of an earlier question does nothing once that is answered. */
async function answerByButton(
  context: Context,
  event: PressEvent,
  draft: SellDraft,
  { what, which }: { what: 'skip' | 'free' | 'rate'; which: string },
  t: Translate,
): Promise<Response> {
  const step = nextStep(draft);
  if (what === 'skip' && step === which && (step === 'description' || step === 'example'))
    return goOn(context, event, { ...draft, [step]: '' }, t);
  if (step !== 'price' || what === 'skip') return { note: { text: t('press.gone') } };
  const rate = goingRates(context, draft.updates)[what === 'rate' ? Number(which) : 0];
  if (what === 'free' && !rate) return answer(context, event, draft, step, { text: 'free', files: [] }, t);
  if (!rate) return { note: { text: t('press.gone') } };
  const price = { token: rate.token, royalty: what === 'free' ? 0n : rate.middle };
  return goOn(context, event, { ...draft, price }, t);
}

/** The link with which the seller's own wallet lists it. */
async function list(context: Context, event: PressEvent, draft: SellDraft, t: Translate): Promise<Response> {
  const terms = termsOf(draft);
  if (!terms) return goOn(context, event, draft, t);
  const { person, chat } = event;
  const request = await listingRequest(context, person, terms);
  if ('problem' in request) return { note: { text: t(request.problem) } };
  const about = terms.updates === undefined ? 'sell.link' : 'sell.linkChange';
  return {
    ...(await requestLink(context, event, request, about, t)),
    write: async (db) => {
      await expectListing(db, { workload: hashOf(terms), name: terms.name, person, chat, language: t.language });
      await keepSale(db, person, chat, undefined, context.now());
    },
  };
}
