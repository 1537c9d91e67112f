import type { Address, Hex } from '../../contracts/client/Hex.ts';
import { ownerOf } from '../../contracts/client/Market.ts';
import type { HostChoice } from './HostChoice.ts';
import type { Language } from './I18n.ts';
import { withoutMarkup } from './markdown/plain.ts';
import type { Spend } from './money/Spend.ts';
import type { AskStatus, AskView, Chat, Person } from './types.ts';

export type Price = AskView['price'];

/** An ask as the bot remembers it. Times are unix seconds; prices smallest units of `price.token`. */
export type AskRecord = {
  /** Unguessable; the last part of its pay link. */
  token: string;
  /** Absent: asked from a terminal, which shows it itself. */
  chat?: Chat;
  /** Id of the person's message in `chat`. */
  replyTo?: string;
  person: Person;
  /** What its messages are written in, from the first to the last. */
  language: Language;
  /** Exactly what goes on chain. */
  question: string;
  /** What was changed in what the person typed, in words. */
  note?: string;
  model: { id: bigint; name: string };
  workload: Hex;
  /** The inline workload of model 0, else empty. */
  script: string;
  host: Address;
  /** As quoted: the most that may be taken. */
  price: Price;
  /** What was taken, once paid. */
  taken?: { royalty: bigint; hostPrice: bigint };
  /** Nobody else may take over: a decline returns the money at once. */
  soleHost: boolean;
  /** Absent: asked before that was kept. */
  choice?: HostChoice;
  userSalt: Hex;
  parent: Hex;
  createdAt: number;
  expiresAt: number;
  queryId?: Hex;
  /** Token of the ask that was paid first. */
  sibling?: string;
  status: AskStatus;
  /** Where the result is shown: by editing the card, or (late) in a message of its own. Absent until there is one. */
  resultIn?: 'card' | 'answer';
  dueAt?: number;
  refundAttempts: number;
  /** The bot pays it within an allowance, or tried to. */
  spend?: Spend;
};

/** Where terminals' asks are said to be. */
const terminal: Chat = { platform: 'local', id: 'terminal' };

/** What was taken, or before that what was quoted. */
export function priceOf({ price, taken }: AskRecord): Price {
  return taken ? { ...price, ...taken, amount: taken.royalty + taken.hostPrice } : price;
}

function transferOf({ spend }: AskRecord): Pick<AskView, 'transfer'> {
  if (spend?.state !== 'transfer') return {};
  const { address, account, note } = spend;
  return { transfer: { address, owner: ownerOf(account), ...(note !== undefined && { note: withoutMarkup(note) }) } };
}

/** Whether a group's purse pays for it, or has. */
export function isFromPurse({ spend }: AskRecord): boolean {
  return spend?.state === 'pending' && spend.purse !== undefined;
}

/** @param publicUrl base of every link, without a slash at the end */
export function viewOf(record: AskRecord, publicUrl: string): AskView {
  const { token, chat = terminal, person, question, model, language, note, queryId, sibling, status } = record;
  return {
    token,
    chat,
    person,
    question,
    model,
    price: priceOf(record),
    host: 'host' in status ? status.host : record.host,
    payUrl: `${publicUrl}/pay/${token}`,
    language,
    ...(note && { note }),
    ...(queryId && { queryId }),
    ...(sibling && { sibling }),
    ...transferOf(record),
    status,
  };
}
