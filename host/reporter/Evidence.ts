import { load } from '../../contracts/client/Artifact.ts';
import type { Deployment } from '../../contracts/client/Deployment.ts';
import { type Address, type Hex, hex } from '../../contracts/client/Hex.ts';
import { batchRoot, encodeAnswer, encodeRoot } from '../../contracts/client/Query.ts';
import type { Rpc } from '../../contracts/client/Rpc.ts';
import type { Journal } from '../store/Journal.ts';

/** Whether a report of this host is what its model answered; else `why` not, for its operator. */
export type Evidence = { stands: true } | { stands: false; why: string };

export type Examine = (reportQueryId: Hex, reportedAt: number) => Promise<Evidence>;

/**
 * Looks at a disputed report again: the answers on chain must be those that this host's model gave, and the value that was reported, read
 * from its event as the dispute erased it, must be the one that these answers make.
 * @throws whatever the node throws: then nothing is known yet
 */
export function createEvidence(of: { journal: Journal; rpc: Rpc; deployment: Deployment; host: Address }): Examine {
  const { journal, rpc, deployment, host } = of;
  const { abi } = load('TellorFlex');
  const topic = abi.getEvent('NewReport')?.topicHash ?? '';

  /** What was reported; undefined when this block holds no such report. */
  async function reported(reportQueryId: Hex, reportedAt: number, block: number): Promise<Hex | undefined> {
    const time = `0x${reportedAt.toString(16).padStart(64, '0')}`;
    const reporter = `0x${host.slice(2).toLowerCase().padStart(64, '0')}`;
    const [log] = await rpc.getLogs({
      address: deployment.oracle,
      topics: [topic, reportQueryId, time, reporter],
      fromBlock: block,
      toBlock: block,
    });
    return log && hex(String(abi.decodeEventLog('NewReport', log.data, log.topics)[2]));
  }

  return async (reportQueryId, reportedAt) => {
    const no = (why: string): Evidence => ({ stands: false, why });
    const tip = journal.tip(reportQueryId);
    // The time is that of this host's own transaction: a report of another second is not its own.
    if (tip !== undefined && tip.answer !== null && tip.reported_at === reportedAt) return { stands: true };
    const entries = journal.ofReport(reportQueryId);
    const block = journal.sealedIn(reportQueryId);
    if (entries.length === 0 || block === undefined) return no('This host’s journal knows no answer of the report.');
    const answers: { queryId: Hex; answer: string }[] = [];
    for (const { query_id, answer } of entries) {
      if (answer === null) return no(`The journal holds no answer to ${query_id}.`);
      if (journal.lifeOf(query_id)?.delivered?.answer !== answer)
        return no(`The answer to ${query_id} on chain is not the one that this host’s model gave.`);
      answers.push({ queryId: query_id, answer });
    }
    const [only] = answers;
    const expected =
      only !== undefined && only.queryId === reportQueryId ? encodeAnswer(only.answer) : encodeRoot(batchRoot(answers));
    const value = await reported(reportQueryId, reportedAt, block);
    if (value === undefined) return no('The oracle holds no such report of this host in the block of its seal.');
    return value === expected ? { stands: true } : no('The value that was reported is not the one of these answers.');
  };
}
