import { type Api, GrammyError } from 'grammy';
import type { Update } from 'grammy/types';
import type { Log } from '../../contracts/client/support/Log.ts';
import { retryAfter } from './failure.ts';
import { pause } from './Lanes.ts';
import { allowedUpdates } from './updates.ts';

export type PollOptions = {
  api: Api;
  /** May be called again with the same update: when it threw, or when the process ended before the next poll. */
  handle(update: Update): Promise<void>;
  signal: AbortSignal;
  log: Log;
  /** How long Telegram holds a request open when there is nothing, seconds. */
  seconds: number;
  /** A sentence for the status; undefined when all is well. */
  trouble(sentence: string | undefined): void;
};

const tries = 5;

/**
 * Long polling until the signal: updates of one chat in order, chats side by side. The next poll confirms a batch to Telegram, so it waits
 * until every update in it is handled; an update that fails five times is logged and left behind rather than blocking all others.
 * @returns the offset that confirms what was handled
 */
export async function poll({ api, handle, signal, log, seconds, trouble }: PollOptions): Promise<number | undefined> {
  let offset: number | undefined;
  let failures = 0;
  while (!signal.aborted) {
    let updates: Update[];
    try {
      updates = await getUpdates(api, offset, seconds, signal);
      failures = 0;
      trouble(undefined);
    } catch (error) {
      if (signal.aborted) break;
      failures++;
      trouble(sentence(error));
      const seconds = retryAfter(error) ?? (isConflict(error) ? 5 : Math.min(30, 2 ** (failures - 1) / 2));
      log.warn({ seconds }, `Telegram: ${sentence(error)}`);
      await pause(seconds * 1_000, signal);
      continue;
    }
    await Promise.all([...byChat(updates).values()].map((chat) => inOrder(chat, handle, signal, log)));
    if (signal.aborted) break;
    const last = updates.at(-1);
    if (last) offset = last.update_id + 1;
  }
  return offset;
}

type Signal = NonNullable<Parameters<Api['getUpdates']>[1]>;

/** Tells Telegram that everything before `offset` is done. Only a courtesy: what is repeated is recognised by its id. */
export async function confirm(api: Api, offset: number): Promise<void> {
  const limited = AbortSignal.timeout(2_000) as unknown as Signal;
  await api.getUpdates({ offset, limit: 1, timeout: 0 }, limited).catch(() => undefined);
}

function getUpdates(api: Api, offset: number | undefined, seconds: number, signal: AbortSignal): Promise<Update[]> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout((seconds + 20) * 1_000)]);
  return api.getUpdates(
    { timeout: seconds, allowed_updates: allowedUpdates, ...(offset === undefined ? {} : { offset }) },
    limited as unknown as Signal,
  );
}

async function inOrder(
  updates: readonly Update[],
  handle: PollOptions['handle'],
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  for (const update of updates) {
    for (let attempt = 1; attempt <= tries && !signal.aborted; attempt++) {
      try {
        await handle(update);
        break;
      } catch (error) {
        log.error({ err: error, updateId: update.update_id, attempt }, 'the core failed on an update of Telegram');
        if (attempt < tries) await pause(100 * 2 ** attempt, signal);
      }
    }
  }
}

function byChat(updates: readonly Update[]): Map<number, Update[]> {
  return Map.groupBy(updates, (update) => (update.message ?? update.callback_query?.message)?.chat.id ?? 0);
}

const isConflict = (error: unknown) => error instanceof GrammyError && error.error_code === 409;

/** What is wrong, and who can mend it. */
export function sentence(error: unknown): string {
  if (!(error instanceof GrammyError)) return 'not reachable; trying again';
  if (error.error_code === 409)
    return 'another program is polling with the same token: stop it, or get a token of your own from @BotFather';
  if (error.error_code === 401 || error.error_code === 404)
    return 'Telegram does not know this bot token: copy it again from @BotFather';
  return `${error.error_code} ${error.description}; trying again`;
}
