/**
 * Takes the pictures of the host's page, on phone and desktop, light and dark, into `.build/screenshots`; one of them into docs/images.
 * Run: `npx node test/browser/hostPage.ts`
 */
import { mkdirSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { zeroAddress } from '../../contracts/client/Hex.ts';
import { pagePolicy, renderPage } from '../../host/metrics/page.ts';
import { tokenNamer } from '../../host/metrics/prometheus.ts';
import { figuresOf } from '../../host/store/Figures.ts';
import { idOf, lang, live, memoryJournal, nameModel, them, us } from '../host/history.ts';
import { launchChromium } from './chromium.ts';

const folder = '.build/screenshots';
mkdirSync(folder, { recursive: true });
const now = Date.parse('2026-11-27T12:00:00Z');
const seconds = now / 1_000;
const one = 10n ** 18n;

// A month of a host: three models, two tokens, every state.
const journal = memoryJournal();
for (const [id, name] of [
  [1n, 'Guide'],
  [2n, 'Summariser'],
  [3n, 'Translator of very long and winding sentences'],
] as const)
  nameModel(journal, id, name);
let n = 1;
for (let day = 29; day >= 0; day--) {
  for (let count = 0; count < 4 + ((day * 7) % 11); count++) {
    const askedAt = seconds - day * 86_400 - count * 1_800 - 50_000;
    const model = BigInt((n * 5) % 4);
    const token = model === 1n ? lang : zeroAddress;
    const price = (token === lang ? one / 20n : one / 1_000n) * BigInt(1 + (n % 3));
    live(journal, {
      n,
      model,
      token,
      price,
      state: n % 13 === 0 ? 'declined' : 'settled',
      askedAt,
      waits: 1 + ((n * n) % 29),
    });
    if (n % 13 === 0)
      journal.saveFailure(
        idOf(n),
        n % 2 === 0 ? 'The model did not answer in time.' : 'This host does not serve the model gpt-9.',
      );
    n++;
  }
}
for (const state of ['open', 'delivered', 'sealed', 'sealed'] as const)
  live(journal, { n: n++, state, model: 2n, price: one / 500n, askedAt: seconds - 100 });
const state = {
  provider: 'OpenAI (gpt-4o-mini)',
  healthy: true,
  reasons: [],
  running: 2,
  followed: 7_412_880,
  chainTime: seconds,
  chain: {
    head: { number: 7_412_881, timestamp: seconds },
    operatorWei: one / 7n,
    staked: 40n * one,
    oneStake: 2n * one,
    nextReportAt: seconds + 1_400,
    balances: [
      { token: zeroAddress, amount: one / 4n },
      { token: lang, amount: 3n * one },
    ],
  },
  figures: figuresOf(journal.database, seconds),
  backlog: { queued: 0, inFlight: 1, oldestAt: now - 5_000 },
  fees: new Map([['2026-11-20', 15_400_000_000_000_000n]]),
  actions: [],
  failures: [
    { provider: 'openai', code: 'timeout', runs: 4 },
    { provider: 'openai', code: 'busy', runs: 2 },
    { provider: 'openai', code: 'filtered', runs: 1 },
    { provider: 'ollama', code: 'unreachable', runs: 3 },
    { provider: 'ollama', code: 'timeout', runs: 1 },
  ],
  problems: [],
};
const context = { hostContract: us, operator: them, tokenName: tokenNamer(lang), now };

const app = new Hono();
app.get('/', async (c) => c.html(await renderPage(state, context), 200, { 'content-security-policy': pagePolicy }));
app.get('/bad', async (c) =>
  c.html(
    await renderPage({ ...state, problems: ['The model provider OpenAI (gpt-4o-mini) does not answer.'] }, context),
    200,
    { 'content-security-policy': pagePolicy },
  ),
);
const { promise, resolve } = Promise.withResolvers<number>();
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => resolve(port));
const url = `http://127.0.0.1:${await promise}`;
const browser = await launchChromium();
for (const [size, viewport] of [
  ['phone', { width: 390, height: 844 }],
  ['desktop', { width: 1280, height: 800 }],
] as const)
  for (const scheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport, colorScheme: scheme });
    page.on('console', (message) => console.error(`${size} ${scheme}: ${message.text()}`));
    await page.goto(size === 'phone' && scheme === 'dark' ? `${url}/bad` : url);
    const wide = await page.locator('body').evaluate((body) => body.scrollWidth - body.clientWidth);
    if (wide > 0) console.error(`${size} ${scheme}: ${wide} pixels too wide`);
    await page.screenshot({ path: `${folder}/host-${size}-${scheme}.png`, fullPage: true });
    if (size === 'desktop' && scheme === 'light')
      await page.screenshot({ path: 'docs/images/host-page.png', fullPage: true });
    await page.close();
  }
await browser.close();
server.close();
