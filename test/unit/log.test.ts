import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLog, hideSecret } from '../../contracts/client/support/Log.ts';

function capture() {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { log: createLog({ name: 'test', destination }), lines };
}

const openai = `sk-proj-${'a1B2'.repeat(10)}`;
const telegram = `123456789:${'AAb-_9'.repeat(6)}`;
const discord = `${'M'.repeat(24)}.${'G'.repeat(6)}.${'h'.repeat(38)}`;

test('secrets by name, at the top and inside objects, never reach a line', () => {
  const { log, lines } = capture();
  log.info(
    { privateKey: 'open sesame', deep: { password: 'open sesame', deeper: { apiKey: 'open sesame' } } },
    'hello',
  );
  expect(lines.join('')).not.toContain('open sesame');
  expect(lines.join('')).toContain('[redacted]');
});

test.each([openai, telegram, discord])('a secret inside running text is taken out', (secret) => {
  const { log, lines } = capture();
  log.error(
    { err: new Error(`GET https://api.example/bot${secret}/getMe failed`), url: `https://x/?token=${secret}` },
    `with ${secret}`,
  );
  expect(lines.join('')).not.toContain(secret);
  expect(lines.join('')).toContain('redacted');
});

test('credentials in a URL and literal secrets are taken out', () => {
  const { log, lines } = capture();
  hideSecret('correct horse battery staple');
  log.warn({ url: 'https://user:pass@rpc.example/v1?apikey=abcdef' }, 'correct horse battery staple');
  expect(lines.join('')).not.toMatch(/pass@|abcdef|battery/);
});

test('amounts of type bigint print as decimals and the query id stays whole', () => {
  const { log, lines } = capture();
  const queryId = `0x${'ab'.repeat(32)}`;
  log.info({ queryId, price: 250_000_000_000_000_000n }, 'asked');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    queryId,
    price: '250000000000000000',
    msg: 'asked',
    level: 'info',
  });
});
