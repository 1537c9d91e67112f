import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Update } from 'grammy/types';
import { z } from 'zod';
import type { Log } from '../../contracts/client/support/Log.ts';

export type Webhook = (request: Request) => Promise<Response>;

export type WebhookOptions = {
  secret: string;
  /** May be called again with the same update: Telegram repeats what got no 2xx answer. */
  handle(update: Update): Promise<void>;
  log: Log;
};

/** More than any update that this bot asks for. */
const mostBytes = 1_000_000;

/** Enough to know that it is an update; Telegram's word, proven by the secret, is taken for the rest. */
const anyUpdate = z.looseObject({ update_id: z.int() });

/** A secret that needs no setting of its own and tells nothing about the token. */
export function secretOf(token: string): string {
  return createHmac('sha256', token).update('telegram webhook').digest('hex');
}

/** Handles Telegram's requests. A request without the right secret is refused before its body is read. */
export function createWebhook({ secret, handle, log }: WebhookOptions): Webhook {
  return async (request) => {
    if (request.method !== 'POST') return new Response(null, { status: 405 });
    if (!same(request.headers.get('x-telegram-bot-api-secret-token') ?? '', secret)) {
      log.warn('a webhook request without the right secret was refused');
      return new Response(null, { status: 401 });
    }
    if (Number(request.headers.get('content-length') ?? 0) > mostBytes) return new Response(null, { status: 413 });
    const update = anyUpdate.safeParse(await request.json().catch(() => undefined));
    if (!update.success) return new Response(null, { status: 400 });
    try {
      await handle(update.data as Update);
      return new Response(null, { status: 200 });
    } catch (error) {
      log.error({ err: error, updateId: update.data.update_id }, 'the core failed on an update of Telegram');
      return new Response(null, { status: 500 });
    }
  };
}

function same(given: string, expected: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
