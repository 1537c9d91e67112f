import { html } from 'hono/html';
import type { Translate } from '../../core/I18n.ts';
import type { ModelView } from '../../core/selling/ModelView.ts';
import type { Platform } from '../../core/types.ts';
import { placeName } from '../request/words.ts';
import type { Assets } from './assets.ts';

/** Where a model can be asked, each a web address. */
export type ModelLinks = readonly { platform: Platform; url: string }[];

/**
 * A model's page, to be passed on: what it is and how to ask it in any chat. Plain HTML: a seller's words are text, and nothing runs.
 * @see docs/protocol.md#a-models-metadata
 */
export function modelPage(model: ModelView, links: ModelLinks, assets: Assets, t: Translate) {
  const { id, name, description, example, seller, hosts, price } = model;
  const command = `/ask --model #${id} ${example || t('listing.question')}`;
  return html`<!doctype html>
<html lang="${t.language}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${name}</title>
    <link rel="icon" href="../assets/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="../${assets.styleOf('pay')}" />
  </head>
  <body>
    <div id="app">
    <header class="top"><strong>AI Marketplace</strong></header>
    <main>
      <section class="card ask">
        <h1>${name}</h1>
        ${description ? html`<p>${description}</p>` : ''}
        <dl class="facts">
          <div><dt>${t('page.pay.price')}</dt><dd>${price ?? t('listing.noHost')}</dd></div>
          <div><dt>${t('listing.hosts')}</dt><dd>${hosts}</dd></div>
          <div><dt>${t('page.pay.model')}</dt><dd>#${id}</dd></div>
          <div><dt>${t('listing.seller')}</dt><dd><code>${seller}</code></dd></div>
        </dl>
        <p>${t('listing.type')}</p>
        <p><code>${command}</code></p>
        ${links.map(
          ({ platform, url }) =>
            html`<p><a class="button" href="${url}" rel="noopener noreferrer">${t('listing.ask', { platform: placeName(platform, t) })}</a></p>`,
        )}
      </section>
    </main>
    <footer class="foot">
      ${t('listing.foot')}
    </footer>
    </div>
  </body>
</html>`;
}
