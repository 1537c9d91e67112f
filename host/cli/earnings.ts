import { type Command, Option } from 'commander';
import { format } from '../../contracts/client/Amount.ts';
import { type Address, zeroAddress } from '../../contracts/client/Hex.ts';
import { createMarket } from '../../contracts/client/Market.ts';
import { feesByDay } from '../../contracts/client/send/Ledger.ts';
import { toCsv } from '../../contracts/client/support/Csv.ts';
import { info, type TokenInfo } from '../../contracts/client/Token.ts';
import { type Earning, type Figures, figuresOf } from '../store/Figures.ts';
import { type Context, needContract, openContext, withJournal } from './Context.ts';
import { table } from './table.ts';

const columns = ['day', 'model', 'name', 'token', 'symbol', 'asks', 'amount'] as const;
/** Amounts in whole tokens. */
export type EarningRow = Record<(typeof columns)[number], string> & { asks: string };
export type By = 'day' | 'model' | 'token';

export function addEarningsCommand(program: Command, print: (text: string) => void): void {
  program
    .command('earnings')
    .description('what was earned by day, model and token, what is to come, and what gas cost')
    .addOption(new Option('--by <what>', 'sum up').choices(['day', 'model', 'token']).default('day'))
    .option('--since <day>', 'only from this UTC day on, like 2026-11-01')
    .option('--csv', 'every day, model and token as CSV on standard output')
    .option('--json', 'the same as JSON')
    .addHelpText(
      'after',
      `
Earned is what settled: the host's price without the seller's royalty. Answers that can still be disputed are expected.

Examples:
  npm run host -- earnings
  npm run host -- earnings --by model --since 2026-11-01
  npm run host --silent -- earnings --csv > earnings.csv`,
    )
    .action(async (options: { by: By; since?: string; csv?: true; json?: true }) => {
      const { since = '' } = options;
      if (since !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(since))
        throw new Error(`“${since}” is no day. Write it like 2026-11-01`);
      const context = await openContext();
      const contract = needContract(context);
      const { figures, fees } = withJournal(context, (database) => ({
        figures: figuresOf(database, Math.floor(Date.now() / 1_000)),
        fees: feesByDay(database),
      }));
      const earned = figures.earned.filter(({ day }) => day >= since);
      const tokens = await tokensOf(context, [...figures.earned, ...figures.expected]);
      const market = createMarket(context.rpc, context.deployment);
      const balances = await Promise.all(
        [...tokens.keys()].map(async (token) => ({ token, amount: await market.balanceOf(BigInt(contract), token) })),
      );
      if (options.csv) process.stdout.write(toCsv(columns, rowsOf(earned, figures.models, tokens)));
      else if (options.json)
        print(
          JSON.stringify({
            earned: rowsOf(earned, figures.models, tokens),
            expected: figures.expected.map((one) => ({ ...one, amount: whole(one.amount, one.token, tokens) })),
            withdrawable: balances.map(({ token, amount }) => ({ token, amount: whole(amount, token, tokens) })),
          }),
        );
      else print(summary({ earned, figures, fees, balances, tokens, by: options.by, since }));
    });
}

type Tokens = ReadonlyMap<Address, TokenInfo>;

async function tokensOf({ rpc, deployment }: Context, of: readonly { token: Address }[]): Promise<Tokens> {
  const all = [...new Set([zeroAddress, deployment.token, ...of.map(({ token }) => token)])];
  return new Map(
    await Promise.all(all.map(async (token): Promise<[Address, TokenInfo]> => [token, await info(rpc, token)])),
  );
}

const infoOf = (token: Address, tokens: Tokens): TokenInfo => tokens.get(token) ?? { symbol: 'units', decimals: 0 };
const whole = (amount: bigint, token: Address, tokens: Tokens): string =>
  format(amount, infoOf(token, tokens).decimals);

/** One row for each day, model and token. */
export function rowsOf(earned: readonly Earning[], models: ReadonlyMap<string, string>, tokens: Tokens): EarningRow[] {
  return earned.map(({ day, model, token, asks, amount }) => ({
    day,
    model,
    name: models.get(model) ?? '',
    token,
    symbol: infoOf(token, tokens).symbol,
    asks: String(asks),
    amount: whole(amount, token, tokens),
  }));
}

/** The whole of it for a terminal. */
export function summary(of: {
  earned: readonly Earning[];
  figures: Pick<Figures, 'expected' | 'models'>;
  fees: ReadonlyMap<string, bigint>;
  balances: readonly { token: Address; amount: bigint }[];
  tokens: Tokens;
  by: By;
  since: string;
}): string {
  const { earned, figures, fees, balances, tokens, by, since } = of;
  const groups = new Map<string, { name: string; token: Address; asks: number; amount: bigint }>();
  for (const { day, model, token, asks, amount } of earned) {
    const name =
      by === 'day'
        ? day
        : by === 'model'
          ? `${model} ${figures.models.get(model) ?? ''}`
          : infoOf(token, tokens).symbol;
    const sum = groups.get(`${name} ${token}`) ?? { name, token, asks: 0, amount: 0n };
    groups.set(`${name} ${token}`, { ...sum, asks: sum.asks + asks, amount: sum.amount + amount });
  }
  const amountOf = (amount: bigint, token: Address): string =>
    format(amount, infoOf(token, tokens).decimals, infoOf(token, tokens).symbol);
  const list = (amounts: readonly { token: Address; amount: bigint }[]): string =>
    amounts
      .filter(({ amount }) => amount > 0n)
      .map(({ token, amount }) => amountOf(amount, token))
      .join(', ') || 'nothing';
  const spent = [...fees].filter(([day]) => day >= since).reduce((sum, [, fee]) => sum + fee, 0n);
  return [
    groups.size === 0
      ? 'Nothing is settled yet.'
      : table(
          [by, 'asks', 'earned'],
          [...groups.values()].map((one) => [one.name, String(one.asks), amountOf(one.amount, one.token)]),
          ['asks', 'earned'],
        ),
    '',
    `Expected:    ${list(figures.expected)} (delivered, not settled)`,
    `To withdraw: ${list(balances)}`,
    `Gas spent:   ${amountOf(spent, zeroAddress)}`,
  ].join('\n');
}
