import { randomBytes } from 'node:crypto';
import { hash } from '../../contracts/client/AskHash.ts';
import type { Deployment } from '../../contracts/client/Deployment.ts';
import { type Address, type Hex, hex, zeroHash } from '../../contracts/client/Hex.ts';
import type { HostContract } from '../../contracts/client/HostContract.ts';
import type { Market } from '../../contracts/client/Market.ts';
import { encodeBatch, encodeWorkload, workloadSalt } from '../../contracts/client/Query.ts';
import type { Entry, Journal } from '../store/Journal.ts';
import type { Actions } from './Actions.ts';
import { reasonText } from './Reason.ts';

export type PlannerOptions = {
  journal: Journal;
  actions: Actions;
  market: Market;
  host: HostContract;
  operator: Address;
  deployment: Deployment;
  nextReportAt(): Promise<number>;
};

export type Planner = ReturnType<typeof createPlanner>;

/** The oracle's dispute window, seconds; fixed in TellorFlex. */
export const windowSeconds = 43_200;
const mostItems = 128;
/** Under the 16.78 M of EIP-7825. */
const mostGas = 15_000_000n;
/** Bytes; nodes' pools take 128 KB. */
const mostData = 110_000;

/**
 * Decides which transactions are due: declines at once; one delivery at a time, with all the answers that piled up meanwhile; a
 * report in the same transaction when the lock allows, else later for many; settlements when the window is over.
 */
export function createPlanner({ journal, actions, market, host, operator, deployment, nextReportAt }: PlannerOptions) {
  const unique = (): string => randomBytes(6).toString('hex');

  function decline(now: number): void {
    for (const { query_id, ask, failure, deadline } of journal.givenUp(now, mostItems))
      if (deadline > now && failure !== null)
        actions.begin({
          key: `decline:${query_id}:${unique()}`,
          kind: 'decline',
          queryIds: [query_id],
          call: host.calls.decline(query_id, ask, reasonText(failure)),
        });
  }

  async function deliver(now: number, blockTime: number): Promise<void> {
    if (actions.busy('deliver', 'deliverByReport', 'report')) return;
    const ready = journal.answered(now, mostItems).filter(({ deadline }) => deadline > now);
    const unreported = journal.unreported(now, mostItems);
    if (ready.length === 0 && unreported.length === 0) return;
    const open = await slot(now, blockTime);
    if (!open.probably) {
      const batch = batchOf(ready);
      if (batch.length > 0) deliverBatch(batch, false);
      return;
    }
    const urgent = unreported.some(
      ({ delivered_at, ask }) => now > (delivered_at ?? now) + Number(ask.reportWithin) / 2,
    );
    const late = urgent || ready.length === 0 ? unreported : [];
    const lateBatch = late.filter(({ ask }) => !ask.byReport);
    const alone =
      (open.surely ? late.find(({ ask }) => ask.byReport) : undefined) ?? ready.find(({ ask }) => ask.byReport);
    if (lateBatch.length > 0 && open.surely) report(lateBatch);
    else if (alone !== undefined) deliverByReport(alone);
    else {
      const batch = batchOf(ready);
      if (batch.length > 0) deliverBatch(batch, true);
    }
  }

  /**
   * Whether the oracle takes a report in the next block and the operator may still make one today. `probably`: good enough where a refused
   * report leaves the delivery standing. `surely`: the lock is over by now, so that a report alone does not revert.
   */
  async function slot(now: number, blockTime: number): Promise<{ probably: boolean; surely: boolean }> {
    const [at, { reportsPerDay, usedToday }] = await Promise.all([nextReportAt(), host.operatorOf(operator)]);
    const budget = usedToday < reportsPerDay;
    return { probably: budget && at <= blockTime + 1, surely: budget && at <= now };
  }

  function deliverBatch(entries: readonly Entry[], withReport: boolean): void {
    const batch = BigInt(hex(`0x${randomBytes(32).toString('hex')}`));
    actions.begin({
      key: `deliver:${batch.toString(16)}`,
      kind: 'deliver',
      queryIds: entries.map(({ query_id }) => query_id),
      reportQueryId: batchQueryId(batch),
      call: host.calls.deliver(
        batch,
        entries.map(({ query_id }) => query_id),
        entries.map(({ ask }) => ask),
        entries.map(({ answer }) => answer ?? ''),
        withReport,
      ),
      // Not estimated: the least gas that succeeds may be one with which the report, whose failure is caught, runs dry.
      gasLimit: entries.reduce((sum, entry) => sum + gasOf(entry), 600_000n),
    });
  }

  function deliverByReport({ query_id, ask, answer }: Entry): void {
    const life = journal.lifeOf(query_id);
    // Delivered before, it is the text on chain that is reported.
    const text = life?.delivered?.answer ?? answer;
    if (life === undefined || text === null) return;
    const { chainId, market: at } = deployment;
    const salt = workloadSalt({ chainId, market: at, opener: ask.opener, userSalt: life.userSalt });
    const { queryData } = encodeWorkload({ workload: life.workload, input: life.input, parent: life.parent, salt });
    actions.begin({
      key: `deliverByReport:${query_id}:${unique()}`,
      kind: 'deliverByReport',
      queryIds: [query_id],
      reportQueryId: query_id,
      call: host.calls.deliverByReport(query_id, ask, text, queryData),
      gasLimit: least(900_000n + BigInt(Buffer.byteLength(text)) * 900n, mostGas),
    });
  }

  function report(entries: readonly Entry[]): void {
    const batch = BigInt(hex(`0x${randomBytes(32).toString('hex')}`));
    actions.begin({
      key: `report:${batch.toString(16)}`,
      kind: 'report',
      queryIds: entries.map(({ query_id }) => query_id),
      reportQueryId: batchQueryId(batch),
      call: host.calls.report(
        batch,
        entries.map(({ query_id, ask }) => ({
          queryId: query_id,
          askHash: hash(ask),
          answerHash: deliveredHash(query_id),
        })),
      ),
    });
  }

  function settle(now: number, blockTime: number): void {
    if (actions.busy('settle')) return;
    for (const reportQueryId of journal.settleable(now, blockTime - windowSeconds, 5)) {
      const entries = journal.ofReport(reportQueryId);
      actions.begin({
        key: `settle:${reportQueryId}:${unique()}`,
        kind: 'settle',
        queryIds: entries.filter(({ state }) => state === 'sealed').map(({ query_id }) => query_id),
        call: market.calls.settle(
          reportQueryId,
          entries.map(({ query_id, ask }) => ({ queryId: query_id, answerHash: deliveredHash(query_id), ask })),
        ),
      });
    }
  }

  /** Of the answer that is on chain, whoever wrote it there. */
  function deliveredHash(queryId: Hex): Hex {
    return journal.lifeOf(queryId)?.delivered?.answerHash ?? zeroHash;
  }

  const batchQueryId = (batch: bigint): Hex =>
    encodeBatch({ chainId: deployment.chainId, market: deployment.market, host: host.address, batch }).queryId;

  return {
    /**
     * @param now unix seconds, the chain's
     * @param gathering more answers will be there in a moment: deliver then
     * @param blockTime that of the newest block: what is due only by the clock on the wall would revert
     */
    plan: async (now: number, blockTime: number, gathering = false): Promise<void> => {
      decline(now);
      settle(now, blockTime);
      if (!gathering) await deliver(now, blockTime);
    },
  };
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** About one and a half times what was measured (50 k for 1 KB): what is not used is not paid. */
function gasOf({ answer }: Entry): bigint {
  return 80_000n + BigInt(Buffer.byteLength(answer ?? '')) * 56n;
}

/** Bytes of calldata, the ask's struct included. */
function dataOf({ answer }: Entry): number {
  return 700 + Buffer.byteLength(answer ?? '');
}

/** As many as fit into a transaction. One that failed before goes alone, so that it can't take others with it. */
function batchOf(entries: readonly Entry[]): Entry[] {
  const [first] = entries;
  if (first !== undefined && first.failures > 0) return [first];
  const batch: Entry[] = [];
  let gas = 600_000n;
  let data = 0;
  for (const entry of entries.filter(({ failures }) => failures === 0)) {
    gas += gasOf(entry);
    data += dataOf(entry);
    if (batch.length > 0 && (gas > mostGas || data > mostData)) break;
    batch.push(entry);
  }
  return batch;
}
