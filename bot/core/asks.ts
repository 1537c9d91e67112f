import { randomBytes } from 'node:crypto';
import { nanoid } from 'nanoid';
import { explain } from '../../contracts/client/ContractError.ts';
import { hex, zeroHash } from '../../contracts/client/Hex.ts';
import { workloadHash } from '../../contracts/client/Query.ts';
import { bytesOf } from '../../contracts/client/Text.ts';
import { askTimes, insertAsk } from '../store/asks.ts';
import type { Changes } from '../store/Store.ts';
import type { Db } from '../store/Tables.ts';
import { type AskRecord, viewOf } from './AskRecord.ts';
import { chooseModel, fittingOffers, openModel } from './Choice.ts';
import type { Context } from './Context.ts';
import type { CatalogModel } from './Market.ts';
import { plain } from './markdown/plain.ts';
import { type Priced, price } from './Pricing.ts';
import { cleanPrompt } from './Prompt.ts';
import { say } from './Say.ts';
import type { AskView, Chat, Person } from './types.ts';
import { durationText } from './Words.ts';

export type AskRequest = {
  /** Where the card goes. Absent: nowhere, the caller shows the ask itself. */
  chat?: Chat;
  person: Person;
  prompt: string;
  /** Name or `#id`; absent: the default. */
  model?: string;
  /** A workload of one's own, asked as model 0. */
  script?: string;
  /** Id of the message in `chat` that the card answers. */
  replyTo?: string;
  updateId?: string;
};

/** `message` is CommonMark of our own wording; from `CreateAsk` it is plain text. */
export type Refused = { ok: false; message: string };
export type CreateAsk = (request: AskRequest) => Promise<{ ok: true; view: AskView } | Refused>;

/** Longest inline script, bytes: what the registry takes for stored ones. */
const maxScriptBytes = 24_575;

/** Checks a request, picks an offer and asks the chain what it costs now. Takes and writes nothing. */
export async function draftAsk(
  context: Context,
  request: AskRequest,
): Promise<{ ok: true; record: AskRecord } | Refused> {
  const clean = cleanPrompt(request.prompt);
  if (!clean.ok) return clean;
  const chosen = modelOf(context, request);
  if (!chosen.ok) return chosen;
  const { model, script } = chosen;
  const inputBytes = bytesOf(clean.prompt).length;
  const found = fittingOffers(context.catalog, model, inputBytes);
  if (!found.ok) return found;
  const wait = request.chat && (await coolDown(context, request.person));
  if (wait) return wait;
  let priced: Priced | undefined;
  let token: { symbol: string; decimals: number };
  try {
    const subject = { model: model.id, workload: model.workload, token: model.token, inputBytes };
    [priced, token] = await Promise.all([
      price(context.market, subject, found.offers),
      context.market.tokenInfo(model.token),
    ]);
  } catch (error) {
    return { ok: false, message: unavailable(context, error) };
  }
  if (!priced) return { ok: false, message: 'No host offers an answer right now. Nothing was taken; try again later.' };
  const now = context.now();
  const expiresAt = now + context.rules.payLinkSeconds;
  const { host, royalty, hostPrice } = priced;
  const record: AskRecord = {
    token: nanoid(),
    ...(request.chat && { chat: request.chat }),
    ...(request.replyTo && { replyTo: request.replyTo }),
    person: request.person,
    question: clean.prompt,
    ...(clean.note && { note: clean.note }),
    model: { id: model.id, name: model.name },
    workload: model.workload,
    script,
    host,
    price: { amount: royalty + hostPrice, token: model.token, ...token, royalty, hostPrice },
    soleHost: found.offers.length === 1,
    userSalt: hex(`0x${randomBytes(32).toString('hex')}`),
    parent: zeroHash,
    createdAt: now,
    expiresAt,
    status: { state: 'awaiting', expiresAt },
    refundAttempts: 0,
  };
  return { ok: true, record };
}

/** Writes a drafted ask and its card, in the caller's transaction. */
export async function openAsk(
  context: Context,
  db: Db,
  changes: Changes,
  record: AskRecord,
  updateId?: string,
): Promise<void> {
  await insertAsk(db, record);
  await say(context, db, changes, record, updateId);
  changes.asks.add(record.token);
}

/** The ask of a terminal, or of anything else that has no platform update to answer. */
export function createAsk(context: Context): CreateAsk {
  return async (request) => {
    const draft = await draftAsk(context, request);
    if (!draft.ok) return { ok: false, message: withoutMarkup(draft.message) };
    await context.store.commit((db, changes) => openAsk(context, db, changes, draft.record, request.updateId));
    context.log.info({ model: draft.record.model.name, person: request.person.platform }, 'ask made');
    return { ok: true, view: viewOf(draft.record, context.links.publicUrl) };
  };
}

function modelOf(
  context: Context,
  { script, model }: AskRequest,
): { ok: true; model: CatalogModel; script: string } | Refused {
  if (script === undefined) {
    const chosen = chooseModel(context.catalog, model, context.rules.defaultModel);
    return chosen.ok ? { ...chosen, script: '' } : chosen;
  }
  const bytes = bytesOf(script).length;
  if (script.trim() === '')
    return { ok: false, message: 'The workload script is empty. It assigns at least `prompt` and `input`.' };
  if (bytes > maxScriptBytes) {
    return { ok: false, message: `The workload script has ${bytes} bytes; at most ${maxScriptBytes} are possible.` };
  }
  for (const name of ['prompt', 'input']) {
    if (!new RegExp(`^${name}\\s*=(?!=)`, 'm').test(script)) {
      return {
        ok: false,
        message: `The workload script never assigns \`${name}\`. Add a line such as \`${name} = "…"\`.`,
      };
    }
  }
  return { ok: true, model: openModel(workloadHash(script)), script };
}

async function coolDown(context: Context, person: Person): Promise<Refused | undefined> {
  const now = context.now();
  const times = await askTimes(context.store.db, person, now - 60);
  const limit = context.rules.asksPerMinute;
  const freeing = times[times.length - limit];
  if (freeing === undefined) return undefined;
  return {
    ok: false,
    message: `You asked ${times.length} times in the last minute. Try again in ${durationText(Math.max(1, freeing + 60 - now))}; nothing was taken.`,
  };
}

function unavailable(context: Context, error: unknown): string {
  const reason = explain(error);
  context.log.warn({ err: error, code: reason.code }, 'no quote');
  if (reason.code === 'network')
    return 'The chain can’t be reached right now. Nothing was taken; try again in a minute.';
  return `This can’t be asked right now: ${plain(reason.sentence)} Nothing was taken.`;
}

/** Our own CommonMark as a terminal shows it. */
function withoutMarkup(text: string): string {
  return text.replace(/\*\*/g, '').replace(/\\([!-/:-@[-`{-~])/g, '$1');
}
