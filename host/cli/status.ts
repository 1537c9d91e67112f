import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { formatUnits } from 'ethers';
import { z } from 'zod';
import { zeroAddress } from '../../contracts/client/Hex.ts';
import { createHost } from '../../contracts/client/HostContract.ts';
import { createMarket } from '../../contracts/client/Market.ts';
import { createOracle } from '../../contracts/client/Oracle.ts';
import { latest } from '../../contracts/client/Rpc.ts';
import { backlogOf } from '../../contracts/client/send/Ledger.ts';
import { redact } from '../../contracts/client/support/Log.ts';
import { addressOfKey } from '../operatorKey.ts';
import { slotAt } from '../reporter/Slots.ts';
import { figuresOf } from '../store/Figures.ts';
import { type Context, isRunning, needContract, openContext, tokenName, withJournal } from './Context.ts';
import { createScreen } from './Screen.ts';

/** Amounts in whole tokens, times ISO 8601. */
export type Status = Record<string, string | number | boolean | Record<string, number | string>>;

export function addStatusCommand(program: Command, print: (text: string) => void): void {
  program
    .command('status')
    .description('stake, earnings, asks by state, disputes, alerts')
    .option('--json', 'one line of JSON')
    .option('--watch', 'again and again until Ctrl-C')
    .option('--every <seconds>', 'how often with --watch', seconds, 2)
    .addHelpText(
      'after',
      `
Examples:
  npm run host -- status
  npm run host -- status --watch
  npm run host -- status --json | jq .staked`,
    )
    .action(async (options: { json?: true; watch?: true; every: number }) => {
      const context = await openContext();
      if (!options.watch) print(show(await status(context), options.json));
      else await watch(context, options, print);
    });
}

async function watch(
  context: Context,
  { json, every }: { json?: true; every: number },
  print: (text: string) => void,
): Promise<void> {
  const screen = process.stdout.isTTY && !json ? createScreen(process.stdout) : undefined;
  try {
    for (;;) {
      // A node that is away for a moment ends nothing.
      const text = await status(context).then(
        (facts) => show(facts, json),
        (error: unknown) =>
          `Can't be read at the moment: ${redact(error instanceof Error ? error.message : String(error))}`,
      );
      if (screen) screen.draw(`${text}\n\n${new Date().toISOString().slice(0, 19).replace('T', ' ')} UTC, Ctrl-C ends`);
      else print(json ? text : `${text}\n`);
      await wait(every * 1_000);
    }
  } finally {
    screen?.close();
  }
}

/** What chain and journal say now. */
export async function status(context: Context): Promise<Status> {
  const { rpc, deployment } = context;
  const contract = needContract(context);
  const oracle = createOracle(rpc, deployment);
  const market = createMarket(rpc, deployment);
  const [{ staked, lastReportAt }, stakeAmount, lock, head, coin, lang] = await Promise.all([
    oracle.stakerInfo(contract),
    oracle.stakeAmount(),
    oracle.reportingLock(),
    latest(rpc),
    market.balanceOf(BigInt(contract), zeroAddress),
    market.balanceOf(BigInt(contract), deployment.token),
  ]);
  const operator = addressOfKey(context.files.key);
  const { figures, backlog, followed } = withJournal(context, (database) => ({
    figures: figuresOf(database, head.timestamp),
    backlog: backlogOf(database),
    followed: followedBy(database),
  }));
  const allowed = operator === undefined ? undefined : await createHost(rpc, contract).operatorOf(operator);
  const terms = { staked, stakeAmount, lastReportAt, lock, ...(allowed ?? { reportsPerDay: 86_400, usedToday: 0 }) };
  const next = slotAt(0, terms, head.timestamp);
  const asks: Record<string, number> = {};
  for (const { state, asks: n } of figures.asks) asks[state] = (asks[state] ?? 0) + n;
  return {
    running: isRunning(context),
    contract,
    block: followed === undefined ? `none of ${head.number}` : `${followed} of ${head.number}`,
    staked: formatUnits(staked, 18),
    stakes: stakeAmount > 0n ? Number(staked / stakeAmount) : 0,
    reportsAtRisk: figures.reportsAtRisk,
    ...(allowed && { reportsToday: `${allowed.usedToday} of ${allowed.reportsPerDay}` }),
    nextReport: !Number.isFinite(next)
      ? 'none: no stake, or the operator may make none'
      : next <= head.timestamp
        ? 'at once'
        : new Date(next * 1_000).toISOString(),
    earnings: { coin: formatUnits(coin, 18), LANG: formatUnits(lang, 18) },
    expected: Object.fromEntries(
      figures.expected.map(({ token, amount }) => [tokenName(token, context), formatUnits(amount, 18)]),
    ),
    asks,
    disputes: Object.fromEntries(figures.disputes.map(({ state, disputes }) => [state, disputes])),
    alerts: Object.fromEntries(figures.alerts.map(({ kind, alerts }) => [kind, alerts])),
    waiting: { queued: backlog.queued, inFlight: backlog.inFlight },
    ...(figures.waited.median !== undefined && { secondsToAnswer: figures.waited.median }),
  };
}

function followedBy(database: DatabaseSync): string | undefined {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'followed'").get();
  return z.object({ value: z.string() }).optional().parse(row)?.value;
}

function show(facts: Status, json: true | undefined): string {
  if (json) return JSON.stringify(facts);
  return Object.entries(facts)
    .map(([name, value]) => `${name.padEnd(16)} ${typeof value === 'object' ? list(value) : value}`)
    .join('\n');
}

function list(of: Record<string, number | string>): string {
  return (
    Object.entries(of)
      .map(([key, n]) => `${key} ${n}`)
      .join(', ') || 'none'
  );
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.1 && value <= 3_600)) throw new InvalidArgumentError('It must be from 0.1 to 3600 seconds.');
  return value;
}
