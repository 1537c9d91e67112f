import type { Order } from '../../../contracts/client/Ask.ts';
import type { Hex } from '../../../contracts/client/Hex.ts';
import { askByToken, asksToSpend, updateAsk } from '../../store/asks.ts';
import { readCursor } from '../../store/events.ts';
import type { AskRecord } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import { coalesce } from '../coalesce.ts';
import { translator } from '../I18n.ts';
import { plain } from '../markdown/plain.ts';
import { refresh } from '../Refresh.ts';
import type { Relayer } from './Accounts.ts';
import { queryIdOf } from './queryIdOf.ts';
import type { Spend } from './Spend.ts';

export type Spender = { start(): void; stop(): void };

/** What the chain answers to an ask that it has already: an earlier run sent it. */
const alreadyThere = 'AskExists';

/**
 * Sends the asks that are paid from accounts. What is to be sent stands in the store, whole, before it is sent; the key of each
 * is the ask's own, so that after any crash the same is taken up and never sent twice. The ask's event ends it.
 */
export function createSpender(context: Context, relayer: Relayer): Spender {
  const { store, accounts, log } = context;
  const trying = new Set<string>();
  let unsubscribe: (() => void) | undefined;
  let stopped = false;

  async function run(): Promise<void> {
    for (const record of await asksToSpend(store.db)) begin(record);
  }

  function begin(record: AskRecord): void {
    const { token } = record;
    if (stopped || trying.has(token)) return;
    trying.add(token);
    void send(record).catch((error: unknown) => {
      trying.delete(token);
      if (!stopped)
        log.error(
          { ...about(record), err: error },
          'an ask could not be sent; it is tried again at the next change or start',
        );
    });
  }

  function about({ spend, question }: AskRecord): { queryId?: Hex } {
    return spend?.state === 'pending' ? { queryId: queryIdOf(context, spend.order, question) } : {};
  }

  async function send({ token, spend, question, script }: AskRecord): Promise<void> {
    if (spend?.state !== 'pending') return;
    const queryId = queryIdOf(context, spend.order, question);
    const outcome = await relayer.submit({
      key: `ask:${token}`,
      call: accounts.calls.ask(spend.account, spend.order, question, script, spend.relayFee),
      note: 'ask',
      queryIds: [queryId],
    });
    if (outcome.type === 'mined') return;
    if (outcome.type === 'reverted') {
      // An earlier run's may stand there, and have taken the last of the balance that this one is refused for.
      if (outcome.error.code === alreadyThere || (await isThere(spend.order, question))) return;
      await fail(token, outcome.error.sentence);
      return;
    }
    log.warn({ queryId, reason: outcome.reason }, 'an ask was not sent');
    await fail(token, undefined);
  }

  async function isThere(order: Order, question: string): Promise<boolean> {
    return (await context.market.stateOf(accounts.spender, order, question)) !== 'none';
  }

  /** @param sentence what the chain said; undefined: the bot's own key is short of coin or at its limit */
  async function fail(token: string, sentence: string | undefined): Promise<void> {
    await store.commit(async (db, changes) => {
      const record = await askByToken(db, token);
      if (!record || record.queryId || record.spend?.state !== 'pending') return;
      const t = translator(record.language);
      const reason = sentence === undefined ? t('spend.botCannot') : plain(sentence);
      const { account, purse } = record.spend;
      const failed: Spend = { state: 'failed', account, reason, ...(purse && { isPurse: true }), tried: record.spend };
      const next: AskRecord = { ...record, spend: failed };
      await updateAsk(db, next);
      await refresh(context, db, changes, next, (await readCursor(db))?.clock ?? 0);
    });
    trying.delete(token);
  }

  const kick = coalesce(run, (error) => log.error({ err: error }, 'looking for asks to send failed'));

  return {
    start() {
      unsubscribe ??= store.onCommit(({ asks }) => {
        if (asks.size > 0) kick();
      });
      kick();
    },
    stop() {
      stopped = true;
      unsubscribe?.();
    },
  };
}
