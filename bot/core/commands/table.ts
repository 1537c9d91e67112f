import { admin, audit } from './admin.ts';
import { ask, askAgreed } from './ask.ts';
import { balance } from './balance.ts';
import type { Command } from './Command.ts';
import { cap } from './cap.ts';
import { dispute } from './dispute.ts';
import { createHelp } from './help.ts';
import { history } from './history.ts';
import { language } from './language.ts';
import { link } from './link.ts';
import { model } from './model.ts';
import { models } from './models.ts';
import { deposit, limit, revoke, withdraw } from './money.ts';
import { myModels } from './mymodels.ts';
import { createPrivacy } from './privacy.ts';
import { purse } from './purse.ts';
import { receipts } from './receipts.ts';
import { sell } from './sell.ts';
import { settings } from './settings.ts';
import { spent } from './spent.ts';
import { status } from './status.ts';
import { topup } from './topup.ts';
import { unlink, wallets } from './wallets.ts';
import { why } from './why.ts';

/** Every command, in the order of the platforms' menus. */
export const commands: readonly Command[] = [
  ask,
  models,
  model,
  why,
  history,
  balance,
  deposit,
  limit,
  link,
  wallets,
  unlink,
  revoke,
  withdraw,
  receipts,
  spent,
  purse,
  topup,
  cap,
  dispute,
  sell,
  myModels,
  status,
  language,
  settings,
  admin,
  audit,
  createPrivacy(askAgreed),
  createHelp(() => commands),
];

const byName = new Map(commands.map((command) => [command.name, command]));
const aliases: Readonly<Record<string, string>> = { start: 'help' };

/** @param name as typed, in any case */
export function commandNamed(name: string): Command | undefined {
  const lower = name.toLowerCase();
  return byName.get(Object.hasOwn(aliases, lower) ? (aliases[lower] ?? lower) : lower);
}
