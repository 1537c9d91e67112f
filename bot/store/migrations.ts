/** Applied in order, once each; never edit one that has been released, append. */
export const migrations: string[] = [
  `create table updates (
     platform text not null,
     update_id text not null,
     at integer not null,
     primary key (platform, update_id)
   );
   create index updates_at on updates (at);
   create table asks (
     token text not null primary key,
     chat text,
     reply_to text,
     person_key text not null,
     person text not null,
     question text not null,
     note text,
     model_id text not null,
     model_name text not null,
     workload text not null,
     script text not null,
     host text not null,
     pay_token text not null,
     symbol text not null,
     decimals integer not null,
     royalty text not null,
     host_price text not null,
     sole_host integer not null,
     user_salt text not null,
     parent text not null,
     created_at integer not null,
     expires_at integer not null,
     query_id text unique,
     sibling text references asks (token),
     state text not null,
     status text not null,
     result_in text,
     due_at integer,
     refund_due integer not null,
     refund_attempts integer not null
   );
   create index asks_salt on asks (user_salt);
   create index asks_person on asks (person_key, created_at);
   create index asks_state on asks (state, expires_at);
   create index asks_due on asks (due_at);
   create table events (
     block integer not null,
     log_index integer not null,
     query_id text,
     body text not null,
     primary key (block, log_index)
   );
   create index events_query on events (query_id);
   create table cursor (
     id integer not null primary key,
     body text not null,
     clock integer not null
   );
   create table posts (
     id text not null primary key,
     ask text references asks (token),
     role text not null,
     chat text not null,
     reply_to text,
     update_id text,
     only_for text,
     content text not null,
     result integer not null,
     version integer not null,
     shown integer not null,
     state text not null,
     created_at integer not null
   );
   create index posts_ask on posts (ask);
   create index posts_pending on posts (state, id) where shown < version;
   create table parts (
     post text not null references posts (id),
     place integer not null,
     nonce text not null,
     state text not null,
     message_id text,
     shown_hash text,
     sent_at integer,
     primary key (post, place)
   );`,
  `alter table asks add column taken_royalty text;
   alter table asks add column taken_host_price text;`,
  'create index asks_refund on asks (refund_due) where refund_due = 1',
  `alter table parts add column message_key text;
   create index parts_message on parts (message_key);`,
  `create table preferences (
     owner text not null,
     name text not null,
     value text not null,
     primary key (owner, name)
   )`,
  `alter table asks add column language text not null default 'en'`,
  `create table wallets (
     owner text not null,
     address text not null,
     is_default integer not null,
     linked_at integer not null,
     primary key (owner, address)
   );
   create index wallets_address on wallets (address);
   create table watched_accounts (account text not null primary key);
   create table requests (
     token text not null primary key,
     owner text not null,
     person text not null,
     body text not null,
     code text not null,
     created_at integer not null,
     expires_at integer not null,
     draft text,
     outcome text
   );
   create index requests_expiry on requests (expires_at);
   create table sign_ins (
     nonce text not null primary key,
     request text not null references requests (token),
     expires_at integer not null,
     used_at integer
   );
   create table relays (owner text not null, at integer not null);
   create index relays_owner on relays (owner, at);
   alter table events add column account text;
   create index events_account on events (account) where account is not null;
   alter table asks add column spend text;
   alter table asks add column spend_state text;
   create index asks_spend on asks (spend_state) where spend_state is not null;`,
  `create table market_log (
     block integer not null,
     log_index integer not null,
     at integer not null,
     type text not null,
     query_id text not null,
     model_id text,
     host text,
     seller text,
     token text,
     royalty text,
     reason text,
     primary key (block, log_index)
   );
   create index market_log_query on market_log (query_id, type);
   create index market_log_host on market_log (host, type);
   create index market_log_seller on market_log (seller, type) where seller is not null`,
  'alter table parts add column repeated integer not null default 0',
  `create table sales (
     owner text not null,
     chat text not null,
     body text not null,
     at integer not null,
     primary key (owner, chat)
   );
   create table listings (
     workload text not null,
     name text not null,
     owner text not null,
     person text not null,
     chat text not null,
     language text not null,
     model_id text,
     primary key (workload, name, owner)
   )`,
  `create table transfers (
     address text not null primary key,
     account text not null,
     salt text not null,
     ask text,
     terms text,
     shown_at integer not null,
     watch_until integer not null,
     sweeps integer not null
   );
   create index transfers_watch on transfers (watch_until, shown_at);`,
  `create table held (
     id text not null primary key,
     owner text not null,
     event text not null,
     at integer not null
   );
   create index held_owner on held (owner);
   alter table posts add column owner text;
   create index posts_owner on posts (owner) where owner is not null;
   alter table asks add column forget integer not null default 0;
   create index asks_forget on asks (forget) where forget = 1`,
  `create table audit (
     id text not null primary key,
     chat text not null,
     at integer not null,
     person text not null,
     action text not null,
     detail text not null
   );
   create index audit_chat on audit (chat, at)`,
  'create index asks_chat on asks (chat, created_at)',
  'create index asks_state_token on asks (state, token)',
  `create table purses (
     group_key text not null primary key,
     account text not null unique,
     owner text not null,
     models text,
     channels text,
     bound_at integer not null
   );
   create table purse_caps (
     group_key text not null,
     subject text not null,
     token text not null,
     name text not null,
     per_day text not null,
     per_ask text not null,
     primary key (group_key, subject, token)
   );
   alter table asks add column purse text;
   alter table asks add column purse_at integer;
   create index asks_purse on asks (purse, purse_at) where purse is not null`,
  `alter table transfers add column swept_on integer not null default 0;
   alter table transfers add column sweeps_that_day integer not null default 0`,
  // The outcomes of what is known already: whose an ask was is said by the last event before that made it somebody's.
  `create table host_log (
     block integer not null,
     log_index integer not null,
     host text not null,
     model_id text not null,
     outcome text not null,
     seconds integer,
     primary key (block, log_index)
   );
   create index host_log_host on host_log (host, block, log_index);
   create index host_log_model on host_log (host, model_id, block, log_index);
   insert into host_log
     select done.block, done.log_index, held.host, asked.model_id,
       case done.type
         when 'TakenOver' then 'missed'
         when 'Delivered' then 'answered'
         else case done.reason
           when 'disputeLost' then 'disputeLost'
           when 'declined' then 'missed'
           when 'overdue' then 'missed'
           else 'unfinished'
         end
       end,
       case done.type when 'Delivered' then done.at - held.at end
     from market_log as done
     join market_log as asked on asked.query_id = done.query_id and asked.type = 'Asked'
     join market_log as held on held.query_id = done.query_id and held.type in ('Asked', 'TakenOver')
       and (held.block < done.block or (held.block = done.block and held.log_index < done.log_index))
     where done.type in ('TakenOver', 'Delivered', 'Refunded')
       and not exists (
         select 1 from market_log as later
         where later.query_id = done.query_id and later.type = 'TakenOver'
           and (later.block > held.block or (later.block = held.block and later.log_index > held.log_index))
           and (later.block < done.block or (later.block = done.block and later.log_index < done.log_index))
       );
   drop index market_log_host;
   alter table asks add column choice text`,
  `alter table wallets add column may_spend integer not null default 1;
   alter table wallets add column direct text`,
  `create table spend_rights (
     owner text not null,
     address text not null,
     token text not null,
     epoch integer not null,
     block integer not null,
     primary key (owner, address, token)
   );
   insert into spend_rights (owner, address, token, epoch, block)
     select owner, address, '*', 0, 0 from wallets where may_spend = 1;
   alter table wallets drop column may_spend`,
  `create index events_handed_over on events (json_extract(body, '$.to'))
     where json_extract(body, '$.type') = 'PurseHandedOver'`,
];
