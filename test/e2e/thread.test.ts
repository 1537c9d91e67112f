import { afterAll, beforeAll, expect, test } from 'vitest';
import { zeroAddress } from '../../contracts/client/Hex.ts';
import { Refused } from '../../start/BotApi.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world?.stop());

const hours12 = 43_200;

test('a question is asked, paid for, answered on chain, and becomes final when the window is over', async () => {
  const token = await world.ask('What is TellorFlex?');
  const reported = await world.until(token, 'reported');
  expect(reported.status.answer).toBe(world.model.answer);
  expect(reported.status.sealed?.transaction).toMatch(/^0x[0-9a-f]{64}$/);
  expect(world.model.calls().filter(({ user }) => user === 'What is TellorFlex?')).toHaveLength(1);

  await world.stack.chain.increaseTime(hours12);
  const final = await world.until(token, 'final');
  expect(final.status.settled?.transaction).toMatch(/^0x[0-9a-f]{64}$/);
  const host = BigInt(String(final.status.host));
  const paid = final.price.amount > 0n;
  expect((await world.market.balanceOf(host, final.price.token as `0x${string}`)) > 0n).toBe(paid);
});

test('a model of each kind of price answers: LANG, coin and free', async () => {
  const models = new Map<string, bigint>();
  for (const name of ['guide', 'terse', 'translator']) {
    const token = await world.ask(`Which price has ${name}?`, { model: name });
    const view = await world.until(token, 'reported');
    models.set(view.price.token === zeroAddress ? 'coin' : view.price.symbol, view.price.amount);
    if (view.price.amount === 0n) models.set('free', 0n);
  }
  expect([...models.keys()].sort()).toEqual(expect.arrayContaining(['LANG', 'coin', 'free']));
});

test('a workload of one’s own runs with the ask', async () => {
  const script = 'prompt = "You count."\ninput = "example"\ntemperature = 0.5\n';
  const token = await world.ask('one two three', { script });
  const view = await world.until(token, 'reported');
  expect(view.status.answer).toBe(world.model.answer);
  expect(world.model.calls()).toContainEqual({ system: 'You count.', user: 'one two three' });
});

test('a model that fails is no answer: the money comes back and the reason is said', async () => {
  world.model.rules.push({
    question: /please fail/,
    response: { error: { message: 'the model is on fire', type: 'server_error' }, status: 500 },
  });
  const token = await world.ask('please fail', { model: 'terse' });
  const declined = await world.until(token, 'declined', 'refunded');
  expect(declined.status.reason).toBeTruthy();
  await world.stack.chain.increaseTime(3600);
  const refunded = await world.until(token, 'refunded');
  expect(refunded.status.answer).toBeUndefined();
  expect(refunded.status.declineReason).toMatch(/model/i);
});

test.each([
  ['empty', ''],
  ['only spaces', '   '],
  ['only null bytes', '\0\0\0'],
  ['20,000 characters', 'x'.repeat(20_000)],
])('a prompt that is %s gets a clear sentence', async (_name, prompt) => {
  await expect(world.api.ask({ prompt })).rejects.toThrowError(Refused);
  await expect(world.api.ask({ prompt })).rejects.toThrowErrorMatchingSnapshot();
});

test('an unknown model is said, with those there are', async () => {
  await expect(world.api.ask({ prompt: 'x', model: 'tersee' })).rejects.toThrowError(/terse/);
});

test.each([
  ['only emoji', '🦊🌍👩‍👩‍👧‍👦'],
  ['a template', `{"a":1} {input} {{x}} ${'$'}{y}`],
  ['HTML and Markdown', '<script>alert(1)</script> **bold** [x](javascript:alert(1)) @everyone'],
])('a prompt that is %s reaches the model as typed', async (_name, prompt) => {
  const token = await world.ask(prompt);
  await world.until(token, 'reported');
  expect(world.model.calls().map(({ user }) => user)).toContain(prompt);
});

test('answers that come together are delivered and reported together', async () => {
  world.model.hold();
  const before = world.model.calls().length;
  const tokens = await Promise.all(
    [1, 2, 3, 4, 5].map((number) => world.ask(`Together ${number}?`, { model: 'guide' })),
  );
  await expect.poll(() => world.model.calls().length, { timeout: 30_000 }).toBe(before + 5);
  world.model.release();
  const views = await Promise.all(tokens.map((token) => world.until(token, 'reported')));
  expect(new Set(views.map(({ status }) => status.sealed?.transaction)).size).toBe(1);
});

test('killed while the model answers, host and bot go on where they were: one answer, nothing lost', async () => {
  world.model.hold();
  const before = world.model.calls().length;
  const token = await world.ask('Are you still there?');
  await expect.poll(() => world.model.calls().length, { timeout: 30_000 }).toBe(before + 1);
  await Promise.all([world.stack.host.kill(), world.stack.bot.kill()]);
  world.model.release();
  const view = await world.until(token, 'reported');
  expect(view.status.answer).toBe(world.model.answer);
});

test('everything stopped and started again continues with the same state', async () => {
  const token = await world.ask('Will you remember me?');
  await world.until(token, 'reported');
  const { market } = world.stack.deployment;
  await world.restart();
  expect(world.stack.deployment.market).toBe(market);
  const view = await world.until(token, 'reported', 'final');
  expect(view.status.answer).toBe(world.model.answer);
});
