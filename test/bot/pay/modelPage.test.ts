import { expect, test } from 'vitest';
import { english, languages, translator } from '../../../bot/core/I18n.ts';
import type { ModelView } from '../../../bot/core/selling/ModelView.ts';
import { bundlePages } from '../../../bot/local/server.ts';
import { modelPage } from '../../../bot/pay/server/modelPage.ts';
import { zeroAddress } from '../../../contracts/client/Hex.ts';

const model: ModelView = { id: 5n, name: 'terse', description: '', example: '', seller: zeroAddress, hosts: 0 };

test('a seller’s words are text on the model’s page, and no script runs there', async () => {
  const assets = await bundlePages();
  const evil = `"><script>alert(1)</script><img src=x onerror='x'>`;
  const page = String(
    await modelPage(
      { ...model, name: evil, description: evil, example: evil, hosts: 2, price: '0.25 LANG' },
      [{ platform: 'telegram', url: 'https://t.me/market_bot?start=m-5' }],
      assets,
      english,
    ),
  );
  expect(page).not.toMatch(/<script|<img|onerror='/);
  expect(page).toContain('&lt;script&gt;alert(1)');
  expect(page).toContain('<a class="button" href="https://t.me/market_bot?start=m-5"');
  expect(page).toContain('>Ask in Telegram</a>');
  expect(page).toContain('0.25 LANG');
});

test('a model that nobody offers says so, and still says how it is asked', async () => {
  const page = String(await modelPage(model, [], await bundlePages(), english));
  expect(page).toContain('No host offers it right now');
  expect(page).toContain('/ask --model #5 your question');
});

test('the page is in its reader’s language; only the seller’s words stay as they are', async () => {
  const assets = await bundlePages();
  const links = [{ platform: 'telegram', url: 'https://t.me/market_bot?start=m-5' }] as const;
  const texts = await Promise.all(
    languages.map(async (language) => {
      const page = String(await modelPage(model, links, assets, translator(language)));
      expect(page).toContain(`<html lang="${language}">`);
      return page
        .replace(/^[\s\S]*<main>/, '')
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim();
    }),
  );
  expect(texts).toMatchSnapshot();
});
