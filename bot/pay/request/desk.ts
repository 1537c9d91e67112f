import { explain } from '../../../contracts/client/ContractError.ts';
import type { Address } from '../../../contracts/client/Hex.ts';
import { type Language, translator } from '../../core/I18n.ts';
import { languageOf } from '../../core/languageOf.ts';
import { requestByToken, type StoredRequest } from '../../store/requests.ts';
import { allow } from './allow.ts';
import { refusedByChain } from './common.ts';
import { deposit } from './deposit.ts';
import { link } from './link.ts';
import { purse } from './purse.ts';
import { revoke } from './revoke.ts';
import { transactions } from './transactions.ts';
import { type Advance, type Input, type Refusal, type RequestContext, type RequestView, refuse } from './types.ts';
import { withdraw } from './withdraw.ts';
import { placeName } from './words.ts';

/** A link as the page gets it. Times in unix seconds. */
export type OpenedRequest = { code: string; person: string; place: string; expiresAt: number; language: Language } & (
  | { state: 'open'; view: RequestView }
  | { state: 'done'; outcome: string }
  | { state: 'expired' }
);

export type RequestDesk = {
  /**
   * Undefined: there is no such link. @throws ContractError when the chain can't be read
   * @param hint the language of the browser, when the person chose none in the chat
   */
  open(
    token: string,
    wallet: Address | undefined,
    fields: Input['fields'],
    hint?: Language,
  ): Promise<OpenedRequest | undefined>;
  /** What comes next after what the wallet has done so far. */
  advance(token: string, input: Omit<Input, 'stored'>, hint?: Language): Promise<Advance>;
};

/** The page's view of the links that people were given in private. */
export function createRequestDesk(parts: Omit<RequestContext, 't'>): RequestDesk {
  const { context } = parts;
  /** For a person: in the language chosen in the chat, else the browser's. */
  const speaking = async ({ person }: StoredRequest, hint: Language | undefined): Promise<RequestContext> => {
    return { ...parts, t: translator(await languageOf(context.store.db, { person, hint })) };
  };
  return {
    async open(token, wallet, fields, hint) {
      const stored = await requestByToken(context.store.db, token);
      if (!stored) return undefined;
      const { code, person, expiresAt, outcome } = stored;
      const on = await speaking(stored, hint);
      const place = placeName(person.platform, on.t);
      const shared = { code, person: person.name, place, expiresAt, language: on.t.language };
      if (outcome !== undefined) return { ...shared, state: 'done', outcome };
      if (isOver(stored)) return { ...shared, state: 'expired' };
      return { ...shared, state: 'open', view: await viewOf(on, stored, wallet, fields) };
    },

    async advance(token, input, hint) {
      const stored = await requestByToken(context.store.db, token);
      if (!stored) return refuse('unknown', translator(hint ?? 'en')('do.unknown'));
      const on = await speaking(stored, hint);
      if (stored.outcome !== undefined) return refuse('used', on.t('do.used'));
      if (isOver(stored)) return refuse('expired', on.t('do.expired'));
      try {
        return await advance(on, { ...input, stored });
      } catch (error) {
        return refusalOf(on, error);
      }
    },
  };

  function isOver({ expiresAt }: StoredRequest): boolean {
    return expiresAt <= context.now();
  }
}

function viewOf(
  on: RequestContext,
  stored: StoredRequest,
  wallet: Address | undefined,
  fields: Input['fields'],
): Promise<RequestView> {
  const { request } = stored;
  const input = { stored, fields, wallet };
  switch (request.type) {
    case 'link':
      return link.view(on, request, input);
    case 'deposit':
      return deposit.view(on, request, input);
    case 'allow':
      return allow.view(on, request, input);
    case 'purse':
      return purse.view(on, request, input);
    case 'revoke':
      return revoke.view(on, request, input);
    case 'withdraw':
      return withdraw.view(on, request, input);
    case 'transactions':
      return transactions.view(on, request, input);
  }
}

function advance(on: RequestContext, input: Input): Promise<Advance> {
  const { request } = input.stored;
  switch (request.type) {
    case 'link':
      return link.advance(on, request, input);
    case 'deposit':
      return deposit.advance(on, request, input);
    case 'allow':
      return allow.advance(on, request, input);
    case 'purse':
      return purse.advance(on, request, input);
    case 'revoke':
      return revoke.advance(on, request, input);
    case 'withdraw':
      return withdraw.advance(on, request, input);
    case 'transactions':
      return transactions.advance(on, request, input);
  }
}

function refusalOf({ context, t }: RequestContext, error: unknown): Refusal {
  const reason = explain(error);
  context.log.warn({ err: error, code: reason.code }, 'a request could not go on');
  if (reason.code === 'network') {
    return refuse('chainUnreachable', t('do.network'));
  }
  return refusedByChain(reason, t);
}
