import { expect, test } from 'vitest';
import { languages } from '../../../bot/core/I18n.ts';
import type { TelegramAdapter } from '../../../bot/telegram/adapter.ts';
import { connect } from './setup.ts';

const webhook = { url: 'https://ask.example.org/telegram' };

test('with a webhook Telegram’s requests are handled once proven, repeated until handled, and nothing is polled', async () => {
  let failures = 1;
  const { fake, adapter, events } = await connect(
    () => {
      if (failures-- > 0) throw new Error('database is locked');
    },
    { webhook },
  );
  const handler = (request: Request) => (adapter as TelegramAdapter).webhook(request);
  fake.user('Ada').says('/ask hello');
  expect(await fake.deliver(handler)).toBe(500);
  expect(await fake.deliver(handler)).toBe(200);
  expect(fake.pending()).toBe(0);
  expect(events.map(({ updateId }) => updateId)).toEqual(['1000', '1000']);
  expect(fake.calls.map(({ method }) => method)).toEqual([
    'getMe',
    ...languages.map(() => 'setMyCommands'),
    'setWebhook',
  ]);
});

test.each([
  ['no secret', {}, 401],
  ['a wrong secret', { 'x-telegram-bot-api-secret-token': 'x'.repeat(64) }, 401],
])('a forged command with %s is refused', async (_, headers, status) => {
  const { adapter, events } = await connect(() => undefined, { webhook });
  const body = JSON.stringify({ update_id: 1, message: { text: '/ask x' } });
  const request = new Request(webhook.url, { method: 'POST', headers: headers as Record<string, string>, body });
  expect((await (adapter as TelegramAdapter).webhook(request)).status).toBe(status);
  expect(events).toEqual([]);
});

test('what is no update is refused, other methods too', async () => {
  const { adapter, fake } = await connect(() => undefined, { webhook });
  const { webhook: handler } = adapter as TelegramAdapter;
  const headers = { 'x-telegram-bot-api-secret-token': fake.webhook()?.secret ?? '' };
  expect((await handler(new Request(webhook.url, { headers }))).status).toBe(405);
  expect((await handler(new Request(webhook.url, { method: 'POST', headers, body: 'not json' }))).status).toBe(400);
});
