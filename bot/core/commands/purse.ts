import { explain } from '../../../contracts/client/ContractError.ts';
import type { Address } from '../../../contracts/client/Hex.ts';
import { zeroAddress } from '../../../contracts/client/Hex.ts';
import { asksOfPurse } from '../../store/asks.ts';
import { purseOf } from '../../store/purses.ts';
import { defaultWallet } from '../../store/wallets.ts';
import { priceOf } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { hasLine, holdingOf, limitLine } from '../money/holding.ts';
import type { PaymentRequest } from '../money/PaymentRequest.ts';
import { knownTokens } from '../money/tokens.ts';
import { type Group, groupOf, type Purse } from '../purse/Purse.ts';
import type { Message } from '../types.ts';
import { addressText, amountText, paragraphs } from '../Words.ts';
import { argumentsOf, type Command, type CommandEvent, type Response } from './Command.ts';
import { tokenOf } from './money.ts';
import { governMine, pursesMine, readArgument } from './pursesMine.ts';
import { requestLink } from './requestCommand.ts';
import { askToUnbind, isOwner, unbind } from './unbind.ts';

const actions = ['create', 'limit', 'withdraw', 'revoke', 'unbind', 'mine'] as const;
/** What admins and the owner do in the group. */
type Action = Exclude<(typeof actions)[number], 'mine'>;

/** The group's purse: what is in it, and, for admins, the pages where its owner's wallet opens and governs it. */
export const purse: Command = {
  name: 'purse',
  description: 'purse.description',
  options: [
    {
      name: 'action',
      description: 'purse.action',
      kind: 'choice',
      choices: [
        { value: 'create', label: 'purse.actionCreate' },
        { value: 'limit', label: 'purse.actionLimit' },
        { value: 'withdraw', label: 'purse.actionWithdraw' },
        { value: 'revoke', label: 'purse.actionRevoke' },
        { value: 'unbind', label: 'purse.actionUnbind' },
        { value: 'mine', label: 'purse.actionMine' },
      ],
    },
    { name: 'token', description: 'money.token', kind: 'text', isText: true },
  ],
  isPrivate: true,
  async run(context, event, t) {
    const { action } = argumentsOf(purse, event);
    const chosen = actions.find((one) => one === action);
    if (chosen === 'mine') return pursesMine(context, event, t);
    const group = groupOf(event);
    if (!group) return { note: { text: t('purse.noGroup') } };
    const found = await purseOf(context.store.db, group);
    if (chosen === undefined) return { note: found ? await statement(context, found, t) : { text: t('purse.none') } };
    return govern(context, event, { group, found, action: chosen }, t);
  },
  async press(context, event, argument, t) {
    const mine = readArgument(argument);
    return mine ? governMine(context, event, mine, t) : unbind(context, event, argument, t);
  },
};

async function govern(
  context: Context,
  event: CommandEvent,
  { group, found, action }: { group: Group; found: Purse | undefined; action: Action },
  t: Translate,
): Promise<Response> {
  if (!found && (action === 'withdraw' || action === 'revoke')) return { note: { text: t('purse.noneAnyMore') } };
  if (event.isAdmin !== true && !(found && (await isOwner(context, event.person, found))))
    return { note: { text: t('purse.adminsOnly') } };
  if (action === 'unbind') return found ? askToUnbind(context, found, t) : { note: { text: t('purse.none') } };
  const token = await tokenOf(context, purse, event, t);
  if (typeof token !== 'string') return token;
  if (action !== 'create') {
    if (!found) return { note: { text: t('purse.none') } };
    const request: PaymentRequest = { ...requestOf(action, token), account: found.account };
    return requestLink(context, event, request, `purse.about.${action}`, t);
  }
  if (found) return { note: { text: t('purse.exists') } };
  const owner = await defaultWallet(context.store.db, event.person);
  if (!owner) return { note: { text: t('purse.linkFirst') } };
  const request: PaymentRequest = { type: 'purse', token, owner, group, chat: event.chat, language: t.language };
  return requestLink(context, event, request, 'purse.about.create', t);
}

function requestOf(
  action: Exclude<Action, 'create' | 'unbind'>,
  token: Address,
): { type: 'allow' | 'withdraw'; token: Address } | { type: 'revoke' } {
  switch (action) {
    case 'limit':
      return { type: 'allow', token };
    case 'withdraw':
      return { type: 'withdraw', token };
    case 'revoke':
      return { type: 'revoke' };
  }
}

/** What every member may see: those who fill it should know whose it is and where it goes. */
async function statement(context: Context, { group, account }: Purse, t: Translate): Promise<Message> {
  try {
    const month = startOfMonth(context.now());
    const [owner, asks] = await Promise.all([
      context.accounts.ownerOf(account),
      asksOfPurse(context.store.db, { group, since: month - 1 }),
    ]);
    const lines = await Promise.all(
      knownTokens(context).map(async (token) => {
        const counted = asks.filter(({ price, status }) => price.token === token && status.state !== 'refunded');
        const spent = counted.reduce((sum, record) => sum + priceOf(record).amount, 0n);
        return line(context, account, token, { spent, asks: counted.length }, t);
      }),
    );
    return {
      text: paragraphs(
        t('purse.title'),
        lines.flat().join('\n') || `- ${t('purse.nothing')}`,
        t('purse.owner', { owner: addressText(owner, context.links.explorer) }),
        t('purse.hint'),
      ),
    };
  } catch (error) {
    context.log.warn({ err: error, code: explain(error).code }, 'a purse could not be read');
    return { text: t('money.chainUnreachable') };
  }
}

async function line(
  context: Context,
  account: bigint,
  token: Address,
  month: { spent: bigint; asks: number },
  t: Translate,
): Promise<string[]> {
  const holding = await holdingOf(context, account, token);
  if (holding.isEmpty && month.asks === 0 && token !== zeroAddress) return [];
  return [
    hasLine(holding, 'purse.has', t),
    `  - ${t('purse.month', { amount: amountText(month.spent, holding.info, t), asks: month.asks })}`,
    holding.allowance.active ? limitLine(holding, context.now(), t) : `  - ${t('purse.noLimitLine')}`,
  ];
}

/** Of the month that a time is in, UTC. Unix seconds. */
export function startOfMonth(now: number): number {
  const date = new Date(now * 1_000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / 1_000;
}
