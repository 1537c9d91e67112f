import type { RefundReason } from '../../contracts/client/Ask.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';
import type { ConnectionStatus } from './ConnectionStatus.ts';
import type { Way } from './Health.ts';
import type { Language } from './I18n.ts';
import type { Picture } from './picture/Picture.ts';

export const platforms = ['local', 'discord', 'telegram'] as const;
export type Platform = (typeof platforms)[number];

/** Where a conversation is. `thread` is a Discord thread or Telegram topic inside it. */
export type Chat = { platform: Platform; id: string; thread?: string };

/** Where one person is told something alone; `onlyFor` where others read along in that chat. */
export type Direct = { chat: Chat; onlyFor?: Person };

/** Who speaks. `name` is what the platform shows: untrusted text. */
export type Person = { platform: Platform; id: string; name: string };

/** One message on a platform. */
export type MessageRef = { chat: Chat; id: string };

/**
 * A file sent along with a question. The adapter fetches it from its platform and nowhere else, and says when it can't be used:
 * `tooLarge` or `tooMany` for the limits in Files.ts, `notText` for anything but UTF-8 text, `unreachable` when the platform
 * doesn't hand it out.
 */
export type SentFile =
  | { name: string; text: string }
  | { name: string; refused: 'tooLarge' | 'tooMany' | 'notText' | 'unreachable' };

/** What every event has. `updateId` is unique per platform: a repeated one is handled once. */
type Event = {
  updateId: string;
  chat: Chat;
  person: Person;
  /** The language of the person's client as the platform names it (BCP 47): a first guess, untrusted. */
  locale?: string;
  /** By the platform's word the person administers this chat; absent: no, or not known. */
  isAdmin?: boolean;
  /**
   * Where only this person reads, on platforms that can't show something here to one person alone; `nowhere`: there is no such
   * place. Absent: here.
   */
  direct?: Chat | 'nowhere';
  /** Ids of the roles that the person has in this chat (Discord). */
  roles?: readonly string[];
  /**
   * The group of people that this chat belongs to (a Discord server, a Telegram group, the local channel) and that the person is a
   * member of, by the platform's word for this very event. Absent: a private chat, no member, or not known.
   */
  group?: string;
};

/** What a person did, translated from the platform. */
export type Incoming =
  | (Event & {
      type: 'command';
      name: string;
      /** What follows the command, as typed (untrusted). */
      text: string;
      /** Named options, where the platform has them (Discord: `model`, `system`). */
      options: Readonly<Record<string, string>>;
      /** No command was typed: the text was meant for the bot as a mention, a reply, or in a private chat; `name` is `ask`. */
      isPlain?: true;
      attachments?: readonly SentFile[];
      /** The message that holds the command, where there is one to reply to. */
      message?: MessageRef;
      /** The message that the person's own message replies to: an answer of ours is continued. */
      repliesTo?: MessageRef;
      /** Who wrote that message, or whom the text names in a way that the platform vouches for; never a bot. */
      about?: Person;
    })
  | (Event & {
      type: 'press';
      /** The message that holds the button. */
      message: MessageRef;
      /** What the core put in the button. */
      data: string;
    });

export type Button =
  | { type: 'link'; label: string; url: string }
  /** `data` at most 64 bytes (Telegram's limit). */
  | { type: 'press'; label: string; data: string }
  /** Opens a form for a question that replies to this message. Left out where people simply reply. */
  | { type: 'write'; label: string };

/**
 * What the bot says, free of any platform. `text` and `footer` are CommonMark of our own wording in which everything that
 * came from outside went through `plain()`; `answer` is a model's Markdown, as it stands on chain: untrusted.
 * Order shown: text, answer, footer, buttons, file.
 */
export type Message = {
  /** What the bot's own words in it are in, and the platform's own additions should be. Absent: English. */
  language?: Language;
  text: string;
  answer?: string;
  footer?: string;
  buttons?: readonly Button[];
  file?: MessageFile;
};

/** What goes along with a message. A picture is drawn when it is sent. */
export type MessageFile = { name: string; text: string } | { name: string; picture: Picture };

/** One message as the platform takes it, within its limits. */
export type Part<Payload = unknown> = { payload: Payload };

/**
 * Sending failed in a way that says what to do next.
 * - `gone`: this message or chat can't be reached any more; try elsewhere or keep it for the history
 * - `later`: surely not sent, try again
 * - `unknown`: it may have been sent; find out, or try again and admit it
 */
export type DeliveryFailure = 'gone' | 'later' | 'unknown';

export class DeliveryError extends Error {
  override name = 'DeliveryError';
  readonly kind: DeliveryFailure;
  constructor(kind: DeliveryFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** A group has another id from now on, by the platform's own word: the same people in another chat. */
export type GroupMove = { platform: Platform; from: string; to: string };

/** A platform, as the core sees it. */
export type Adapter<Payload = unknown> = {
  platform: Platform;
  /** A second `send` with the same nonce makes no second message. Without it a send of unknown outcome is marked as repeated. */
  dropsRepeats?: boolean;
  /** Connects and hands every event to `receive`, and to `moved` when a group gets another id; resolves when connected. */
  start(receive: (event: Incoming) => Promise<void>, moved?: (move: GroupMove) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
  status(): ConnectionStatus;
  /** How and since when (unix seconds) it has been connected; undefined: it is not. Absent: nothing to connect to. */
  connection?(): { by: Way; since: number } | undefined;
  /** The message in one or more parts, each within the platform's limits. Buttons go on the first. Pure. */
  render(message: Message): Part<Payload>[];
  /**
   * Sends one part and returns what was made of it.
   * @param options.replyTo the message it answers
   * @param options.updateId the event it answers: platforms with interactions (Discord) use up the pending one
   * @param options.nonce equal for equal sends: platforms that can (Discord) drop the second one
   * @param options.onlyFor show it to this person alone where the platform can
   * @throws DeliveryError
   */
  send(
    chat: Chat,
    part: Part<Payload>,
    options: { replyTo?: MessageRef; updateId?: string; nonce: string; onlyFor?: Person },
  ): Promise<MessageRef>;
  /** Replaces a message's content; content that is already there is no error. @throws DeliveryError */
  edit(ref: MessageRef, part: Part<Payload>): Promise<void>;
  /**
   * The bot's own messages in a chat since then (unix seconds) that reply to `replyTo`, or to nothing, oldest first: tells whether a
   * send of unknown outcome was made. Absent where a bot can't read what it wrote (Telegram). @throws DeliveryError
   */
  find?(chat: Chat, about: { since: number; replyTo?: MessageRef }): Promise<readonly MessageRef[]>;
  /** Where else a person can be told a result when `chat` is gone, best first; never a wider audience. Absent: nowhere. */
  elsewhere?(chat: Chat, person: Person): readonly Chat[];
  /** Where this person alone reads what the bot says unasked. Absent, or undefined: nowhere. */
  direct?(person: Person): Direct | undefined;
  /** A web address that opens a model in a chat of this platform. Absent: the platform has no such links, or is not connected. */
  modelLink?(model: bigint): string | undefined;
};

/** The steps of an ask that a person watches, each with its time (unix seconds) and, on chain, its transaction. */
export type Step = { at: number; transaction: Hex; block: number };

/**
 * The life of an ask as its card shows it. The chain is its truth; `awaiting` and `expired` are the bot's own.
 * `refundDue`: by the chain's clock the money can go back, and the bot is sending it back.
 */
export type AskStatus =
  | { state: 'awaiting'; expiresAt: number }
  | { state: 'expired' }
  /** The bot is paying it with an account's money; not on chain yet. */
  | { state: 'sending' }
  | {
      state: 'paid';
      paid: Step;
      takenOver?: Step;
      host: Address;
      exclusiveUntil: number;
      deadline: number;
      refundDue?: RefundReason;
    }
  /** `soleHost`: nobody else may take over, the money is due back at once. */
  | {
      state: 'declined';
      paid: Step;
      host: Address;
      declined: Step;
      reason: string;
      deadline: number;
      soleHost: boolean;
      refundDue?: RefundReason;
    }
  /** The answer is public and the report on the oracle is due by `reportDue`. */
  | {
      state: 'delivered';
      paid: Step;
      host: Address;
      delivered: Step;
      answer: string;
      reportDue: number;
      refundDue?: RefundReason;
    }
  | { state: 'reported'; paid: Step; host: Address; delivered: Step; answer: string; sealed: Step; finalAt: number }
  | {
      state: 'final';
      paid: Step;
      host: Address;
      delivered: Step;
      answer: string;
      sealed: Step;
      settled: Step;
      hostPrice: bigint;
      royalty: bigint;
    }
  /** `reason`: in words, with the host's own (untrusted) when it declined; those alone are `declineReason`. */
  | {
      state: 'refunded';
      paid: Step;
      host: Address;
      refunded: Step;
      reason: string;
      code?: RefundReason;
      amount: bigint;
      declineReason?: string;
      delivered?: Step;
      sealed?: Step;
      answer?: string;
    };

/** An ask as the bot knows it. */
export type AskView = {
  /** Unguessable; the last part of its pay link. */
  token: string;
  chat: Chat;
  person: Person;
  question: string;
  model: { id: bigint; name: string };
  /** All that may be taken: royalty and host's price, smallest units of `token`. */
  price: { amount: bigint; token: Address; symbol: string; decimals: number; royalty: bigint; hostPrice: bigint };
  /** The host whose offer was quoted, or, once paid, the one that answers now. */
  host: Address;
  /** Where it is paid, and later watched. */
  payUrl: string;
  /** Of the words on its page. */
  language: Language;
  queryId?: Hex;
  /** What is special about it, in words: something was taken out, or it continues a conversation. */
  note?: string;
  /** The plain transfer that would pay it, and how that stands, in words. `owner`: whose any rest is. */
  transfer?: { address: Address; owner: Address; note?: string };
  /** Paid a second time by another wallet: the token of the ask that was paid first. */
  sibling?: string;
  status: AskStatus;
};
