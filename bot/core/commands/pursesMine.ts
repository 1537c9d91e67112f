import { explain } from '../../../contracts/client/ContractError.ts';
import { type Address, zeroAddress } from '../../../contracts/client/Hex.ts';
import { groupOfPurse } from '../../store/purses.ts';
import { walletsOf } from '../../store/wallets.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { type Holding, hasLine, holdingOf } from '../money/holding.ts';
import { knownTokens } from '../money/tokens.ts';
import { ownedPurses, pursesOwner } from '../purse/ownedPurses.ts';
import { type Group, groupKey, groupOf } from '../purse/Purse.ts';
import type { Button } from '../types.ts';
import { addressText, amountText, paragraphs } from '../Words.ts';
import { type CommandEvent, type PressEvent, pressButton, type Response } from './Command.ts';
import { requestLink } from './requestCommand.ts';

const mostWallets = 5;
const mostPurses = 16;
/** With two buttons each, below what every platform shows under one message. */
const mostShown = 10;

/** The purses that the person's linked wallets own, a group's or nobody's any more, for his eyes alone. */
export async function pursesMine(context: Context, event: CommandEvent, t: Translate): Promise<Response> {
  const linked = await walletsOf(context.store.db, event.person);
  if (linked.length === 0) return { secret: { text: t('purse.mineLink') } };
  try {
    const found = await Promise.all(
      linked.slice(0, mostWallets).map(async ({ address: owner }) => {
        const { owned, unread } = await ownedPurses(context.accounts, context.store.db, owner, mostPurses);
        return { unread, purses: await Promise.all(owned.map((account) => standing(context, { account, owner }, t))) };
      }),
    );
    // Anybody can open an empty one in somebody's name: those say nothing.
    const shown = found
      .flatMap(({ purses }) => purses)
      .filter(({ lines, group }) => lines.length > 0 || group !== undefined);
    const unread = found.reduce((sum, one) => sum + one.unread, 0);
    const rest = unread > 0 ? [t('purse.mineUnread', { count: unread, most: mostPurses })] : [];
    if (shown.length === 0) return { secret: { text: paragraphs(t('purse.mineNone'), ...rest) } };
    if (shown.length > mostShown) rest.unshift(t('purse.mineMore', { count: shown.length - mostShown }));
    const here = groupOf(event);
    const texts = shown
      .slice(0, mostShown)
      .map((one, index) =>
        [
          `**${index + 1}.** ${placeOf(one.group, here, t)}`,
          ...(one.lines.length > 0 ? one.lines : [`- ${t('purse.nothing')}`]),
          `- ${t('purse.owner', { owner: addressText(one.owner, context.links.explorer) })}`,
          `- ${t('purse.mineAccount', { account: String(one.account) })}`,
        ].join('\n'),
      );
    const buttons = shown.slice(0, mostShown).flatMap(({ account, limited }, index): Button[] => {
      const number = String(index + 1);
      return [
        pressButton('purse', argumentFor('withdraw', account), t('purse.mineWithdraw', { number })),
        ...(limited ? [pressButton('purse', argumentFor('revoke', account), t('purse.mineRevoke', { number }))] : []),
      ];
    });
    return { secret: { text: paragraphs(t('purse.mineTitle'), ...texts, ...rest), buttons } };
  } catch (error) {
    return unreadable(context, error, t);
  }
}

type Way = 'withdraw' | 'revoke';

/** The whole account in few bytes: a button has place for 64. */
function argumentFor(way: Way, account: bigint): string {
  return `${way}.${Buffer.from(account.toString(16).padStart(64, '0'), 'hex').toString('base64url')}`;
}

/** What a button of the list is for; undefined: it is another's. @param argument untrusted */
export function readArgument(argument: string): { way: Way; account: bigint } | undefined {
  const [, way, account] = /^(withdraw|revoke)\.([\w-]{43})$/.exec(argument) ?? [];
  if (way !== 'withdraw' && way !== 'revoke') return undefined;
  return { way, account: BigInt(`0x${Buffer.from(account ?? '', 'base64url').toString('hex')}`) };
}

/** A link for a purse that a wallet of the person's owns at this moment; on its page that wallet has to sign. */
export async function governMine(
  context: Context,
  event: PressEvent,
  { way, account }: { way: Way; account: bigint },
  t: Translate,
): Promise<Response> {
  try {
    const linked = await walletsOf(context.store.db, event.person);
    const owner = await pursesOwner(context.accounts, account);
    if (!linked.some(({ address }) => address === owner)) return { note: { text: t('press.gone') } };
    return way === 'withdraw'
      ? await requestLink(
          context,
          event,
          { type: 'withdraw', token: await fullest(context, account), account },
          'purse.about.mineWithdraw',
          t,
        )
      : await requestLink(context, event, { type: 'revoke', account }, 'purse.about.mineRevoke', t);
  } catch (error) {
    return unreadable(context, error, t);
  }
}

/** The first token that the purse holds any of. */
async function fullest(context: Context, account: bigint): Promise<Address> {
  const tokens = knownTokens(context);
  const balances = await Promise.all(tokens.map((token) => context.accounts.balanceOf(account, token)));
  return tokens.find((_, index) => (balances[index] ?? 0n) > 0n) ?? tokens[0] ?? zeroAddress;
}

type Standing = { account: bigint; owner: Address; group: Group | undefined; lines: string[]; limited: boolean };

async function standing(
  context: Context,
  { account, owner }: { account: bigint; owner: Address },
  t: Translate,
): Promise<Standing> {
  const [group, ...holdings] = await Promise.all([
    groupOfPurse(context.store.db, account),
    ...knownTokens(context).map((token) => holdingOf(context, account, token)),
  ]);
  return {
    account,
    owner,
    group,
    lines: holdings.filter(({ isEmpty }) => !isEmpty).map((holding) => lineOf(holding, t)),
    limited: holdings.some(({ allowance }) => allowance.active),
  };
}

function lineOf(holding: Holding, t: Translate): string {
  const { info, allowance } = holding;
  const limit = allowance.active ? `; ${t('purse.mineLimit', { left: amountText(allowance.available, info, t) })}` : '';
  return hasLine(holding, 'purse.has', t) + limit;
}

function placeOf(group: Group | undefined, here: Group | undefined, t: Translate): string {
  if (!group) return t('purse.mineUnbound');
  if (here && groupKey(here) === groupKey(group)) return t('purse.mineHere');
  return t('purse.mineBound', { group: `\`${group.platform}:${group.id.replace(/[^\w#-]/g, '')}\`` });
}

function unreadable(context: Context, error: unknown, t: Translate): Response {
  context.log.warn({ err: error, code: explain(error).code }, 'a purse could not be read');
  return { note: { text: t('money.chainUnreachable') } };
}
