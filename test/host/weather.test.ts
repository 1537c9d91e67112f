import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import * as Deployment from '../../contracts/client/Deployment.ts';
import { createGovernance } from '../../contracts/client/Governance.ts';
import type { Hex } from '../../contracts/client/Hex.ts';
import { connect, type Rpc } from '../../contracts/client/Rpc.ts';
import { open } from '../../contracts/client/support/Sqlite.ts';
import { createToken } from '../../contracts/client/Token.ts';
import type { Provider } from '../../host/runtime/provider/Provider.ts';
import { figuresOf } from '../../host/store/Figures.ts';
import { sendAll } from '../../host/transactions.ts';
import { toldOtherwise } from './between.ts';
import { prepare } from './faults.ts';
import { type HereOptions, type HostHere, startHere } from './hostHere.ts';
import { type Stand, startStand } from './support.ts';

let stand: Stand;
let provider: Provider;
let host: HostHere | undefined;
let database: DatabaseSync;
beforeAll(async () => {
  stand = await startStand({ blockTime: 0.05 });
  provider = await prepare(stand);
}, 60_000);
afterAll(() => stand?.stop());
beforeEach(() => {
  stand.mock.clearFixtures();
  stand.mock.onMessage(/./s, { content: 'Yes.' });
});
afterEach(async () => {
  await host?.stop();
  host = undefined;
  database?.close();
});

const wait = { timeout: 20_000, interval: 20 };
const node = (): Promise<Rpc> => connect([stand.chain.url], { chainId: stand.chain.chainId });
async function begin(more: Partial<HereOptions> = {}): Promise<HostHere> {
  database = open(':memory:');
  host = await startHere({ stand, database, provider, ...more });
  await host.loop.ready;
  return host;
}
const types = async (queryId: Hex) => (await stand.eventsOf(queryId)).map(({ type }) => type);
const calls = (text: string) =>
  stand.mock.getRequests().filter(({ body }) => JSON.stringify(body).includes(text)).length;
/** Where two reports fall into one second, a report follows the delivery by itself. */
const deliveries = (parts: HostHere['parts']) =>
  parts.journal.actionCounts().flatMap(({ kind, n }) => (kind === 'deliver' ? [n] : []))[0];
const once = ['Asked', 'Delivered', 'Sealed'];

// Before any test skips time: this network is none of play money, whose clock may be ahead.
test('a node whose block is of next year makes the host decline nothing', async () => {
  const file = join(stand.dataDir, 'real.json');
  const { embedded: _, ...deployment } = stand.deployment;
  Deployment.write(file, deployment);
  let lies = 0;
  const rpc = toldOtherwise(await node(), ({ method }, result) => {
    if (method !== 'eth_getBlockByNumber' || lies === 0) return result;
    lies -= 1;
    return { ...(result as object), timestamp: `0x${(Math.floor(Date.now() / 1_000) + 31_536_000).toString(16)}` };
  });
  // On such a network an ask pays for its gas at least.
  await begin({ rpc, env: { DEPLOYMENT_FILE: file, HOST_PRICE_COIN: '0.01' } });
  lies = 6;
  const queryId = await stand.ask('In which year?');
  await expect.poll(() => lies, wait).toBe(0);
  await stand.reaches(queryId, 'sealed');
  expect(await types(queryId)).toEqual(once);
});

test.each<[string, (head: { number: string; hash: string }) => object]>([
  ['ahead of the chain', (head) => ({ number: `0x${(Number(head.number) + 1_000).toString(16)}` })],
  ['behind what it said before', (head) => ({ number: `0x${(Number(head.number) - 5).toString(16)}` })],
  ['of a branch that is not there', () => ({ hash: `0x${'ab'.repeat(32)}`, parentHash: `0x${'cd'.repeat(32)}` })],
])('a node that lies about its head, %s: answered once when it stops', async (_, lie) => {
  let lies = 0;
  const rpc = toldOtherwise(await node(), ({ method, params }, result) => {
    const [at] = params as [string];
    if (method !== 'eth_getBlockByNumber' || at !== 'latest' || lies === 0 || Math.random() < 0.3) return result;
    lies -= 1;
    return { ...(result as object), ...lie(result as never) };
  });
  await begin({ rpc });
  lies = 15;
  const text = `Which head? ${Math.random()}`;
  const queryId = await stand.ask(text);
  await expect.poll(() => lies, wait).toBe(0);
  await stand.reaches(queryId, 'sealed');
  expect(await types(queryId)).toEqual(once);
  expect(calls(text)).toBe(1);
});

test('receipts that are lost for a while: no second delivery', async () => {
  let lost = 15;
  const rpc = toldOtherwise(await node(), ({ method }, result) => {
    if (method !== 'eth_getTransactionReceipt' || lost === 0) return result;
    lost -= 1;
    return null;
  });
  const { parts } = await begin({ rpc });
  const queryId = await stand.ask('Where is the receipt?');
  await expect.poll(() => lost, wait).toBe(0);
  await expect.poll(() => parts.journal.actions('pending', 'mined'), wait).toEqual([]);
  await stand.reaches(queryId, 'sealed');
  expect(await types(queryId)).toEqual(once);
  expect(deliveries(parts)).toBe(1);
});

test('a chain that stands still for an hour: no work for what it can’t deliver, one delivery for the rest', async () => {
  let skipped = 0;
  const { parts, loop } = await begin({ elapsedMs: () => performance.now() + skipped });
  stand.mock.clearFixtures();
  stand.mock.onMessage(/./s, { content: 'Here.' }, { latency: 1_500 });
  const patient = await stand.ask('wait a moment (two hours)', { seconds: 7_200 });
  await expect.poll(() => parts.reporter.running(), wait).toBe(1);
  stand.chain.setBlockTime(3_600);
  await expect.poll(() => parts.journal.entry(patient)?.answer ?? null, wait).not.toBeNull();
  skipped = 3_600_000;
  await expect.poll(() => figuresOf(parts.journal.database, 0).alerts, wait).toEqual([{ kind: 'stalled', alerts: 1 }]);
  stand.chain.setBlockTime(0.05);
  await stand.chain.increaseTime(3_600);
  await stand.reaches(patient, 'sealed');
  expect(await types(patient)).toEqual(once);
  expect(calls('wait a moment (two hours)')).toBe(1);
  expect(deliveries(parts)).toBe(1);
  await expect(Promise.race([loop.ended, Promise.resolve('goes on')])).resolves.toBe('goes on');
});

test('an ask whose deadline passed while the host could not see the chain costs no model call', async () => {
  const text = `Too late? ${Math.random()}`;
  const queryId = await stand.ask(text, { seconds: 60 });
  await stand.chain.increaseTime(120);
  await begin();
  const after = await stand.ask('In time?');
  await stand.reaches(after, 'sealed');
  expect(await types(queryId)).toEqual(['Asked']);
  expect(calls(text)).toBe(0);
});

test('a reorganisation that undoes a report: the same transaction comes back, nothing is paid twice', async () => {
  const { parts } = await begin();
  const text = `Through a reorganisation? ${Math.random()}`;
  const queryId = await stand.ask(text);
  await stand.reaches(queryId, 'sealed');
  await expect.poll(() => parts.journal.entry(queryId)?.state, wait).toBe('sealed');
  const block = parts.journal.entry(queryId)?.delivered_block ?? 0;
  await stand.chain.reorganiseAbove(block - 1);
  expect((await stand.market.stateOf(queryId)).state).toBe('open');
  await stand.chain.mine();
  await stand.chain.mine();
  await stand.reaches(queryId, 'sealed');
  await expect.poll(() => parts.journal.entry(queryId)?.state, wait).toBe('sealed');
  expect(calls(text)).toBe(1);
  expect(deliveries(parts)).toBe(1);
});

test('a dispute of a report that is not the journal’s: told, not voted on; lost, told, never settled', async () => {
  const { chain, deployment, owner } = stand;
  const told: { kind: string; text: string }[] = [];
  const { parts } = await begin();
  vi.spyOn(parts.alerts, 'tell').mockImplementation((kind, text) => void told.push({ kind, text }));
  const queryId = await stand.ask('Whose answer is this?');
  await expect.poll(() => parts.journal.entry(queryId)?.state, wait).toBe('sealed');
  // As if another held the operator's key: what stands on chain is not what this host's model gave.
  database.prepare('UPDATE asks SET answer = ? WHERE query_id = ?').run('No.', queryId);
  const entry = parts.journal.entry(queryId);
  if (!entry?.report_query_id || entry.reported_at === null) throw new Error('It was not sealed.');
  const governance = createGovernance(chain.rpc, deployment);
  await sendAll(chain.rpc, owner, [
    createToken(chain.rpc, deployment.token).calls.approve(deployment.governance, 10n ** 24n),
    governance.calls.beginDispute(entry.report_query_id, BigInt(entry.reported_at)),
  ]);
  await expect.poll(() => parts.journal.openDisputes(), wait).toMatchObject([{ stands: 0 }]);
  const [dispute] = parts.journal.openDisputes();
  const id = BigInt(dispute?.dispute_id ?? 0);
  await sendAll(chain.rpc, owner, [governance.calls.vote(id, true, false)]);
  await chain.increaseTime(2 * 86_400);
  await expect.poll(async () => (await governance.voteInfo(id)).talliedAt, wait).toBeGreaterThan(0);
  await chain.increaseTime(86_400 + 5);
  await expect
    .poll(() => figuresOf(parts.journal.database, 0).disputes, wait)
    .toEqual([{ state: 'passed', disputes: 1 }]);
  expect(await governance.didVote(id, stand.hostContract)).toBe(false);
  expect(told.map(({ kind }) => kind)).toEqual(['disputed', 'verdict']);
  expect(told[0]?.text).toContain('is not the one that this host’s model gave');
  expect(told[1]?.text).toContain('was decided against this host (passed)');
  expect(await types(queryId)).toEqual(once);
  expect(parts.journal.settleable(10 ** 10, 10 ** 10, 9)).toEqual([]);
}, 60_000);
