import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLanes } from '../../../bot/telegram/Lanes.ts';
import { connect } from './setup.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets fake time pass in steps, with real time for the network between them, until `condition` holds. */
async function passTime(
  condition: () => boolean,
  { stepMs, mostMs }: { stepMs: number; mostMs: number },
): Promise<void> {
  for (let passed = 0; passed < mostMs && !condition(); passed += stepMs) {
    await vi.advanceTimersByTimeAsync(stepMs);
    for (let turn = 0; turn < 10; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  expect(condition()).toBe(true);
}

test('137 seconds are waited out, the newest edit alone is made after them, the answer goes first', async () => {
  const { fake, adapter } = await connect(() => undefined);
  const ada = fake.user('Ada');
  const chat = { platform: 'telegram', id: String(ada.chat.id) } as const;
  const part = (text: string) => adapter.render({ text })[0] ?? { payload: '' };
  const card = await adapter.send(chat, part('card'), { nonce: '1' });
  fake.refuse('editMessageText', 429, 'Too Many Requests: retry after 137', { retry_after: 137 });
  const edits = ['paid', 'taken', 'answered'].map((text) => adapter.edit(card, part(text)));
  await vi.waitFor(() => expect(fake.calls.filter(({ method }) => method === 'editMessageText')).toHaveLength(1), {
    timeout: 10_000,
  });
  const answer = adapter.send(chat, part('answer'), { nonce: '2' });
  const start = Date.now();
  await vi.advanceTimersByTimeAsync(130_000);
  expect(fake.replies(ada.chat).map(({ text }) => text)).toEqual(['card']);
  await passTime(
    () =>
      fake
        .replies(ada.chat)
        .map(({ text }) => text)
        .join() === 'answered,answer',
    { stepMs: 500, mostMs: 20_000 },
  );
  await Promise.all([...edits, answer]);
  expect(Date.now() - start).toBeGreaterThanOrEqual(136_000);
  const order = fake.calls
    .filter(({ method }) => /sendMessage|editMessage/.test(method))
    .map(({ method, payload }) => [method, payload['text']]);
  expect(order).toEqual([
    ['sendMessage', 'card'],
    ['editMessageText', 'paid'],
    ['sendMessage', 'answer'],
    ['editMessageText', 'answered'],
  ]);
});

test('a group gets at most 20 sends a minute and Telegram never has to say so', async () => {
  const { fake, adapter } = await connect(() => undefined);
  const group = fake.group('Builders');
  const chat = { platform: 'telegram', id: String(group.id) } as const;
  const part = (text: string) => adapter.render({ text })[0] ?? { payload: '' };
  const sends = Array.from({ length: 50 }, (_, index) =>
    adapter.send(chat, part(`message ${index}`), { nonce: String(index) }),
  );
  await passTime(() => fake.replies(group).length === 50, { stepMs: 500, mostMs: 600_000 });
  await Promise.all(sends);
  const times = fake.calls.filter(({ method }) => method === 'sendMessage').map(({ at }) => at);
  expect(times).toHaveLength(50);
  for (const [index, at] of times.entries())
    expect((times[index + 20] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(60_000);
});

test('over all chats 30 a second, and a chat that waits holds up no other', async () => {
  const lanes = createLanes();
  const times: number[] = [];
  const runs = Array.from({ length: 100 }, (_, chat) =>
    lanes.run(chat + 1, undefined, async () => void times.push(Date.now())),
  );
  await vi.advanceTimersByTimeAsync(5_000);
  await Promise.all(runs);
  for (const [index, at] of times.entries())
    expect((times[index + 30] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(1_000);
});
