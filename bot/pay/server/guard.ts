import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ServerRefusalCode } from '../refusals.ts';

/** How a request came: to this machine's own address, or to the public one. `origin` is that of its own pages. */
export type Site = { kind: 'local' | 'public'; origin: string };

export type ServerEnv = { Variables: { site: Site } };

export type GuardOptions = {
  /** The port that is listened on; known only after listening when 0 was asked for. */
  port: () => number;
  /** Base of public links, if there is one. */
  publicUrl?: string;
};

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Wallets announce their icons as data: URLs (EIP-6963).
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** A request that a proxy handed on is public whatever its Host says: some proxies put their own target there. */
const proxyHeaders = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-real-ip',
  'cf-connecting-ip',
] as const;

const throughProxy =
  'The local chat is for this machine only, and a proxy handed this request on. Pay pages go through one when PUBLIC_URL is set.';

const largestBody = 256 * 1024;
/** The local chat sends four whole files at once, as JSON beside a text. */
export const largestLine = 512 * 1024;

/** Headers of every response: nothing foreign runs, frames, is sniffed, or learns the address. */
export function headers(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    c.header('Content-Security-Policy', contentSecurityPolicy);
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('X-Frame-Options', 'DENY');
    c.header('Referrer-Policy', 'no-referrer');
    c.header('Cross-Origin-Opener-Policy', 'same-origin-allow-popups');
    c.header('Cross-Origin-Resource-Policy', 'same-origin');
    c.header('Permissions-Policy', 'camera=(), microphone=(), geolocation=()');
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  };
}

/** Refuses a Host that isn't ours (DNS rebinding) and notes which side the request came from. */
export function knownHost({ port, publicUrl }: GuardOptions): MiddlewareHandler<ServerEnv> {
  const outside = publicUrl === undefined ? undefined : new URL(publicUrl);
  return async (c, next) => {
    const host = c.req.header('host') ?? '';
    const isLocal = [`127.0.0.1:${port()}`, `localhost:${port()}`, `[::1]:${port()}`].includes(host);
    const isForwarded = proxyHeaders.some((name) => c.req.header(name) !== undefined);
    if (isLocal && !isForwarded) c.set('site', { kind: 'local', origin: `http://${host}` });
    else if (outside && (isLocal || host === outside.host)) c.set('site', { kind: 'public', origin: outside.origin });
    else return c.json(refusal('wrongHost', isForwarded ? throughProxy : 'This address is not served here.'), 421);
    return next();
  };
}

/** Only pages of our own may call: no other site's page can post in a person's name or read an answer (CSRF). */
export function sameOrigin(): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const fetchSite = c.req.header('sec-fetch-site');
    if (c.req.method === 'GET' || c.req.method === 'HEAD') {
      const isForeign = fetchSite === 'cross-site' || fetchSite === 'same-site';
      return isForeign ? c.json(refusal('crossSite', 'Other sites may not read this.'), 403) : next();
    }
    const origin = c.req.header('origin');
    // A program that isn't a browser sends neither header.
    const isOwn =
      origin === undefined ? fetchSite === undefined || fetchSite === 'same-origin' : origin === c.get('site').origin;
    if (!isOwn) return c.json(refusal('crossSite', 'Other sites may not do this.'), 403);
    if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
      return c.json(refusal('notJson', 'The body must be JSON (Content-Type: application/json).'), 415);
    }
    return next();
  };
}

/** What only this machine may reach does not exist under the public address. */
export function localOnly(): MiddlewareHandler<ServerEnv> {
  return async (c, next) => (c.get('site').kind === 'local' ? next() : c.notFound());
}

/** @param largest bytes */
export function smallBody(largest: number = largestBody): MiddlewareHandler {
  return bodyLimit({
    maxSize: largest,
    onError: (c) => c.json(refusal('tooLarge', `At most ${largest / 1024} KB can be sent at once.`), 413),
  });
}

/** The JSON of every refusal. `message` is for the person at the page. */
export function refusal(
  code: ServerRefusalCode,
  message: string,
): { ok: false; code: ServerRefusalCode; message: string } {
  return { ok: false, code, message };
}
