import type { Generated, Kysely, Transaction } from 'kysely';

/** Booleans are 0 and 1, amounts decimal text, times unix seconds, anything structured JSON (`Json.ts`): portable SQL. */
export type Tables = {
  updates: { platform: string; update_id: string; at: number };
  asks: AskRow;
  events: EventRow;
  cursor: { id: number; body: string; clock: number };
  posts: PostRow;
  parts: PartRow;
  market_log: MarketLogRow;
  host_log: HostLogRow;
  /** Unfinished dialogues of /sell. */
  sales: { owner: string; chat: string; body: string; at: number };
  /** Listings that their sellers' wallets were given to send. */
  listings: ListingRow;
  preferences: { owner: string; name: string; value: string };
  /** What admins did in their chats, and what was refused there. */
  audit: { id: string; chat: string; at: number; person: string; action: string; detail: string };
  /** Questions of people who have not agreed yet that questions are public; `event` is JSON. */
  held: { id: string; owner: string; event: string; at: number };
  wallets: WalletRow;
  spend_rights: SpendRightRow;
  watched_accounts: { account: string };
  requests: RequestRow;
  sign_ins: { nonce: string; request: string; expires_at: number; used_at: number | null };
  transfers: TransferRow;
  relays: { owner: string; at: number };
  purses: PurseRow;
  purse_caps: PurseCapRow;
};

export type AskRow = {
  token: string;
  /** JSON Chat, null when asked from a terminal. */
  chat: string | null;
  /** Id of the person's message, in that chat. */
  reply_to: string | null;
  person_key: string;
  person: string;
  /** Code of the language of its messages. */
  language: string;
  question: string;
  note: string | null;
  model_id: string;
  model_name: string;
  workload: string;
  script: string;
  host: string;
  pay_token: string;
  symbol: string;
  decimals: number;
  royalty: string;
  host_price: string;
  /** What was taken, once paid: at most what was quoted. */
  taken_royalty: string | null;
  taken_host_price: string | null;
  sole_host: number;
  user_salt: string;
  parent: string;
  created_at: number;
  expires_at: number;
  query_id: string | null;
  sibling: string | null;
  state: string;
  status: string;
  /** Where the result is shown: null until there is one. */
  result_in: string | null;
  /** Chain time after which the money can go back; null: not by time. */
  due_at: number | null;
  refund_due: number;
  refund_attempts: number;
  /** 1: the person wants it forgotten as soon as it is over. */
  forget: Generated<number>;
  /** JSON Spend; null: nobody's allowance pays for it. */
  spend: string | null;
  /** JSON HostChoice; null: asked before that was kept. */
  choice: string | null;
  spend_state: string | null;
  /** Key of the group whose purse pays for it, and since when that counts; null: none. */
  purse: string | null;
  purse_at: number | null;
};

/** What every ask of the market says of hosts and sellers, in few words. Null where the event has none. */
export type MarketLogRow = {
  block: number;
  log_index: number;
  at: number;
  type: string;
  query_id: string;
  model_id: string | null;
  host: string | null;
  seller: string | null;
  token: string | null;
  royalty: string | null;
  reason: string | null;
};

/** How an ask ended for the host whose it was (hostLog.ts). `seconds`: to the answer; null: there was none. */
export type HostLogRow = {
  block: number;
  log_index: number;
  host: string;
  model_id: string;
  outcome: string;
  seconds: number | null;
};

/** `model_id`: null until the chain has it. */
export type ListingRow = {
  workload: string;
  name: string;
  owner: string;
  person: string;
  chat: string;
  language: string;
  model_id: string | null;
};

export type EventRow = {
  block: number;
  log_index: number;
  /** Null for events of the registry and of accounts. */
  query_id: string | null;
  /** Decimal text; null for all but events of accounts. */
  account: string | null;
  body: string;
};

/** A wallet that proved to be a person's. `owner` is the person's key. `direct`: JSON Direct, where the person is told of it; null: nowhere. */
export type WalletRow = {
  owner: string;
  address: string;
  is_default: number;
  linked_at: number;
  direct: string | null;
};

/**
 * A limit that a wallet signed for this person, on a link of the person's own. `token`: `*` for what was signed before rights
 * were kept by token. `epoch`: the account's when it was signed; `block`: where it was mined.
 */
export type SpendRightRow = { owner: string; address: string; token: string; epoch: number; block: number };

/** A deposit address that somebody was shown. */
export type TransferRow = {
  address: string;
  account: string;
  salt: string;
  /** Token of the ask that it pays for; null: it fills the account. */
  ask: string | null;
  /** JSON of the ask's order and until when it can be opened. */
  terms: string | null;
  shown_at: number;
  watch_until: number;
  sweeps: number;
  swept_on: number;
  sweeps_that_day: number;
};

/** `models`, `channels`: JSON lists of the only ones it pays for; null: all. */
export type PurseRow = {
  group_key: string;
  account: string;
  owner: string;
  models: string | null;
  channels: string | null;
  bound_at: number;
};

/** `subject`: `everybody`, `role:` or `member:` and the platform's id. */
export type PurseCapRow = {
  group_key: string;
  subject: string;
  token: string;
  name: string;
  per_day: string;
  per_ask: string;
};

/** Something that a person was given a link for. */
export type RequestRow = {
  token: string;
  owner: string;
  person: string;
  /** JSON PaymentRequest. */
  body: string;
  code: string;
  created_at: number;
  expires_at: number;
  /** JSON of what a wallet was asked to sign last. */
  draft: string | null;
  /** What came of it, in words; null: nothing yet. */
  outcome: string | null;
};

/** A logical message that should be shown in a chat; the outbox makes it so. */
export type PostRow = {
  id: string;
  ask: string | null;
  role: string;
  chat: string;
  reply_to: string | null;
  update_id: string | null;
  only_for: string | null;
  content: string;
  /** Key of the person whom a note answers. */
  owner: string | null;
  /** 1: worth a new message when the old one is gone. */
  result: number;
  version: number;
  shown: number;
  state: string;
  created_at: number;
};

/** One platform message of a post. */
export type PartRow = {
  post: string;
  place: number;
  nonce: string;
  state: string;
  /** JSON MessageRef. */
  message_id: string | null;
  /** The same to look it up by: platform, chat and message. */
  message_key: string | null;
  shown_hash: string | null;
  sent_at: number | null;
  /** 1: sent again without knowing whether the first arrived. */
  repeated: number;
};

export type Db = Kysely<Tables> | Transaction<Tables>;
