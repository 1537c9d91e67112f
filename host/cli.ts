import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { formatUnits } from 'ethers';
import { zeroAddress } from '../contracts/client/Hex.ts';
import { loadOrCreateKey } from '../contracts/client/Keystore.ts';
import { createMarket } from '../contracts/client/Market.ts';
import { createOracle } from '../contracts/client/Oracle.ts';
import { createRegistry } from '../contracts/client/Registry.ts';
import { toCsv } from '../contracts/client/support/Csv.ts';
import { redact } from '../contracts/client/support/Log.ts';
import { type Context, needContract, openContext, tokenName } from './cli/Context.ts';
import { examine } from './cli/doctor.ts';
import { addOwnerCommands } from './cli/owner.ts';
import { askColumns, readAsks } from './cli/Records.ts';

const program = new Command('host').description('Run a host and look after it. docs/host.md explains everything.');
const print = (text: string): void => void process.stdout.write(`${text}\n`);
program
  .command('run')
  .description('run the host in the foreground (what npm start does, without the rest)')
  .action(async () => {
    await import('./main.ts');
    await new Promise(() => undefined);
  });

program
  .command('init')
  .description("make the operator's key and say what comes next")
  .action(async () => {
    const context = await openContext();
    const { HOST_KEY_PASSWORD_FILE: file } = context.settings;
    const key = await loadOrCreateKey(context.files.key, file && readFileSync(file, 'utf8').trimEnd());
    print(`The operator's address is ${key.address}; its key lies in ${context.files.key}.`);
    print(`Next:
1. Send it some of the chain's coin for gas.
2. On the owner's own machine, with the owner's key: npm run host -- deploy --owner-key FILE --operator ${key.address} --stake AMOUNT
3. Here: put HOST_CONTRACT=... and a model's settings into .env, then npm run host -- doctor, then npm run host -- run`);
  });

program
  .command('doctor')
  .description('check everything and say the cure')
  .option('--json')
  .action(async ({ json }: { json?: true }) => {
    let healthy = true;
    for await (const finding of examine(await openContext())) {
      healthy &&= finding.ok;
      print(
        json
          ? JSON.stringify(finding)
          : `${finding.ok ? 'ok  ' : 'BAD '} ${finding.name.padEnd(17)} ${redact(finding.found)}${finding.cure ? `\n     → ${finding.cure}` : ''}`,
      );
    }
    process.exitCode = healthy ? 0 : 1;
  });

program
  .command('status')
  .description('stake, earnings, asks by state')
  .option('--json')
  .option('--watch', 'again every two seconds')
  .action(async (options: { json?: true; watch?: true }) => {
    const context = await openContext();
    do {
      const facts = await status(context);
      if (options.watch && !options.json) process.stdout.write('\u001b[2J\u001b[H');
      print(
        options.json
          ? JSON.stringify(facts)
          : Object.entries(facts)
              .map(
                ([name, value]) =>
                  `${name.padEnd(16)} ${
                    typeof value === 'object'
                      ? Object.entries(value)
                          .map(([key, n]) => `${key} ${n}`)
                          .join(', ') || 'none'
                      : value
                  }`,
              )
              .join('\n'),
      );
      if (options.watch) await new Promise((resolve) => setTimeout(resolve, 2_000));
    } while (options.watch);
  });

program
  .command('asks')
  .description('the newest asks')
  .option('--state <state>', 'open, declined, delivered, sealed, settled or refunded')
  .option('--limit <n>', 'how many', '20')
  .option('--json')
  .action(async (options: { state?: string; limit: string; json?: true }) => {
    const { files } = await openContext();
    for (const ask of readAsks(files.journal, { state: options.state, limit: Number(options.limit) }))
      print(
        options.json
          ? JSON.stringify(ask)
          : `${ask.askedAt.slice(0, 19)} ${ask.state.padEnd(9)} ${ask.queryId} ${ask.failure || ask.answeredBy}`,
      );
  });

program
  .command('export')
  .description('every ask as CSV on standard output')
  .action(async () => {
    const { files } = await openContext();
    process.stdout.write(toCsv(askColumns, readAsks(files.journal)));
  });

program
  .command('offers')
  .description('what this host offers now')
  .action(async () => {
    const context = await openContext();
    const { rpc, deployment } = context;
    const registry = createRegistry(rpc, deployment);
    const host = needContract(context);
    for (let id = 0n; id <= (await registry.modelCount()); id++) {
      const tokens = id === 0n ? [zeroAddress, deployment.token] : [(await registry.modelOf(id)).token];
      for (const token of tokens) {
        const offer = await registry.offerOf(host, id, token);
        if (offer)
          print(
            `model ${id}: ${formatUnits(offer.price, 18)} ${tokenName(token, context)}, up to ${offer.maxInputBytes} bytes, reported within ${offer.reportWithinSeconds} s`,
          );
      }
    }
  });

addOwnerCommands(program);

async function status(context: Context): Promise<Record<string, string | Record<string, number | string>>> {
  const { rpc, deployment, files } = context;
  const contract = needContract(context);
  const oracle = createOracle(rpc, deployment);
  const market = createMarket(rpc, deployment);
  const [{ staked }, next, coin, lang] = await Promise.all([
    oracle.stakerInfo(contract),
    oracle.nextReportAt(contract),
    market.balanceOf(BigInt(contract), zeroAddress),
    market.balanceOf(BigInt(contract), deployment.token),
  ]);
  const asks: Record<string, number> = {};
  for (const { state } of readAsks(files.journal)) asks[state] = (asks[state] ?? 0) + 1;
  return {
    contract,
    staked: formatUnits(staked, 18),
    nextReport: Number.isFinite(next) ? new Date(next * 1_000).toISOString() : 'none: no stake',
    earnings: { coin: formatUnits(coin, 18), LANG: formatUnits(lang, 18) },
    asks,
  };
}

try {
  await program.parseAsync();
  process.exit();
} catch (error) {
  process.stderr.write(`${redact(error instanceof Error ? error.message : String(error))}\n`);
  process.exit(1);
}
