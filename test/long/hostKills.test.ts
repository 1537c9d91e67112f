import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostProcess, type Stand, startHostProcess, startStand } from '../host/support.ts';

let stand: Stand;
let host: HostProcess;
beforeAll(async () => {
  stand = await startStand({ blockTime: 0.25 });
  stand.mock.onMessage(/./s, { content: 'Yes.' });
  host = await startHostProcess(stand.env);
}, 60_000);
afterAll(async () => {
  await host?.kill();
  await stand?.stop();
});

const kills = 10;
const perKill = 3;

/** The same sequence in every run: a failure can be looked at again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

test(`a real SIGKILL at ${kills} seeded points: each ask has one answer, one report, one claim`, async () => {
  const next = random(7);
  const asked: { queryId: `0x${string}`; text: string }[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const texts = Array.from({ length: perKill }, (_, n) => `Kill ${kill}, question ${n}?`);
    const ids = await stand.askMany(texts, { seconds: 86_400 });
    for (const [index, queryId] of ids.entries()) asked.push({ queryId, text: texts[index] ?? '' });
    // From before the question is seen to after the delivery is mined.
    await new Promise((resolve) => setTimeout(resolve, next() * 1_200));
    await host.kill();
    host = await startHostProcess(stand.env);
  }
  for (const { queryId } of asked) await stand.reaches(queryId, 'sealed', 60_000);
  await stand.chain.increaseTime(43_205);
  for (const { queryId } of asked) await stand.reaches(queryId, 'settled', 60_000);
  const calls = (text: string) =>
    stand.mock.getRequests().filter(({ body }) => JSON.stringify(body).includes(text)).length;
  for (const { queryId, text } of asked) {
    expect((await stand.eventsOf(queryId)).map(({ type }) => type)).toEqual([
      'Asked',
      'Delivered',
      'Sealed',
      'Settled',
    ]);
    // A run whose answer died with the process is made again, a known answer is not.
    expect(calls(text)).toBeLessThanOrEqual(2);
  }
});
