import type { Address } from '../../../contracts/client/Hex.ts';
import { zeroAddress } from '../../../contracts/client/Hex.ts';
import type { Context } from '../Context.ts';
import type { Key, Translate } from '../I18n.ts';
import { plain } from '../markdown/plain.ts';
import type { PaymentRequest } from '../money/PaymentRequest.ts';
import { knownTokens, tokenNamed } from '../money/tokens.ts';
import { argumentsOf, type Command, type CommandEvent, type Response } from './Command.ts';
import { requestLink } from './requestCommand.ts';

/** A command that gives a private link to a page about one token. */
function tokenCommand(
  name: 'deposit' | 'limit' | 'withdraw',
  texts: { description: Key; about: Key },
  request: (token: Address) => PaymentRequest,
): Command {
  const command: Command = {
    name,
    description: texts.description,
    options: [{ name: 'token', description: 'money.token', kind: 'text', isText: true }],
    isPrivate: true,
    async run(context, event, t) {
      const chosen = await tokenOf(context, command, event, t);
      return typeof chosen === 'string' ? requestLink(context, event, request(chosen), texts.about, t) : chosen;
    },
  };
  return command;
}

export const deposit = tokenCommand(
  'deposit',
  { description: 'deposit.description', about: 'deposit.about' },
  (token) => ({ type: 'deposit', token }),
);

export const limit = tokenCommand('limit', { description: 'limit.description', about: 'limit.about' }, (token) => ({
  type: 'allow',
  token,
}));

export const withdraw = tokenCommand(
  'withdraw',
  { description: 'withdraw.description', about: 'withdraw.about' },
  (token) => ({ type: 'withdraw', token }),
);

export const revoke: Command = {
  name: 'revoke',
  description: 'revoke.description',
  options: [],
  isPrivate: true,
  run: (context, event, t) => requestLink(context, event, { type: 'revoke' }, 'revoke.about', t),
};

/** The token named, or the one that most models are paid in. */
export async function tokenOf(
  context: Context,
  command: Command,
  event: CommandEvent,
  t: Translate,
): Promise<Address | Response> {
  const wanted = argumentsOf(command, event)['token'] ?? '';
  if (wanted === '') return knownTokens(context)[0] ?? zeroAddress;
  const found = await tokenNamed(context, wanted);
  if (found) return found.token;
  const symbols = await Promise.all(
    knownTokens(context).map(async (token) => plain((await context.market.tokenInfo(token)).symbol)),
  );
  return { note: { text: t('money.unknownToken', { token: plain(wanted.slice(0, 20)), tokens: symbols.join(', ') }) } };
}
