import { keccak256 } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hex, hex, zeroAddress } from '../../contracts/client/Hex.ts';
import { open } from '../../contracts/client/support/Sqlite.ts';
import type { Provider } from '../../host/runtime/provider/Provider.ts';
import { sendAll } from '../../host/transactions.ts';
import { prepare } from '../host/faults.ts';
import { type HostHere, startHere } from '../host/hostHere.ts';
import { type Stand, startStand } from '../host/support.ts';
import { askRaw, bytes, misbehave, plain, poisons } from './poisons.ts';

let stand: Stand;
let provider: Provider;
let host: HostHere;
beforeAll(async () => {
  stand = await startStand({ blockTime: 0.1 });
  provider = await prepare(stand);
  misbehave(stand.mock);
  host = await startHere({ stand, database: open(':memory:'), provider, env: { HOST_CONCURRENCY: '32' } });
  await host.loop.ready;
}, 60_000);
afterAll(async () => {
  await host?.stop();
  await stand?.stop();
});

describe('asks made to stop a host', () => {
  test('a question longer than the offer takes, a megabyte too, is refused by the market before any money moves', async () => {
    await expect(askRaw(stand, { input: hex(`0x${'61'.repeat(16_385)}`) })).rejects.toThrow(/InputTooLong/);
    await expect(askRaw(stand, { script: hex(`0x${'23'.repeat(24_001)}`) })).rejects.toThrow(/ScriptTooLong/);
  });

  test('each ends as it should, and a hundred good asks behind all of them are answered', async () => {
    const bad = await askRaw(stand, ...poisons.map(([, raw]) => raw));
    expect(bad).toHaveLength(poisons.length);
    const good = await stand.askMany(Array.from({ length: 100 }, (_, n) => `Good question ${n}`));
    for (const id of good) await stand.reaches(id, 'sealed', 60_000);
    const ends = [];
    for (const [index, [what, , ending, reason]] of poisons.entries()) {
      const id = bad[index];
      if (id === undefined) continue;
      await stand.reaches(id, ending, 30_000);
      const last = (await stand.eventsOf(id)).findLast(({ type }) => type === 'Declined');
      ends.push([
        what,
        last?.type === 'Declined' && reason !== undefined ? last.reason.includes(reason) || last.reason : true,
      ]);
    }
    expect(ends).toEqual(poisons.map(([what]) => [what, true]));
    expect(await Promise.race([host.loop.ended, Promise.resolve('goes on')])).toBe('goes on');
  }, 180_000);

  test('an answer with odd characters is on chain as it is in the journal, so that the host can stand by it', async () => {
    const queryId = await stand.ask('be odd');
    await stand.reaches(queryId, 'sealed');
    await expect.poll(() => host.parts.journal.entry(queryId)?.state).toBe('sealed');
    const [answer] = await stand.answerOf(queryId);
    expect(host.parts.journal.entry(queryId)?.answer).toBe(answer);
    expect(answer).toContain('a\u0000b');
  });

  test('a model’s description that is no JSON, or too much of it, changes nothing', async () => {
    const { chain, asker, registry } = stand;
    const workload = keccak256(bytes(plain)) as Hex;
    const listing = {
      workload,
      token: zeroAddress,
      royalty: 1n,
      listedHostsOnly: false,
      name: '\u202e<b>',
      metadata: '',
    };
    await sendAll(chain.rpc, asker, [
      registry.calls.publish(plain),
      ...['{"turns": 1e999}', '[[[[', '{"turns": -1}', `{"turns": 50, "x": "${'y'.repeat(1_000)}"}`, 'null'].map(
        (metadata) => registry.calls.list({ ...listing, metadata }),
      ),
    ]);
    const model = await registry.modelCount();
    await expect.poll(() => registry.offerOf(stand.hostContract, model, zeroAddress)).toBeDefined();
    const queryId = await stand.ask('Still there?', { model });
    await stand.reaches(queryId, 'sealed');
  }, 60_000);
});
