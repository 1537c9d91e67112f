import type { Address } from '../../../contracts/client/Hex.ts';
import { askByToken, updateAsk } from '../../store/asks.ts';
import { readCursor } from '../../store/events.ts';
import { countSweep, type Transfer, watchedTransfers } from '../../store/transfers.ts';
import type { AskRecord } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import { type Translate, translator } from '../I18n.ts';
import { plain } from '../markdown/plain.ts';
import { refresh } from '../Refresh.ts';
import { amountText } from '../Words.ts';
import type { Relayer } from './Accounts.ts';
import { queryIdOf } from './queryIdOf.ts';
import { knownTokens } from './tokens.ts';

export type Transfers = { start(): void; stop(): Promise<void> };

/** Shown so lately, an address is looked at every time; later ones seldom. Seconds. */
const freshSeconds = 3 * 3_600;
const seldomEvery = 60;
/** Sweeping costs the bot gas: what comes more often in a day (UTC) to one address waits for the next, or for anybody who sweeps it. */
const mostSweepsADay = 20;
const daySeconds = 86_400;

/**
 * Watches the deposit addresses that people were shown: opens the ask that one pays for as soon as the money is there, and brings
 * everything else (too late, the wrong token, more than was wanted) into the account of its owner.
 */
export function createTransfers(context: Context, relayer: Relayer, pollMs: number): Transfers {
  const { store, market, accounts, log, now } = context;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let stopped = false;
  let looks = 0;

  async function look(): Promise<void> {
    const all = looks % seldomEvery === 0;
    looks += 1;
    const transfers = await watchedTransfers(store.db, now(), now() - freshSeconds, all);
    if (transfers.length === 0) return;
    const clock = await market.now();
    await Promise.all(transfers.map((transfer) => attend(transfer, clock)));
  }

  async function attend(transfer: Transfer, clock: number): Promise<void> {
    const { ask } = transfer;
    const record = ask && (await askByToken(store.db, ask.token));
    const isOpen = ask !== undefined && record?.queryId === undefined && clock <= ask.openUntil;
    if (ask && record && isOpen) {
      const arrived = await market.balanceOf(ask.order.token, transfer.address);
      if (arrived >= ask.order.maxPrice) return open(transfer, record);
      await note(record, transfer, arrived > 0n ? tooLittle(record, arrived) : undefined);
    }
    for (const token of new Set([...(ask ? [ask.order.token] : []), ...knownTokens(context)])) {
      if (isOpen && token === ask?.order.token) continue;
      const amount = await market.balanceOf(token, transfer.address);
      if (amount > 0n) await sweep(transfer, token, amount, record);
    }
  }

  /** The same again does nothing: the sender knows the key, and the chain the ask. */
  async function open({ address, account, ask }: Transfer, record: AskRecord): Promise<void> {
    if (!ask) return;
    const queryId = queryIdOf(context, ask.order, record.question);
    const outcome = await relayer.submit({
      key: `transfer:${address}`,
      call: accounts.calls.askByTransfer(account, ask.order, record.question, record.script, BigInt(ask.openUntil)),
      note: 'ask by transfer',
      queryIds: [queryId],
    });
    if (outcome.type !== 'reverted') {
      if (outcome.type === 'refused') log.warn({ queryId, reason: outcome.reason }, 'a transfer’s ask was not sent');
      return;
    }
    log.info(
      { queryId, code: outcome.error.code },
      'a transfer’s ask can’t be opened; the money goes into the account',
    );
    const t = translator(record.language);
    await note(record, { account, address }, t('transfer.notOpened', { reason: plain(outcome.error.sentence) }));
    await sweep({ ...(await fresh(address)), account }, ask.order.token, ask.order.maxPrice, undefined);
  }

  async function fresh(address: Address): Promise<Transfer> {
    const found = (await watchedTransfers(store.db, now(), 0, true)).find((one) => one.address === address);
    if (!found) throw new Error('A watched address was lost');
    return found;
  }

  async function sweep(
    { address, account, salt, sweeps, sweptOn, sweepsThatDay }: Transfer,
    token: Address,
    amount: bigint,
    record: AskRecord | undefined,
  ): Promise<void> {
    // What the bot takes for a transaction is what its gas is worth to whoever runs it: less waits until more is there.
    if (amount < accounts.relayFee(token)) return;
    const day = Math.floor(now() / daySeconds);
    if (sweptOn === day && sweepsThatDay >= mostSweepsADay) return;
    const outcome = await relayer.submit({
      key: `sweep:${address}:${token}:${sweeps}`,
      call: accounts.calls.sweep(account, salt, token),
      note: 'sweep',
      ...(record?.queryId && { queryIds: [record.queryId] }),
    });
    if (outcome.type === 'refused') return;
    // A reverted one counts too (somebody else was faster): it cost gas, and the next has to have another key.
    if ((await countSweep(store.db, address, day)) === mostSweepsADay)
      log.warn({ address, sweeps: mostSweepsADay }, 'a deposit address is swept no more today');
    if (outcome.type === 'reverted' || !record) return;
    const t = translator(record.language);
    const info = await market.tokenInfo(token);
    await note(record, { account, address }, t('transfer.credited', { amount: amountText(amount, info, t) }));
  }

  /** Says on the ask's card and page how its transfer stands. */
  async function note(
    { token }: AskRecord,
    { account, address }: Pick<Transfer, 'account' | 'address'>,
    text: string | undefined,
  ): Promise<void> {
    await store.commit(async (db, changes) => {
      const record = await askByToken(db, token);
      if (record?.spend?.state !== 'transfer' || record.spend.note === text) return;
      const next: AskRecord = {
        ...record,
        spend: { state: 'transfer', account, address, ...(text !== undefined && { note: text }) },
      };
      await updateAsk(db, next);
      await refresh(context, db, changes, next, (await readCursor(db))?.clock ?? 0);
    });
  }

  function tooLittle(record: AskRecord, arrived: bigint): string {
    const { price, language } = record;
    const t: Translate = translator(language);
    return t('transfer.tooLittle', {
      arrived: amountText(arrived, price, t),
      missing: amountText(price.amount - arrived, price, t),
    });
  }

  function schedule(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      looking = look()
        .catch((error: unknown) => {
          if (!stopped) log.warn({ err: error }, 'looking at transfers failed; trying again');
        })
        .then(schedule);
    }, pollMs);
    timer.unref();
  }

  return {
    start: schedule,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
