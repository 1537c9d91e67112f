import { z } from 'zod';
import { load } from '../../contracts/client/Artifact.ts';
import type { Call } from '../../contracts/client/Call.ts';
import type { Deployment } from '../../contracts/client/Deployment.ts';
import type { Governance } from '../../contracts/client/Governance.ts';
import { type Hex, hex } from '../../contracts/client/Hex.ts';
import type { HostContract } from '../../contracts/client/HostContract.ts';
import type { Rpc } from '../../contracts/client/Rpc.ts';
import { type Intent, type Sender, SenderStoppedError } from '../../contracts/client/send/Sender.ts';
import type { Log } from '../../contracts/client/support/Log.ts';
import type { Journal } from '../store/Journal.ts';
import type { DisputeRow } from '../store/Schema.ts';
import type { Alerts } from './Alerts.ts';
import type { Examine } from './Evidence.ts';

export type DisputesOptions = {
  rpc: Rpc;
  deployment: Deployment;
  governance: Governance;
  host: HostContract;
  journal: Journal;
  sender: Sender;
  examine: Examine;
  alerts: Alerts;
  log: Log;
};

export type Disputes = ReturnType<typeof createDisputes>;

/** Most blocks of one question to the node. */
const stretch = 5_000;
/** A vote is open for a day a round, and a counted one can be disputed again for a day. Seconds. */
const day = 86_400;
const argumentsSchema = z.tuple([z.bigint(), z.string(), z.bigint(), z.string()]);

/**
 * Stands up for this host's reports: a dispute that its host doesn't answer can be lost, and its money with it. Each disputed report is
 * examined again; where it is what this host's model gave, it votes against the dispute, has the votes counted when they are due and
 * the verdict executed. Where it is not, somebody else used the operator's key: that is for its owner, and only told.
 */
export function createDisputes(options: DisputesOptions) {
  const { rpc, deployment, governance, host, journal, sender, alerts, log } = options;
  const { abi } = load('Governance');
  const topic = abi.getEvent('NewDispute')?.topicHash ?? '';

  async function scan(to: number): Promise<void> {
    let from = Number(journal.meta('disputesScanned') ?? deployment.fromBlock - 1) + 1;
    while (from <= to) {
      const end = Math.min(to, from + stretch - 1);
      const logs = await rpc.getLogs({
        address: deployment.governance,
        topics: [topic],
        fromBlock: from,
        toBlock: end,
      });
      const found: DisputeRow[] = [];
      for (const { data, topics, blockNumber } of logs) {
        const [id, queryId, timestamp, reporter] = argumentsSchema.parse([
          ...abi.decodeEventLog('NewDispute', data, topics),
        ]);
        if (reporter.toLowerCase() !== host.address.toLowerCase()) continue;
        found.push(await judge(id, hex(queryId), Number(timestamp), blockNumber));
      }
      journal.atomically(() => {
        for (const dispute of found) journal.noteDispute(dispute);
        journal.setMeta('disputesScanned', String(end));
      });
      from = end + 1;
    }
  }

  async function judge(id: bigint, reportQueryId: Hex, reportedAt: number, block: number): Promise<DisputeRow> {
    const evidence = await options.examine(reportQueryId, reportedAt);
    const queryIds = journal.ofReport(reportQueryId).map(({ query_id }) => query_id);
    const facts = { disputeId: id, reportQueryId, queryIds };
    if (evidence.stands) {
      log.warn(facts, 'a report of this host is disputed; it stands by its answers and votes against');
      alerts.tell(
        'disputed',
        `Report ${reportQueryId} is disputed (dispute ${id}). It stands by its answers and votes.`,
      );
    } else {
      log.error(
        { ...facts, why: evidence.why },
        'a report of this host is disputed and does not match its journal: check who holds the operator key',
      );
      alerts.tell(
        'disputed',
        `Report ${reportQueryId} is disputed (dispute ${id}) and is not what this host answered: ${evidence.why} Check who holds the operator key.`,
      );
    }
    const stands = evidence.stands ? 1 : 0;
    return {
      dispute_id: id.toString(),
      report_query_id: reportQueryId,
      reported_at: reportedAt,
      block,
      stands,
      state: 'open',
    };
  }

  async function act({ dispute_id, report_query_id, stands }: DisputeRow, now: number): Promise<void> {
    const disputeId = BigInt(dispute_id);
    const queryIds = journal.ofReport(report_query_id).map(({ query_id }) => query_id);
    const submit = (step: 'execute' | 'tally' | 'vote', call: Call) =>
      send({ key: `${step}:${disputeId}`, call, note: step, queryIds });
    const vote = await governance.voteInfo(disputeId);
    if (vote.executed) {
      journal.closeDispute(dispute_id, vote.result);
      log[vote.result === 'failed' ? 'info' : 'error'](
        { disputeId, queryIds, result: vote.result },
        'the dispute is decided',
      );
      alerts.tell(
        'verdict',
        vote.result === 'failed'
          ? `Dispute ${disputeId} failed: the report stands and is paid.`
          : `Dispute ${disputeId} was decided against this host (${vote.result}): a stake is lost, the asks are refunded.`,
      );
    } else if (vote.talliedAt > 0) {
      if (now >= vote.talliedAt + day) await submit('execute', governance.calls.executeVote(disputeId));
    } else if (stands === 1 && !(await governance.didVote(disputeId, host.address)))
      await submit('vote', host.calls.vote(disputeId, false, false));
    else if (now >= vote.startedAt + day * Math.min(vote.round, 6))
      await submit('tally', governance.calls.tallyVotes(disputeId));
  }

  async function send(intent: Intent): Promise<void> {
    const { key: name, queryIds } = intent;
    const outcome = await sender.submit(intent).catch((error: unknown) => {
      if (error instanceof SenderStoppedError) return undefined;
      throw error;
    });
    if (outcome?.type === 'mined')
      log.info({ intent: name, queryIds, transaction: outcome.hash }, 'dispute: transaction mined');
    else if (outcome?.type === 'reverted')
      log.warn({ intent: name, queryIds, reason: outcome.error.sentence }, 'dispute: not now');
  }

  return {
    /**
     * @param followed newest block handled
     * @param now unix seconds of that block
     */
    check: async (followed: number, now: number): Promise<void> => {
      await scan(followed);
      const open = journal.openDisputes();
      const done = await Promise.allSettled(open.map((dispute) => act(dispute, now)));
      for (const one of done) if (one.status === 'rejected') throw one.reason;
    },
    undo: (toBlock: number): void => journal.undoDisputes(toBlock),
  };
}
