import type { Generated } from 'kysely';
import type { State } from '../../contracts/client/Ask.ts';
import type { VoteResult } from '../../contracts/client/Governance.ts';
import type { Address, Hex } from '../../contracts/client/Hex.ts';

/** An event of an ask's life, as the chain told it. Texts that bigints are written as: see `Json.ts`. */
export type EventRow = {
  block: number;
  log_index: number;
  query_id: Hex;
  type: string;
  /** Unix seconds of the block. */
  timestamp: number;
  transaction_hash: Hex;
  /** The AskEvent, JSON. */
  data: string;
};

/** An ask: what the chain says of it (folded from its events), and what this host knows by itself. */
export type AskRow = {
  query_id: Hex;
  // -- the chain's
  state: State;
  /** 1: this host is the eligible one. */
  mine: 0 | 1;
  account: string;
  /** The market's struct, JSON. */
  ask: string;
  /** Unix seconds. */
  asked_at: number;
  deadline: number;
  /** Unix seconds; from then on another host may take it over. */
  exclusive_until: number;
  sole_host: 0 | 1;
  /** 1: its answer is reported under its own query id. */
  by_report: 0 | 1;
  delivered_block: number | null;
  delivered_log: number | null;
  delivered_at: number | null;
  /** Unix seconds; a report after it seals nothing. */
  report_due: number | null;
  /** keccak256 of the answer on chain. */
  answer_hash: Hex | null;
  report_query_id: Hex | null;
  reported_at: number | null;
  /** The host that delivered, if any. */
  deliverer: Address | null;
  // -- this host's own
  /** The model's answer, kept before it is sent. */
  answer: string | null;
  /** Which provider and model gave it. */
  answered_by: string | null;
  /** Why this host gives the ask up, for the asker. */
  failure: string | null;
  /** Idempotency key of the transaction under way that concerns this ask. */
  action: string | null;
  /** Transactions for this ask that failed. */
  failures: Generated<number>;
  /** Unix seconds of the chain's clock before which nothing is tried again. */
  not_before: Generated<number>;
};

export type ActionKind = 'deliver' | 'deliverByReport' | 'report' | 'decline' | 'settle' | 'takeOver';

/** A transaction of this host that concerns asks. */
export type ActionRow = {
  /** The sender's idempotency key. */
  key: string;
  kind: ActionKind;
  /** Query ids in the order of the batch, JSON. */
  query_ids: string;
  /** The query id under which this batch is reported; null when it is not a batch. */
  report_query_id: Hex | null;
  /** `mined` waits for the follower to come to its block; `done` and `failed` are over. */
  status: 'pending' | 'mined' | 'done' | 'failed';
  /** Where it was mined. */
  block: number | null;
};

export type ModelRow = { model_id: string; name: string; workload: Hex; turns: number };

/** A dispute of one of this host's reports. */
export type DisputeRow = {
  dispute_id: string;
  report_query_id: Hex;
  reported_at: number;
  block: number;
  /** 1: the answers on chain are the ones this host gave. */
  stands: 0 | 1;
  /** `failed`: the report stands. */
  state: 'open' | VoteResult;
};

/** A query tipped on Tellor's Autopay. */
export type TipRow = {
  query_id: Hex;
  query_data: Hex;
  /** `reported` waits to be claimed; `passed`: not worth it, not for this host, or earned by somebody else. */
  state: 'open' | 'reported' | 'claimed' | 'passed';
  /** The model's answer, kept before it is reported. */
  answer: string | null;
  /** Unix seconds of this host's report. */
  reported_at: number | null;
  not_before: number;
};

export type Schema = {
  tips: TipRow;
  disputes: DisputeRow;
  events: EventRow;
  asks: AskRow;
  actions: ActionRow;
  models: ModelRow;
  meta: { name: string; value: string };
};

/** Append only. */
export const migrations: readonly string[] = [
  `CREATE TABLE events (
    block INTEGER NOT NULL, log_index INTEGER NOT NULL, query_id TEXT NOT NULL, type TEXT NOT NULL, timestamp INTEGER NOT NULL,
    transaction_hash TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (block, log_index));
  CREATE INDEX events_of_ask ON events (query_id, block, log_index);
  CREATE TABLE asks (
    query_id TEXT PRIMARY KEY, state TEXT NOT NULL, mine INTEGER NOT NULL, account TEXT NOT NULL, ask TEXT NOT NULL,
    asked_at INTEGER NOT NULL, deadline INTEGER NOT NULL, exclusive_until INTEGER NOT NULL, sole_host INTEGER NOT NULL,
    delivered_block INTEGER, delivered_log INTEGER, delivered_at INTEGER,
    report_query_id TEXT, reported_at INTEGER, deliverer TEXT,
    answer TEXT, answered_by TEXT, failure TEXT, action TEXT,
    failures INTEGER NOT NULL DEFAULT 0, not_before INTEGER NOT NULL DEFAULT 0);
  CREATE INDEX asks_to_do ON asks (mine, state);
  CREATE INDEX asks_of_report ON asks (report_query_id);
  CREATE TABLE actions (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, query_ids TEXT NOT NULL, report_query_id TEXT, status TEXT NOT NULL, block INTEGER);
  CREATE INDEX actions_open ON actions (status);
  CREATE INDEX actions_of_report ON actions (report_query_id);
  CREATE TABLE models (model_id TEXT PRIMARY KEY, name TEXT NOT NULL, workload TEXT NOT NULL, turns INTEGER NOT NULL);
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);`,
  `CREATE TABLE disputes (
    dispute_id TEXT PRIMARY KEY, report_query_id TEXT NOT NULL, reported_at INTEGER NOT NULL, block INTEGER NOT NULL,
    stands INTEGER NOT NULL, state TEXT NOT NULL);
  CREATE INDEX disputes_of_report ON disputes (report_query_id);`,
  `ALTER TABLE asks ADD COLUMN by_report INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE asks ADD COLUMN report_due INTEGER;
  ALTER TABLE asks ADD COLUMN answer_hash TEXT;
  UPDATE asks SET by_report = coalesce(json_extract(ask, '$.byReport'), 0);
  UPDATE asks SET report_due = delivered_at + CAST(json_extract(ask, '$.reportWithin."$bigint"') AS INTEGER),
    answer_hash = (SELECT json_extract(data, '$.answerHash') FROM events
      WHERE events.query_id = asks.query_id AND type = 'Delivered' ORDER BY block DESC, log_index DESC LIMIT 1)
    WHERE delivered_at IS NOT NULL;
  CREATE INDEX actions_mined ON actions (block);`,
  `CREATE TABLE tips (
    query_id TEXT PRIMARY KEY, query_data TEXT NOT NULL, state TEXT NOT NULL, answer TEXT, reported_at INTEGER,
    not_before INTEGER NOT NULL);
  CREATE INDEX tips_to_do ON tips (state, not_before);`,
];
