import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { wordsOf } from '../../../bot/core/I18n.ts';
import type { RequestDesk } from '../../../bot/pay/request/desk.ts';
import { requestRoutes } from '../../../bot/pay/server/requestRoutes.ts';
import { zeroAddress } from '../../../contracts/client/Hex.ts';

const token = 'a-token-of-24-characters';
const chain = {
  id: 1,
  name: 'Main',
  rpcUrls: [],
  coin: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  market: zeroAddress,
};
const seen: unknown[] = [];
const desk: RequestDesk = {
  open: async (asked, wallet, fields, hint) => {
    seen.push({ asked, wallet, fields });
    return asked === token
      ? {
          code: 'K7QF',
          person: 'Ada',
          place: 'Telegram',
          expiresAt: 9,
          language: hint ?? 'en',
          state: 'done',
          outcome: 'It is done.',
        }
      : undefined;
  },
  advance: async (asked, input) => {
    seen.push({ asked, input });
    return asked === token
      ? {
          ok: true,
          type: 'step',
          step: { type: 'transaction', id: 'x', what: 'x', to: zeroAddress, data: '0x', value: 7n },
          count: 1,
          of: 1,
        }
      : { ok: false, code: 'unknown', message: 'There is no such link.' };
  },
};
const app = new Hono().route('/api/do', requestRoutes({ desk, chain, testWallet: false }));
const post = (path: string, body: unknown, language = 'en') =>
  app.request(`/api/do/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', 'Accept-Language': language },
  });

test('a link and its steps by their token, which stands in no address; numbers as text', async () => {
  const view = await post('view', { token, fields: { amount: '1' } });
  expect([view.status, await view.json()]).toEqual([
    200,
    {
      request: {
        code: 'K7QF',
        person: 'Ada',
        place: 'Telegram',
        expiresAt: 9,
        language: 'en',
        state: 'done',
        outcome: 'It is done.',
      },
      chain,
      testWallet: false,
      words: wordsOf('en', 'page'),
    },
  ]);
  expect(seen.at(-1)).toEqual({ asked: token, wallet: undefined, fields: { amount: '1' } });
  const next = await post('next', { token, wallet: zeroAddress, results: [{ id: 'signIn', value: '0xAB' }] });
  expect(await next.json()).toMatchObject({ ok: true, step: { value: '7' } });
  expect(seen.at(-1)).toMatchObject({ input: { fields: {}, results: [{ id: 'signIn', value: '0xab' }] } });
});

test('one language goes along: the person’s, else the best of the browser’s that the bot speaks', async () => {
  const of = async (header: string) => {
    const { request, words } = z
      .object({ request: z.looseObject({ language: z.string() }), words: z.record(z.string(), z.string()) })
      .parse(await (await post('view', { token }, header)).json());
    return [request.language, words['page.done']];
  };
  expect(await of('de, ru;q=0.4, zh-TW;q=0.9')).toEqual(['zh', '完成']);
  expect(await of('ru-RU,ru;q=0.9,en;q=0.8')).toEqual(['ru', 'Готово']);
  expect(await of('*;q=x, zh;q=0')).toEqual(['en', 'Done']);
});

test.each([
  ['view', { token: 'unknown-link' }, 404],
  ['next', { token: 'unknown-link', wallet: zeroAddress }, 404],
  ['view', { token: '../x' }, 400],
  ['view', { token, wallet: '0x1' }, 400],
  ['next', { token }, 400],
  ['next', { token, wallet: zeroAddress, fields: { amount: 'x'.repeat(300) } }, 400],
  ['next', { token, wallet: zeroAddress, results: [{ id: 'x', value: 'zz' }] }, 400],
  ['next', 'nonsense', 400],
])('%s with %j gives %i', async (path, body, status) => {
  const answer = await post(path, body);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ ok: false, message: expect.stringMatching(/.+/) });
});

test('no more than so many requests for one link', async () => {
  const statuses = new Set<number>();
  for (let time = 0; time < 40; time += 1) statuses.add((await post('next', { token, wallet: zeroAddress })).status);
  expect([...statuses].sort()).toEqual([200, 429]);
});
