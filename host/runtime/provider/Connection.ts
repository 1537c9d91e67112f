import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { type Breaker, createBreaker } from './Breaker.ts';
import type { ChatSettings } from './Provider.ts';

/** What a look at a provider found; `models` is undefined where it keeps no list. `reason` is for the operator. */
export type Health = { ok: true; models: ReadonlySet<string> | undefined } | { ok: false; reason: string };

/** One account with a provider, or one model server. */
export type Connection = {
  /** @param model the provider's own name of it */
  chat(model: string, settings: ChatSettings): BaseChatModel;
  /** A free request that shows whether the provider can be reached and takes the key. Never rejects. */
  look(signal: AbortSignal): Promise<Health>;
  /** Settings of a workload that this provider has nothing for: an ask that sets one is declined, not answered without it. */
  lacks: ReadonlySet<keyof ChatSettings>;
  breaker: Breaker;
};

export type ListRequest = {
  url: string;
  headers?: Record<string, string>;
  fetch?: typeof fetch;
  /** @throws when it is no list of models */
  read(body: unknown): readonly string[];
  /** The server may keep no such list and answer all the same. */
  optional?: boolean;
};

/** Everything of a connection beside its chat model, from the provider's list of models. */
export function connection(list: ListRequest, more: Pick<Connection, 'chat'> & Partial<Connection>): Connection {
  return { lacks: new Set(), breaker: createBreaker(), look: (signal) => look(list, signal), ...more };
}

async function look(
  { url, headers = {}, read, optional = false, ...more }: ListRequest,
  signal: AbortSignal,
): Promise<Health> {
  const { host } = new URL(url);
  try {
    const response = await (more.fetch ?? fetch)(url, { headers, signal });
    if (!response.ok) {
      await response.body?.cancel();
      if (optional && [404, 405, 501].includes(response.status)) return { ok: true, models: undefined };
      const why = [401, 403].includes(response.status) ? ': it refuses the key' : '';
      return { ok: false, reason: `${host} answered ${response.status}${why}.` };
    }
    return { ok: true, models: new Set(read(await response.json())) };
  } catch (error) {
    // What a server answers may hold anything; a list that is no list counts like none at all.
    if (optional && !signal.aborted && !isNetwork(error)) return { ok: true, models: undefined };
    return {
      ok: false,
      reason: `${host} ${isNetwork(error) || signal.aborted ? 'can not be reached' : 'answered something else than its list of models'}.`,
    };
  }
}

/** What `fetch` rejects with when there is no connection. */
function isNetwork(error: unknown): boolean {
  return error instanceof TypeError && /fetch failed/.test(error.message);
}
