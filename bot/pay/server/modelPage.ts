import { html } from 'hono/html';
import type { ModelView } from '../../core/selling/ModelView.ts';
import type { Assets } from './assets.ts';

/** Where a model can be asked, each a web address. */
export type ModelLinks = readonly { label: string; url: string }[];

/**
 * A model's page, to be passed on: what it is and how to ask it in any chat. Plain HTML: a seller's words are text, and nothing runs.
 * @see docs/protocol.md#a-models-metadata
 */
export function modelPage(model: ModelView, links: ModelLinks, assets: Assets) {
  const { id, name, description, example, seller, hosts, price } = model;
  const command = `/ask --model #${id} ${example || 'your question'}`;
  return html`<!doctype html>
<html lang="en">
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
          <div><dt>Price</dt><dd>${price ?? 'No host offers it right now'}</dd></div>
          <div><dt>Hosts</dt><dd>${hosts}</dd></div>
          <div><dt>Model</dt><dd>#${id}</dd></div>
          <div><dt>Seller</dt><dd><code>${seller}</code></dd></div>
        </dl>
        <p>In any chat with the bot, type</p>
        <p><code>${command}</code></p>
        ${links.map(({ label, url }) => html`<p><a class="button" href="${url}" rel="noopener noreferrer">${label}</a></p>`)}
      </section>
    </main>
    <footer class="foot">
      The name and the words are the seller’s own. You see the price before you pay; no answer in time, and the money comes back.
    </footer>
    </div>
  </body>
</html>`;
}
