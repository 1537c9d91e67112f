import { ContractFactory, keccak256, parseUnits } from 'ethers';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { autopayAbi, createAutopay } from '../../contracts/client/Autopay.ts';
import { encode } from '../../contracts/client/Call.ts';
import { createGovernance } from '../../contracts/client/Governance.ts';
import { type Address, address, type Hex, hex, zeroHash } from '../../contracts/client/Hex.ts';
import { createHost, type HostContract } from '../../contracts/client/HostContract.ts';
import { createOracle, type Oracle } from '../../contracts/client/Oracle.ts';
import {
  decodeAnswer,
  encodeAnswer,
  encodeChatGptResponse,
  encodeWorkload,
  type Query,
} from '../../contracts/client/Query.ts';
import { latest } from '../../contracts/client/Rpc.ts';
import { open } from '../../contracts/client/support/Sqlite.ts';
import { createToken } from '../../contracts/client/Token.ts';
import type { Provider } from '../../host/runtime/provider/Provider.ts';
import { deployHost } from '../../host/setup.ts';
import { sendAll } from '../../host/transactions.ts';
import { compileContract } from '../client/compileContract.ts';
import { prepare } from './faults.ts';
import { type HostHere, startHere } from './hostHere.ts';
import { type Stand, startStand } from './support.ts';

let stand: Stand;
let provider: Provider;
let autopay: Address;
let oracle: Oracle;
let contract: HostContract;
let running: HostHere | undefined;
const compiled = compileContract('TestAutopay');
const stranger = '0x00000000000000000000000000000000000000dd';
const lang = (amount: string) => parseUnits(amount, 18);
const wait = { timeout: 20_000, interval: 30 };

beforeAll(async () => {
  stand = await startStand({ blockTime: 0.1 });
  provider = await prepare(stand);
  const { chain, deployment, owner, hostContract } = stand;
  const deployed = await new ContractFactory(compiled.abi, compiled.bytecode, owner).deploy(deployment.oracle);
  await deployed.waitForDeployment();
  autopay = address(await deployed.getAddress());
  oracle = createOracle(chain.rpc, deployment);
  contract = createHost(chain.rpc, hostContract, deployment);
  await sendAll(chain.rpc, owner, [
    contract.calls.setAutopay(autopay),
    createToken(chain.rpc, deployment.token).calls.approve(autopay, lang('100000')),
  ]);
}, 60_000);
afterAll(() => stand?.stop());
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const begin = async () => {
  running = await startHere({ stand, database: open(':memory:'), provider, env: { HOST_AUTOPAY: autopay } });
  await running.loop.ready;
  return running;
};
const tipCall = ({ queryId, queryData }: Query, amount: bigint) =>
  encode(autopay, autopayAbi, 'tip', [queryId, amount, queryData]);
const tip = (query: Query, amount = lang('10')) => sendAll(stand.chain.rpc, stand.owner, [tipCall(query, amount)]);
const answerOn = async (queryId: Hex) => {
  const count = await oracle.valueCount(queryId);
  return count === 0n
    ? undefined
    : decodeAnswer(await oracle.retrieve(queryId, await oracle.timestampAt(queryId, count - 1n)));
};
const earned = () => createToken(stand.chain.rpc, stand.deployment.token).balanceOf(stand.hostContract);

test('the test contract has the face that Tellor published', () => {
  autopayAbi.forEachFunction((fragment) =>
    expect(compiled.abi.getFunction(fragment.selector)?.format('sighash')).toBe(fragment.format('sighash')),
  );
  autopayAbi.forEachEvent((fragment) =>
    expect(compiled.abi.getEvent(fragment.topicHash)?.format('full')).toBe(fragment.format('full')),
  );
  // From the event in Tellor's repository, whose last argument, the tipper, is not indexed.
  expect(autopayAbi.getEvent('TipAdded')?.inputs.map(({ indexed }) => Boolean(indexed))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('a tipped prompt and a tipped workload are answered on the oracle, and claimed after 12 hours', async () => {
  const { workload } = await stand.registry.modelOf(1n);
  const prompt = encodeChatGptResponse('What is Tellor?');
  const asked = encodeWorkload({ workload, input: 'And what is a stake?', parent: zeroHash, salt: zeroHash });
  const { parts } = await begin();
  await tip(prompt);
  await tip(asked);
  for (const { queryId } of [prompt, asked]) await expect.poll(() => answerOn(queryId), wait).toBe('Yes.');
  await expect.poll(() => parts.journal.tipCounts(), wait).toEqual({ reported: 2 });
  const before = await earned();
  await stand.chain.increaseTime(43_210);
  await expect.poll(() => parts.journal.tipCounts(), wait).toEqual({ claimed: 2 });
  // Autopay keeps two hundredths.
  expect((await earned()) - before).toBe(lang('19.6'));
  expect(await oracle.valueCount(prompt.queryId)).toBe(1n);
}, 60_000);

test('a list of tips full of junk keeps no good one waiting; a tip too small, or spent, costs no model call', async () => {
  const { chain, owner, mock } = stand;
  const bad: Query[] = [
    { queryId: '0x', queryData: '0x' },
    { queryId: '0x', queryData: `0x${'ff'.repeat(100)}` },
    { queryId: '0x', queryData: hex(encodeChatGptResponse('x').queryData.replace(/78(0*)$/, 'ff$1')) },
  ];
  const junk = bad.map(({ queryData }) => tipCall({ queryId: hex(keccak256(queryData)), queryData }, 1n));
  const dust = Array.from({ length: 40 }, (_, n) => tipCall(encodeChatGptResponse(`Dust ${n}`), 1n));
  const spent = encodeChatGptResponse('What is Tellor?');
  await sendAll(chain.rpc, owner, [...junk, ...dust]);
  const good = encodeChatGptResponse('Behind the dust?');
  await tip(good);
  mock.clearRequests();
  const { parts } = await begin();
  await expect.poll(() => answerOn(good.queryId), wait).toBe('Yes.');
  await expect.poll(() => parts.journal.tip(spent.queryId)?.state, wait).toBe('passed');
  await expect.poll(() => parts.journal.tipCounts()['open'] ?? 0, wait).toBe(0);
  expect(mock.getRequests()).toHaveLength(1);
}, 60_000);

test('a tip that another reporter earned comes back when his value is disputed', async () => {
  const { chain, deployment, owner } = stand;
  const token = createToken(chain.rpc, deployment.token);
  const rival = createHost(chain.rpc, await deployHost(chain.rpc, owner, deployment), deployment);
  const stake = await oracle.stakeAmount();
  const query = encodeChatGptResponse('Who was first?');
  await sendAll(chain.rpc, owner, [token.calls.approve(rival.address, stake), rival.calls.stake(stake)]);
  await tip(query);
  // In the second of the tip itself a report earns nothing.
  await chain.increaseTime(5);
  await sendAll(chain.rpc, owner, [rival.calls.reportValue(query.queryId, encodeAnswer('Junk.'), 0n, query.queryData)]);
  const { parts } = await begin();
  await expect.poll(() => parts.journal.tip(query.queryId)?.not_before ?? 0, wait).toBeGreaterThan(1_000);
  expect(await oracle.valueCount(query.queryId)).toBe(1n);
  const at = await oracle.timestampAt(query.queryId, 0n);
  await sendAll(chain.rpc, owner, [
    token.calls.approve(deployment.governance, lang('1000')),
    createGovernance(chain.rpc, deployment).calls.beginDispute(query.queryId, at),
  ]);
  await chain.increaseTime(700);
  await expect.poll(() => answerOn(query.queryId), wait).toBe('Yes.');
  expect(await oracle.valueCount(query.queryId)).toBe(2n);
}, 60_000);

test('a report that a reorganisation undoes is made again once and claimed once, without a second model call', async () => {
  const { chain, mock } = stand;
  const query = encodeChatGptResponse('Through a reorganisation?');
  await tip(query);
  await chain.increaseTime(5);
  const { number } = await latest(chain.rpc);
  mock.clearRequests();
  const { parts } = await begin();
  const { journal } = parts;
  await expect.poll(() => journal.tip(query.queryId)?.state, wait).toBe('reported');
  await chain.reorganiseAbove(number);
  expect(await oracle.valueCount(query.queryId)).toBe(0n);
  await chain.mine();
  await expect.poll(() => answerOn(query.queryId), wait).toBe('Yes.');
  await chain.increaseTime(43_300);
  await expect.poll(() => journal.tip(query.queryId)?.state, wait).toBe('claimed');
  const topics = [compiled.abi.getEvent('OneTimeTipClaimed')?.topicHash ?? '', query.queryId];
  expect(await chain.rpc.getLogs({ address: autopay, fromBlock: number, toBlock: 'latest', topics })).toHaveLength(1);
  expect(await oracle.valueCount(query.queryId)).toBe(1n);
  expect(mock.getRequests()).toHaveLength(1);
}, 60_000);

test('a tip that a reorganisation undoes is not reported for; when it comes again the answer that is known is reported', async () => {
  const { chain, mock } = stand;
  const query = encodeChatGptResponse('Undone?');
  const { number } = await latest(chain.rpc);
  mock.clearRequests();
  const { parts } = await begin();
  const { journal } = parts;
  await tip(query);
  await expect.poll(() => journal.tip(query.queryId)?.state, wait).toBe('reported');
  await chain.reorganiseAbove(number);
  await chain.increaseTime(43_300);
  await expect.poll(() => journal.tip(query.queryId)?.state, wait).toBe('passed');
  expect(await oracle.valueCount(query.queryId)).toBe(0n);
  await tip(query);
  await expect.poll(() => answerOn(query.queryId), wait).toBe('Yes.');
  expect(await oracle.valueCount(query.queryId)).toBe(1n);
  expect(mock.getRequests()).toHaveLength(1);
}, 60_000);

test('the contract refuses a report that would earn nothing: another was first, the tip is less, or too new', async () => {
  const { chain, owner } = stand;
  const query = encodeChatGptResponse('At the last moment?');
  await tip(query);
  const report = (reports: bigint, least: bigint) =>
    chain.rpc.call({
      ...contract.calls.reportTipped(query.queryId, encodeAnswer('x'), reports, query.queryData, least),
      from: owner.address,
    });
  await chain.increaseTime(5);
  await expect(report(0n, lang('10'))).resolves.toBe('0x');
  await expect(report(1n, lang('10'))).rejects.toThrow(/TipChanged|custom error/);
  await expect(report(0n, lang('11'))).rejects.toThrow(/TipChanged|custom error/);
  // A tip of one unit in the second of the report would make it worthless.
  await sendAll(chain.rpc, owner, [tipCall(query, 1n)]);
  const { timestamp } = await latest(chain.rpc);
  const atOnce = { ...contract.calls.reportTipped(query.queryId, encodeAnswer('x'), 0n, query.queryData, 1n) };
  expect((await createAutopay(chain.rpc, autopay).newestTip(query.queryId))?.timestamp).toBeLessThanOrEqual(
    timestamp + 1,
  );
  await expect(chain.rpc.call({ ...atOnce, from: stranger })).rejects.toThrow(/NotOperator|custom error/);
  await expect(chain.rpc.call({ ...contract.calls.setAutopay(autopay), from: stand.operator })).rejects.toThrow();
});
