import { randomBytes } from 'node:crypto';
import { nanoid } from 'nanoid';
import { explain } from '../../contracts/client/ContractError.ts';
import { hex, zeroHash } from '../../contracts/client/Hex.ts';
import { workloadHash } from '../../contracts/client/Query.ts';
import { bytesOf } from '../../contracts/client/Text.ts';
import { askByToken, askTimes, lastAnswered } from '../store/asks.ts';
import { askOfMessage } from '../store/posts.ts';
import { chatPreferenceOf, preferenceOf } from '../store/preferences.ts';
import type { AskRecord } from './AskRecord.ts';
import { askable, chooseModel, openModel } from './Choice.ts';
import type { Context } from './Context.ts';
import { canContinue, continuation } from './Conversation.ts';
import { type FoundHost, findHost } from './findHost.ts';
import { type Language, type Translate, translator } from './I18n.ts';
import type { CatalogModel } from './Market.ts';
import { plain } from './markdown/plain.ts';
import { checkWorkload } from './OwnWorkload.ts';
import { cleanPrompt } from './Prompt.ts';
import type { Chat, MessageRef, Person } from './types.ts';
import { durationText, reasonText } from './Words.ts';

export type AskRequest = {
  /** Where the card goes. Absent: nowhere, the caller shows the ask itself. */
  chat?: Chat;
  person: Person;
  /** The group and roles that the person has there, by the platform's word. */
  group?: string;
  roles?: readonly string[];
  prompt: string;
  /** What the card is written in. */
  language: Language;
  /** Name or `#id`; absent: the default. */
  model?: string;
  /** A workload of one's own, asked as model 0. */
  script?: string;
  /** The message that this one replies to: when it is an answer of ours, the conversation goes on. */
  repliesTo?: MessageRef;
  /** Id of the message in `chat` that the card answers. */
  replyTo?: string;
  updateId?: string;
};

/** `message` is CommonMark of our own wording; from `CreateAsk` it is plain text. */
export type Refused = { ok: false; message: string };

/** Checks a request, picks an offer and asks the chain what it costs now. Takes and writes nothing. */
export async function draftAsk(
  context: Context,
  request: AskRequest,
): Promise<{ ok: true; record: AskRecord } | Refused> {
  const t = translator(request.language);
  const clean = cleanPrompt(request.prompt, t);
  if (!clean.ok) return clean;
  const replied = await earlierOf(context, request);
  if (replied && !canContinue(replied)) return { ok: false, message: t('draft.noAnswer') };
  const { db } = context.store;
  const here = request.chat && (await chatPreferenceOf(db, request.chat, 'model'));
  // The chat's own goes first: there everybody asks the same.
  const preferred = here ?? (await preferenceOf(db, request.person, 'model'));
  const threaded = replied ? undefined : await lastOfThread(context, request);
  const chosen = modelOf(context, request, replied ?? (here === undefined ? threaded : undefined), preferred, t);
  if (!chosen.ok) return chosen;
  const { model, script } = chosen;
  // A model that remembers nothing is told so only to who meant to go on.
  const earlier = replied ?? (model.turns === 0 ? undefined : threaded);
  const continued = earlier && (await continuation(db, earlier, t, model.turns));
  const inputBytes = bytesOf(clean.prompt).length;
  const wait = request.chat && (await coolDown(context, request.person, t));
  if (wait) return wait;
  let found: FoundHost | Refused;
  try {
    found = await findHost(context, request, model, inputBytes, t);
  } catch (error) {
    return { ok: false, message: unavailable(context, error, t) };
  }
  if (!found.ok) return found;
  const now = context.now();
  const expiresAt = now + context.rules.payLinkSeconds;
  const notes = [clean.note, chosen.note, continued?.note].filter((note) => note !== undefined);
  const record: AskRecord = {
    token: nanoid(),
    ...(request.chat && { chat: request.chat }),
    ...(request.replyTo && { replyTo: request.replyTo }),
    person: request.person,
    question: clean.prompt,
    language: request.language,
    ...(notes.length > 0 && { note: notes.join(' ') }),
    model: { id: model.id, name: model.name },
    workload: model.workload,
    script,
    host: found.host,
    price: found.price,
    soleHost: found.soleHost,
    choice: found.choice,
    userSalt: hex(`0x${randomBytes(32).toString('hex')}`),
    parent: continued?.parent ?? zeroHash,
    createdAt: now,
    expiresAt,
    status: { state: 'awaiting', expiresAt },
    refundAttempts: 0,
  };
  return { ok: true, record };
}

/** The ask whose card or answer the person's message replies to. */
async function earlierOf({ store }: Context, { repliesTo }: AskRequest): Promise<AskRecord | undefined> {
  const token = repliesTo && (await askOfMessage(store.db, repliesTo));
  return token === undefined ? undefined : askByToken(store.db, token);
}

/**
 * A thread is one conversation: without a reply the question goes on from the last answer in it, unless another model is named.
 * @returns undefined, too, when nobody offers that answer's model any more
 */
async function lastOfThread({ store, catalog }: Context, request: AskRequest): Promise<AskRecord | undefined> {
  const { chat, model, script } = request;
  if (chat?.thread === undefined || model !== undefined || script !== undefined) return undefined;
  const last = await lastAnswered(store.db, chat);
  const isOffered = last && (last.model.id === 0n || askable(catalog).some(({ id }) => id === last.model.id));
  return isOffered ? last : undefined;
}

/** A conversation goes on with its model, its own workload included, unless another is named. */
function modelOf(
  context: Context,
  { script: given, model: named }: AskRequest,
  earlier: AskRecord | undefined,
  preferred: string | undefined,
  t: Translate,
): { ok: true; model: CatalogModel; script: string; note?: string } | Refused {
  const script = given ?? (named === undefined && earlier?.model.id === 0n ? earlier.script : undefined);
  const model = named ?? (earlier && `#${earlier.model.id}`);
  if (script === undefined) {
    // A choice that nobody offers any more is passed over, not an error.
    const own =
      model === undefined && preferred !== undefined
        ? chooseModel(context.catalog, preferred, undefined, t)
        : undefined;
    const chosen = own?.ok ? own : chooseModel(context.catalog, model, context.rules.defaultModel, t);
    return chosen.ok ? { ...chosen, script: '' } : chosen;
  }
  const verdict = checkWorkload(script);
  if (verdict.kind === 'wrong') return { ok: false, message: t('workload.wrong', { reason: plain(verdict.reason) }) };
  const note = given !== undefined && verdict.kind === 'computed' ? t('workload.computed') : undefined;
  return { ok: true, model: openModel(workloadHash(script)), script, ...(note && { note }) };
}

async function coolDown(context: Context, person: Person, t: Translate): Promise<Refused | undefined> {
  const now = context.now();
  const times = await askTimes(context.store.db, person, now - 60);
  const limit = context.rules.asksPerMinute;
  const freeing = times[times.length - limit];
  if (freeing === undefined) return undefined;
  const wait = durationText(Math.max(1, freeing + 60 - now), t);
  return { ok: false, message: t('draft.coolDown', { times: times.length, wait }) };
}

function unavailable(context: Context, error: unknown, t: Translate): string {
  const reason = explain(error);
  context.log.warn({ err: error, code: reason.code }, 'no quote');
  return reason.code === 'network' ? t('draft.network') : t('draft.refused', { reason: plain(reasonText(reason, t)) });
}
