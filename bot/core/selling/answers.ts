import { parse } from '../../../contracts/client/Amount.ts';
import type { Address } from '../../../contracts/client/Hex.ts';
import { bytesOf } from '../../../contracts/client/Text.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { plain } from '../markdown/plain.ts';
import { knownTokens, tokenNamed } from '../money/tokens.ts';
import { checkWorkload, workloadOf } from '../OwnWorkload.ts';
import { refusal } from '../Question.ts';
import type { SentFile } from '../types.ts';
import { nameText } from '../Words.ts';
import type { SellDraft, SellStep } from './SellDraft.ts';

/** The registry's own limits, bytes. */
const most = { script: 24_000, name: 64, description: 300, example: 500 } as const;

export type Answer = { text: string; files: readonly SentFile[] };
/** `message`: what was wrong, the rule and the cure. */
export type Taken = { ok: true; draft: SellDraft } | { ok: false; message: string };

/** Takes one answer into the draft, after the same checks that the chain and the hosts make. */
export async function take(
  context: Context,
  draft: SellDraft,
  step: SellStep,
  answer: Answer,
  t: Translate,
): Promise<Taken> {
  const problem = answer.files.flatMap((file) => ('refused' in file ? [refusal(file, t)] : []))[0];
  if (problem !== undefined) return { ok: false, message: problem };
  const text = answer.text.trim();
  switch (step) {
    case 'workload':
      return takeWorkload(draft, answer, t);
    case 'name':
      return takeName(context, draft, text, t);
    case 'description':
    case 'example': {
      const bytes = bytesOf(text).length;
      if (bytes > most[step]) return { ok: false, message: t('sell.tooLong', { bytes, most: most[step] }) };
      return { ok: true, draft: { ...draft, [step]: text } };
    }
    case 'price':
      return takePrice(context, draft, text, t);
  }
}

function takeWorkload(draft: SellDraft, { text, files }: Answer, t: Translate): Taken {
  const [file] = files.flatMap((one) => ('text' in one ? [one] : []));
  const isScript = file !== undefined && /\.py$/i.test(file.name);
  const given = file?.text ?? text;
  if (given.trim() === '') return { ok: false, message: t('sell.noInstructions') };
  const script = isScript ? given : workloadOf(given.trim());
  const bytes = bytesOf(script).length;
  if (bytes > most.script) return { ok: false, message: t('sell.tooLong', { bytes, most: most.script }) };
  const verdict = checkWorkload(script);
  if (verdict.kind === 'wrong') return { ok: false, message: t('workload.wrong', { reason: plain(verdict.reason) }) };
  return { ok: true, draft: { ...draft, workload: { script } } };
}

/** Models are asked for by name: one that looks like an option, a number or another's name would never be reached. */
function takeName({ catalog }: Context, draft: SellDraft, typed: string, t: Translate): Taken {
  const name = typed.normalize('NFC').replace(/\s+/gu, ' ').trim();
  const bytes = bytesOf(name).length;
  if (name === '') return { ok: false, message: t('sell.noName') };
  if (bytes > most.name) return { ok: false, message: t('sell.tooLong', { bytes, most: most.name }) };
  if (/^[#/-]|[\p{C}"“”]/u.test(name)) return { ok: false, message: t('sell.badName') };
  const key = lookAlike(name);
  const taken = catalog.models().find((model) => model.id !== draft.updates && lookAlike(model.name) === key);
  if (taken) return { ok: false, message: t('sell.nameTaken', { name: nameText(taken.name, `#${taken.id}`) }) };
  return { ok: true, draft: { ...draft, name } };
}

/** Equal for names that only case, width, accents or spaces tell apart. */
function lookAlike(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\p{M}\p{C}\p{Z}]/gu, '')
    .toLowerCase();
}

/** `free`, `0.25`, `0.25 LANG`: without a symbol it is the token that most models are paid in. */
async function takePrice(context: Context, draft: SellDraft, typed: string, t: Translate): Promise<Taken> {
  const [, amount = '', symbol = ''] = /^(\S+)(?:\s+(\S+))?$/u.exec(typed) ?? [];
  const token = await priceToken(context, draft, symbol);
  if (token === undefined) return { ok: false, message: t('sell.unknownToken', { token: plain(symbol.slice(0, 20)) }) };
  const { decimals } = await context.market.tokenInfo(token);
  const isFree = amount.toLowerCase() === 'free' || amount.toLowerCase() === t('price.free').toLowerCase();
  const royalty = isFree ? 0n : parse(amount, decimals);
  if (typeof royalty === 'string') {
    return { ok: false, message: t('sell.badPrice', { typed: plain(typed.slice(0, 40)), decimals }) };
  }
  return { ok: true, draft: { ...draft, price: { token, royalty } } };
}

async function priceToken(context: Context, draft: SellDraft, symbol: string): Promise<Address | undefined> {
  const listed = context.catalog.models().find(({ id }) => id === draft.updates);
  const named = symbol === '' ? undefined : await tokenNamed(context, symbol);
  // A listed model's token can't be changed.
  if (listed) return symbol === '' || named?.token === listed.token ? listed.token : undefined;
  return symbol === '' ? knownTokens(context)[0] : named?.token;
}
