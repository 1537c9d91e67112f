import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test, vi } from 'vitest';
import { createGovernance } from '../../contracts/client/Governance.ts';
import { zeroAddress } from '../../contracts/client/Hex.ts';
import { createHost } from '../../contracts/client/HostContract.ts';
import { createOracle } from '../../contracts/client/Oracle.ts';
import { workloadHash } from '../../contracts/client/Query.ts';
import { toCsv } from '../../contracts/client/support/Csv.ts';
import { createToken } from '../../contracts/client/Token.ts';
import { askColumns, readAsks } from '../../host/cli/Records.ts';
import { fitness } from '../../host/reporter/Fitness.ts';
import { plainCatalog } from '../../host/runtime/models/Catalog.ts';
import { guideProvider } from '../../host/runtime/provider/Guide.ts';
import { openAiProvider } from '../../host/runtime/provider/OpenAi.ts';
import { deployHost } from '../../host/setup.ts';
import { sendAll } from '../../host/transactions.ts';
import { parseExposition } from '../fakes/exposition.ts';
import { isLong } from '../processEnv.ts';
import { type HostProcess, runCli, type Stand, startHostProcess, startStand } from './support.ts';

let stand: Stand;
let host: HostProcess;
const window = 43_200;

beforeAll(async () => {
  stand = await startStand();
  host = await startHostProcess({ ...stand.env, HOST_METRICS_PORT: '0' });
}, 60_000);
afterAll(async () => {
  await host?.kill();
  await stand?.stop();
});
beforeEach(() => {
  // What went wrong in the other process, its own lines say best.
  onTestFailed(() =>
    console.error(
      host.lines
        .slice(-40)
        .map((line) => JSON.stringify(line))
        .join('\n'),
    ),
  );
  stand.mock.clearFixtures();
  stand.mock.clearRequests();
  stand.mock.onMessage(/./s, (request) => ({
    content: `To “${String(request.messages.at(-1)?.content).slice(0, 40)}”: yes.`,
  }));
});
const calls = (text: string) =>
  stand.mock.getRequests().filter(({ body }) => JSON.stringify(body).includes(text)).length;

describe('a host on a real chain', () => {
  test('says that it is ready, with its facts, and offers every demo model', async () => {
    expect(host.facts).toMatchObject({
      ready: true,
      provider: 'compatible',
      hostContract: stand.hostContract,
      operator: stand.operator,
    });
    const count = await stand.registry.modelCount();
    expect(count).toBe(4n);
    for (let id = 1n; id <= count; id++) {
      const { token, royalty } = await stand.registry.modelOf(id);
      expect((await stand.registry.offerOf(stand.hostContract, id, token))?.price).toBe(
        royalty === 0n ? 0n : token === stand.deployment.token ? 50_000_000_000_000_000n : 100_000_000_000_000n,
      );
    }
  });

  test('answers, reports in the same transaction, and is paid after the window', async () => {
    const account = BigInt(stand.hostContract);
    const before = await stand.market.balanceOf(account, '0x0000000000000000000000000000000000000000');
    const queryId = await stand.ask('Is it 🎉 {"a": 1}?');
    await stand.reaches(queryId, 'sealed');
    expect(await stand.answerOf(queryId)).toEqual(['To “Is it 🎉 {"a": 1}?”: yes.']);
    await stand.chain.increaseTime(window + 5);
    await stand.reaches(queryId, 'settled');
    expect(await stand.market.balanceOf(account, '0x0000000000000000000000000000000000000000')).toBeGreaterThan(before);
    await host.line((line) => line.queryId === queryId && line.msg === 'chain: Settled');
    expect(host.lines.filter((line) => line.queryId === queryId).map(({ msg }) => msg)).toEqual(
      expect.arrayContaining([
        'chain: Asked',
        'model runs',
        'answered',
        'transaction queued',
        'transaction mined',
        'chain: Delivered',
        'chain: Sealed',
        'chain: Settled',
      ]),
    );
  }, 40_000);

  test('a listed model, free, in LANG', async () => {
    const queryId = await stand.ask('Free?', { model: 1n, token: stand.deployment.token });
    await stand.reaches(queryId, 'sealed');
    expect(calls('You are the guide of the AI Marketplace')).toBe(1);
  }, 30_000);

  test('listed models that make their answer with work(prompt, input): one chain, and an agent with a tool', async () => {
    const { registry, owner, chain, mock } = stand;
    const first = (await registry.modelCount()) + 1n;
    const scripts = ['meaning', 'calculator'].map((name) => readFileSync(`docs/examples/${name}.py`, 'utf8'));
    await sendAll(
      chain.rpc,
      owner,
      scripts.flatMap((script, index) => [
        registry.calls.publish(script),
        registry.calls.list({
          workload: workloadHash(script),
          token: zeroAddress,
          royalty: 10n ** 12n,
          listedHostsOnly: false,
          name: `work ${index}`,
          metadata: '{}',
        }),
      ]),
    );
    for (const model of [first, first + 1n])
      await expect.poll(() => registry.offerOf(stand.hostContract, model, zeroAddress)).toBeDefined();
    mock.clearFixtures();
    mock.onMessage(/Why are we here/, { content: ' 42 {input}\n' });
    mock.onToolResult('call_1', { content: 'It is 395.' });
    mock.onMessage(/What is 17/, {
      toolCalls: [{ name: 'calculate', arguments: '{"expression": "17 * 23 + 4"}', id: 'call_1' }],
    });
    const meaning = await stand.ask('Why are we here? {x}', { model: first });
    const sum = await stand.ask('What is 17 * 23 + 4?', { model: first + 1n });
    for (const [queryId, answer] of [
      [meaning, '42 {input}'],
      [sum, 'It is 395.'],
    ] as const) {
      await stand.reaches(queryId, 'sealed', 60_000);
      expect(await stand.answerOf(queryId)).toEqual([answer]);
    }
    const sent = mock.getRequests().map(({ body }) => body?.messages);
    expect(sent).toHaveLength(3);
    expect(sent).toContainEqual([
      { role: 'system', content: 'What is the meaning of life?' },
      { role: 'user', content: 'Why are we here? {x}' },
    ]);
    expect(sent).toContainEqual(
      expect.arrayContaining([expect.objectContaining({ role: 'tool', tool_call_id: 'call_1', content: '395' })]),
    );
    await chain.increaseTime(window + 5);
    await Promise.all([meaning, sum].map((queryId) => stand.reaches(queryId, 'settled')));
    expect(await stand.market.balanceOf(BigInt(owner.address), zeroAddress)).toBeGreaterThanOrEqual(2n * 10n ** 12n);
  }, 120_000);

  test('an answer with a report of its own', async () => {
    const queryId = await stand.ask('Alone?', { byReport: true });
    await stand.reaches(queryId, 'sealed');
    const sealed = (await stand.eventsOf(queryId)).find((event) => event.type === 'Sealed');
    expect(sealed).toMatchObject({ reportQueryId: queryId });
    await stand.chain.increaseTime(window + 5);
    await stand.reaches(queryId, 'settled');
  }, 40_000);

  test('remembers the conversation', async () => {
    const first = await stand.ask('My name is Ada.');
    await stand.reaches(first, 'sealed');
    const second = await stand.ask('What is my name?', { parent: first });
    await stand.reaches(second, 'sealed');
    expect(stand.mock.getLastRequest()?.body).toMatchObject({
      messages: [
        { role: 'system' },
        { content: 'My name is Ada.' },
        { role: 'assistant' },
        { content: 'What is my name?' },
      ],
    });
  }, 30_000);

  test('many asks at once share transactions, each is answered once', async () => {
    const questions = Array.from({ length: 24 }, (_, n) => `Question ${n}`);
    const ids = await stand.askMany(questions);
    await Promise.all(ids.map((id) => stand.reaches(id, 'sealed')));
    const transactions = new Set(
      host.lines
        .filter(({ msg, action }) => msg === 'transaction mined' && action === 'deliver')
        .filter(({ queryId }) => ids.some((id) => id === queryId))
        .map(({ transaction }) => transaction),
    );
    expect(transactions.size).toBeLessThan(12);
    await stand.chain.increaseTime(window + 5);
    await Promise.all(ids.map((id) => stand.reaches(id, 'settled')));
    for (const [index, id] of ids.entries()) expect(await stand.answerOf(id)).toEqual([`To “Question ${index}”: yes.`]);
  }, 60_000);

  test.each([
    [
      'a model error',
      'broken',
      { error: { message: 'secret sk-0123456789', type: 'x' }, status: 500 },
      'The model failed.',
    ],
    [
      'a rate limit',
      'limit',
      { error: { message: 'slow', type: 'x' }, status: 429 },
      "The host's model provider is over its limit.",
    ],
    ['an empty answer', 'empty', { content: '  ' }, 'The model returned an empty answer.'],
  ])(
    '%s is declined with the reason, never delivered',
    async (_, word, response, reason) => {
      stand.mock.clearFixtures();
      stand.mock.onMessage(word, response);
      const queryId = await stand.ask(`This is ${word}`, { soleHost: true });
      await stand.reaches(queryId, 'declined');
      expect((await stand.eventsOf(queryId)).at(-1)).toMatchObject({ type: 'Declined', reason });
    },
    30_000,
  );

  test('a hostile workload is declined with its line and does not stop the next ask', async () => {
    const bad = await stand.ask('x', { script: 'prompt = "p"\ninput = "x"\nprompt = open("/etc/passwd").read()' });
    const worse = await stand.ask('y', { script: `prompt = ${'('.repeat(9_000)}` });
    const other = await stand.ask('z', { script: 'prompt = "p"\ninput = "x"\nmodel = "no-such-model"' });
    const computed = await stand.ask('  1 + 1?  ', {
      script: 'tone = "terse"\nprompt = f"Be {tone}."\ninput = "x"\ninput = input.strip()',
    });
    const good = await stand.ask('good');
    await Promise.all([
      stand.reaches(computed, 'sealed', 60_000),
      stand.reaches(bad, 'declined', 60_000),
      stand.reaches(worse, 'declined'),
      stand.reaches(other, 'declined'),
      stand.reaches(good, 'sealed'),
    ]);
    expect((await stand.eventsOf(bad)).at(-1)).toMatchObject({
      reason: expect.stringContaining('Line 3: The script raised FileNotFoundError'),
    });
    expect((await stand.eventsOf(other)).at(-1)).toMatchObject({
      reason: 'This host does not serve the model no-such-model.',
    });
    expect(stand.mock.getRequests().map(({ body }) => body?.messages)).toContainEqual([
      { role: 'system', content: 'Be terse.' },
      { role: 'user', content: '1 + 1?' },
    ]);
  }, 90_000);

  test('shows its figures', async () => {
    const base = String(host.facts['metrics']);
    const families = parseExposition(await (await fetch(`${base}/metrics`)).text());
    const value = (name: string, fits: Record<string, string> = {}) =>
      families
        .get(name)
        ?.samples.filter(({ labels }) => Object.entries(fits).every(([key, is]) => labels[key] === is))
        .reduce((sum, sample) => sum + sample.value, 0);
    expect(value('host_asks', { state: 'settled' })).toBeGreaterThan(20);
    expect(value('host_earned_tokens', { token: 'coin' })).toBeGreaterThan(0);
    expect(value('host_withdrawable_tokens', { token: 'coin' })).toBeCloseTo(
      value('host_earned_tokens', { token: 'coin' }) ?? 0,
    );
    expect(value('host_transaction_fees_coins')).toBeGreaterThan(0);
    expect(value('host_model_failures_total', { provider: 'compatible', code: 'failed' })).toBe(1);
    expect(value('host_stakes')).toBe(50_000);
    const health = await fetch(`${base}/healthz`);
    expect(await health.json()).toMatchObject({ ok: true, problems: [], offering: true });
    expect(await (await fetch(base)).text()).toContain('Healthy, offers stand');
  });

  test('stands up for a disputed answer: votes, counts, executes, and is paid', async () => {
    const { chain, deployment, owner } = stand;
    const queryId = await stand.ask('Is this disputed?');
    await stand.reaches(queryId, 'sealed');
    const sealed = (await stand.eventsOf(queryId)).find((event) => event.type === 'Sealed');
    if (sealed?.type !== 'Sealed') throw new Error('It was not sealed.');
    const governance = createGovernance(chain.rpc, deployment);
    await sendAll(chain.rpc, owner, [
      createToken(chain.rpc, deployment.token).calls.approve(deployment.governance, 10n ** 24n),
      governance.calls.beginDispute(sealed.reportQueryId, sealed.reportedAt),
    ]);
    await host.line(({ msg }) => msg?.startsWith('a report of this host is disputed; it stands') ?? false);
    await host.line(({ intent }) => String(intent).startsWith('vote:'));
    await chain.increaseTime(2 * 86_400);
    await host.line(({ intent }) => String(intent).startsWith('tally:'));
    await chain.increaseTime(86_400 + 5);
    await host.line(({ intent }) => String(intent).startsWith('execute:'));
    await stand.reaches(queryId, 'settled', 30_000);
  }, 40_000);

  test('takes an ask over from a silent host, and is paid for it', async () => {
    const { chain, deployment, owner, registry } = stand;
    const silent = await deployHost(chain.rpc, owner, deployment);
    const other = createHost(chain.rpc, silent, deployment);
    const oneStake = await createOracle(chain.rpc, deployment).stakeAmount();
    await sendAll(chain.rpc, owner, [
      createToken(chain.rpc, deployment.token).calls.approve(silent, oneStake),
      other.calls.stake(oneStake),
      other.calls.offer(0n, zeroAddress, {
        price: 10n ** 14n,
        maxInputBytes: 1_000,
        exclusiveSeconds: 1,
        reportWithinSeconds: 90_000,
      }),
    ]);
    expect((await registry.offerOf(silent, 0n, zeroAddress))?.exclusiveSeconds).toBe(1);
    const queryId = await stand.ask('Is anybody there?', { host: silent });
    await stand.reaches(queryId, 'sealed');
    expect((await stand.eventsOf(queryId)).map(({ type }) => type)).toEqual([
      'Asked',
      'TakenOver',
      'Delivered',
      'Sealed',
    ]);
  }, 40_000);

  test('knows when it can not keep its promises', async () => {
    const { chain, deployment, hostContract, operator } = stand;
    const oracle = createOracle(chain.rpc, deployment);
    const provider = await openAiProvider({ baseUrl: 'http://127.0.0.1:1/v1', aliases: new Map(), retries: 0 });
    const common = { rpc: chain.rpc, oracle, embedded: true };
    const down = await fitness({ ...common, catalog: plainCatalog(provider), host: hostContract, operator });
    expect(down).toMatchObject({ fit: false, reasons: [expect.stringContaining('does not answer')] });
    const poor = await fitness({
      ...common,
      catalog: plainCatalog(guideProvider('.')),
      host: operator,
      operator: hostContract,
    });
    expect(poor.reasons.join(' ')).toMatch(/are needed.*one stake is/);
    const guide = await fitness({
      ...common,
      catalog: plainCatalog(guideProvider('.')),
      host: hostContract,
      operator,
      embedded: false,
    });
    expect(guide.reasons).toEqual([expect.stringContaining('no language model')]);
  });

  test('npm run host: status, withdraw', async () => {
    const keyFile = join(stand.dataDir, '../owner-key');
    writeFileSync(keyFile, stand.owner.privateKey);
    const to = '0x00000000000000000000000000000000000000cc';
    const [status, paid] = await Promise.all([
      runCli(stand.env, 'status', '--json'),
      runCli(stand.env, 'withdraw', '--owner-key', keyFile, '--token', 'coin', '--to', to),
    ]);
    expect(JSON.parse(status.out)).toMatchObject({
      contract: stand.hostContract,
      asks: { settled: expect.any(Number) },
    });
    expect(paid.out).toContain('went to');
    expect(await stand.chain.rpc.getBalance(to)).toBeGreaterThan(0n);
  }, 60_000);

  test('its records as a list and as CSV', () => {
    const asks = readAsks(join(stand.dataDir, 'host.sqlite'));
    expect(asks.filter(({ state }) => state === 'declined').map(({ failure }) => failure)).toContain(
      'The model failed.',
    );
    expect(toCsv(askColumns, asks)).toMatch(/^queryId,state,askedAt.*\r\n0x[0-9a-f]{64},/);
  });

  test('its log holds no secret', () => {
    const text = JSON.stringify(host.lines);
    expect(text).not.toContain('test-key-of-the-model-server');
    expect(text).not.toContain('sk-0123456789');
  });
});

describe('killed at any moment', () => {
  test('in the middle of a model call: it asks again and delivers once', async () => {
    stand.mock.clearFixtures();
    stand.mock.onMessage('slowly', { content: 'At last.' }, { latency: 600 });
    const queryId = await stand.ask('Answer slowly');
    await vi.waitFor(() => expect(calls('Answer slowly')).toBe(1), { timeout: 10_000 });
    await host.kill();
    host = await startHostProcess(stand.env);
    await stand.reaches(queryId, 'sealed');
    expect(await stand.answerOf(queryId)).toEqual(['At last.']);
  }, 40_000);

  // test/long has ten more moments; whatever the moment, faults.test.ts has the like of it within this process.
  test.each(isLong ? ['answered', 'transaction queued', 'transaction mined'] : ['answered'])(
    'after “%s”: one model call, one delivery',
    async (moment) => {
      const text = `Once (${moment})`;
      const asked = stand.ask(text);
      await host.line(
        (line) =>
          line.msg === moment &&
          host.lines.some((one) => one.msg === 'chain: Asked' && one.queryId === line.queryId) &&
          line.queryId !== undefined &&
          calls(text) === 1,
      );
      await host.kill();
      const queryId = await asked;
      host = await startHostProcess(stand.env);
      await stand.reaches(queryId, 'sealed');
      expect(calls(text)).toBe(1);
      expect(await stand.answerOf(queryId)).toHaveLength(1);
    },
    40_000,
  );

  test('a reorganisation that takes the delivery away does not take the answer away', async () => {
    const queryId = await stand.ask('Through a reorganisation?');
    await stand.reaches(queryId, 'sealed');
    const { block } = await host.line((line) => line.queryId === queryId && line.msg === 'chain: Delivered');
    await stand.chain.reorganiseAbove(Number(block) - 1);
    expect((await stand.market.stateOf(queryId)).state).not.toBe('sealed');
    await stand.chain.mine();
    await host.line(({ msg }) => msg === 'the chain was reorganised');
    await stand.reaches(queryId, 'sealed', 30_000);
    expect(calls('Through a reorganisation?')).toBe(1);
  }, 60_000);

  test('SIGTERM: in order, with status 0', async () => {
    expect(await host.stop()).toBe(0);
    const queryId = await stand.ask('While it was away');
    await stand.chain.increaseTime(120);
    host = await startHostProcess(stand.env);
    await stand.reaches(queryId, 'sealed');
  }, 40_000);

  test('a second process on the same folder is refused with a sentence', async () => {
    await expect(startHostProcess(stand.env)).rejects.toThrow('Another host runs');
  }, 20_000);

  test('a wrong setting is said', async () => {
    await expect(startHostProcess({ ...stand.env, HOST_CONCURRENCY: 'many' })).rejects.toThrow(
      'HOST_CONCURRENCY is wrong',
    );
  }, 20_000);
});
