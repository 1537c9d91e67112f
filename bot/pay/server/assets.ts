import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Handler } from 'hono';
import { type Language, translator, wordsOf } from '../../core/I18n.ts';
import { type Wording, wordsFor } from '../../core/Wording.ts';

/** A page to bundle: its script and its style sheet. `words`: an area of messages that it says beside those of all pages. */
export type PageSource = { name: string; title: Wording; script: URL; style: URL; words?: string };

type Asset = { type: string; body: Uint8Array<ArrayBuffer>; gzip: Uint8Array<ArrayBuffer> };

/** The pages' scripts and styles, in memory, under names that change with their content. */
export type Assets = {
  /**
   * The page's HTML; `root` is the relative way from it to the server's root: `./` or `../`.
   * @param language of its words, which go along as data: a page carries one language
   */
  html(page: string, root: string, language: Language): string;
  /** The way from the server's root to a page's style sheet. */
  styleOf(page: string): string;
  /** Size in bytes of what a browser loads for a page, compressed: script and style. */
  compressedSize(page: string): { script: number; style: number };
  serve: Handler;
};

/** Bundles and minifies the pages (some 100 ms). @throws when a page does not compile */
export async function bundle(pages: readonly PageSource[]): Promise<Assets> {
  const result = await build({
    entryPoints: pages.flatMap(({ name, script, style }) => [
      { in: fileURLToPath(script), out: name },
      { in: fileURLToPath(style), out: name },
    ]),
    outdir: 'assets',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const assets = new Map<string, Asset>();
  const names = new Map<string, string>();
  for (const { path, contents } of result.outputFiles) {
    const [, name = '', extension = ''] = /([^/\\]+)\.(\w+)$/.exec(path) ?? [];
    const file = `${name}-${createHash('sha256').update(contents).digest('hex').slice(0, 12)}.${extension}`;
    const type = extension === 'css' ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8';
    assets.set(file, { type, body: new Uint8Array(contents), gzip: new Uint8Array(gzipSync(contents, { level: 9 })) });
    names.set(`${name}.${extension}`, file);
  }
  const nameOf = (page: string, extension: string) => names.get(`${page}.${extension}`) ?? '';
  const sizeOf = (page: string, extension: string) => assets.get(nameOf(page, extension))?.gzip.length ?? 0;

  return {
    html(page, root, language) {
      const t = translator(language);
      const source = pages.find(({ name }) => name === page);
      const title = wordsFor(source?.title ?? page, t);
      const words = { ...wordsOf(language, 'page'), ...(source?.words && wordsOf(language, source.words)) };
      return [
        `<!doctype html><html lang="${language}"><head><meta charset="utf-8">`,
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">',
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">',
        `<title>${title}</title><link rel="icon" href="${root}assets/icon.svg" type="image/svg+xml">`,
        `<link rel="stylesheet" href="${root}assets/${nameOf(page, 'css')}">`,
        `<script type="application/json" id="words">${dataOf(words)}</script>`,
        `<script type="module" src="${root}assets/${nameOf(page, 'js')}"></script></head>`,
        `<body><div id="app"><noscript>${t('page.noScript')}</noscript></div></body></html>`,
      ].join('');
    },
    styleOf: (page) => `assets/${nameOf(page, 'css')}`,
    compressedSize: (page) => ({ script: sizeOf(page, 'js'), style: sizeOf(page, 'css') }),
    serve(c) {
      const file = c.req.param('file') ?? '';
      if (file === 'icon.svg')
        return c.body(icon, 200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'max-age=86400' });
      const asset = assets.get(file);
      if (!asset) return c.notFound();
      const wantsGzip = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
      return c.body(wantsGzip ? asset.gzip : asset.body, 200, {
        'Content-Type': asset.type,
        'Cache-Control': 'public, max-age=31536000, immutable',
        Vary: 'Accept-Encoding',
        ...(wantsGzip && { 'Content-Encoding': 'gzip' }),
      });
    },
  };
}

/** JSON that can't end the element it stands in. */
function dataOf(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#5b5bd6"/>' +
  '<path d="M8 10.5A2.5 2.5 0 0 1 10.5 8h11A2.5 2.5 0 0 1 24 10.5v7a2.5 2.5 0 0 1-2.5 2.5H16l-4.5 4v-4h-1A2.5 2.5 0 0 1 8 17.5z" fill="#fff"/>' +
  '<circle cx="12.5" cy="14" r="1.5" fill="#5b5bd6"/><circle cx="16" cy="14" r="1.5" fill="#5b5bd6"/><circle cx="19.5" cy="14" r="1.5" fill="#5b5bd6"/></svg>';
