import { explain } from '../../../contracts/client/ContractError.ts';
import type { Address } from '../../../contracts/client/Hex.ts';
import { accountOf } from '../../../contracts/client/Market.ts';
import { maySpend, walletsOf } from '../../store/wallets.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { hasLine, holdingOf, limitLine } from '../money/holding.ts';
import { knownTokens } from '../money/tokens.ts';
import type { Message, Person } from '../types.ts';
import { paragraphs, short } from '../Words.ts';
import type { Command } from './Command.ts';

/** What lies in the person's accounts, what open questions hold, and what the bot may still spend. */
export const balance: Command = {
  name: 'balance',
  description: 'balance.description',
  options: [],
  isPrivate: true,
  run: async (context, { person }, t) => ({ secret: await statement(context, person, t) }),
};

async function statement(context: Context, person: Person, t: Translate): Promise<Message> {
  const linked = await walletsOf(context.store.db, person);
  if (linked.length === 0) return { text: t('wallets.none') };
  try {
    const accounts = await Promise.all(
      linked.slice(0, 5).map(async ({ address, isDefault }) => {
        const lines = await Promise.all(
          knownTokens(context).map((token) => line(context, { person, address, token }, t)),
        );
        const title = `**${short(address)}**${isDefault ? ` (${t('wallets.pays')})` : ''}`;
        return paragraphs(title, lines.flat().join('\n') || `- ${t('balance.empty')}`);
      }),
    );
    return { text: paragraphs(...accounts, t('balance.hint')) };
  } catch (error) {
    context.log.warn({ err: error, code: explain(error).code }, 'balances could not be read');
    return { text: t('money.chainUnreachable') };
  }
}

/** Nothing for a token that there is nothing to say of. */
async function line(
  context: Context,
  { person, address, token }: { person: Person; address: Address; token: Address },
  t: Translate,
): Promise<string[]> {
  const [holding, isTheirs] = await Promise.all([
    holdingOf(context, accountOf(address), token),
    maySpend(context.store.db, person, address, token),
  ]);
  if (holding.isEmpty) return [];
  return [hasLine(holding, 'balance.has', t), limit()];

  function limit(): string {
    if (!holding.allowance.active) return `  - ${t('balance.noLimit')}`;
    return isTheirs ? limitLine(holding, context.now(), t) : `  - ${t('spend.otherUser')}`;
  }
}
