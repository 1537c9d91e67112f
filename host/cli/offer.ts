import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import * as Amount from '../../contracts/client/Amount.ts';
import { type Address, address, zeroAddress } from '../../contracts/client/Hex.ts';
import { createRegistry, type Registry } from '../../contracts/client/Registry.ts';
import { open } from '../../contracts/client/support/Sqlite.ts';
import { info } from '../../contracts/client/Token.ts';
import { createJournal } from '../store/Journal.ts';
import { type Decision, decide } from '../store/OfferBook.ts';
import { type Context, isRunning, needContract, openContext, tokenName } from './Context.ts';
import { table } from './table.ts';

type Options = { price?: string; withdraw?: true; rule?: true; token?: string };

/** The running process owns the operator's nonces, so this command sends nothing: it notes a decision, which the process carries out. */
export function addOfferCommand(program: Command, print: (text: string) => void): void {
  program
    .command('offer [model]')
    .alias('offers')
    .description('show the offers on chain, or decide the price of one model')
    .option('--price <amount>', 'what one answer costs beside the royalty, whole tokens of the model; 0: nothing')
    .option('--withdraw', 'offer this model no more')
    .option('--rule', "the settings' prices again (HOST_PRICE_COIN, HOST_PRICE_TOKEN, HOST_FREE)")
    .option('--token <token>', 'only for model 0 (open asks): coin or LANG')
    .addHelpText(
      'after',
      `
The decision is kept in the journal. A running host puts it on chain within seconds; one that is stopped does at its next start.

Examples:
  npm run host -- offer
  npm run host -- offer 3 --price 0.002
  npm run host -- offer 0 --token LANG --withdraw
  npm run host -- offer 3 --rule`,
    )
    .action(async (model: string | undefined, options: Options) => {
      const context = await openContext();
      if (model === undefined) print(await listOffers(context));
      else await setOffer(context, model, options, print);
    });
}

async function listOffers(context: Context): Promise<string> {
  const { rpc, deployment } = context;
  const registry = createRegistry(rpc, deployment);
  const host = needContract(context);
  const rows: string[][] = [];
  for (let id = 0n; id <= (await registry.modelCount()); id++)
    for (const token of await tokensOf(context, registry, id)) {
      const offer = await registry.offerOf(host, id, token);
      const { decimals } = await info(rpc, token);
      if (offer)
        rows.push([
          String(id),
          `${Amount.format(offer.price, decimals)} ${tokenName(token, context)}`,
          `${offer.maxInputBytes} bytes`,
          `${offer.exclusiveSeconds} s`,
          `${offer.reportWithinSeconds} s`,
        ]);
    }
  return rows.length === 0
    ? 'There is no offer of this host on chain. npm run host -- doctor says what keeps it from offering.'
    : table(['model', 'price', 'longest question', 'alone for', 'reports within'], rows, ['model']);
}

async function tokensOf({ deployment }: Context, registry: Registry, id: bigint): Promise<Address[]> {
  return id === 0n ? [zeroAddress, deployment.token] : [(await registry.modelOf(id)).token];
}

async function setOffer(
  context: Context,
  text: string,
  options: Options,
  print: (text: string) => void,
): Promise<void> {
  const { rpc, deployment, files } = context;
  const contract = needContract(context);
  const registry = createRegistry(rpc, deployment);
  if (!/^\d{1,12}$/.test(text)) throw new Error(`“${text}” is no model. Write its number, like 3; 0 is for open asks.`);
  const id = BigInt(text);
  if (id > (await registry.modelCount())) throw new Error(`There is no model ${id}.`);
  const token = await tokenFor(context, registry, id, options.token);
  const decision = await decisionOf(context, token, options);
  const database = open(files.journal);
  try {
    createJournal(database, contract);
    decide(database, id, token, decision);
  } finally {
    database.close();
  }
  if (!isRunning(context)) {
    print('Noted. The host is not running: the offer on chain stays as it is until its next start.');
    return;
  }
  if (decision === undefined) {
    print("Noted: the settings' rule holds again. The running host sends what is to change within seconds.");
    return;
  }
  print('Noted; waiting for the running host to put it on chain...');
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const offer = await registry.offerOf(contract, id, token);
    if (decision === 'none' ? offer === undefined : offer?.price === decision.price) {
      print(decision === 'none' ? `Model ${id} is offered no more.` : `Model ${id} is on offer at that price.`);
      return;
    }
    await wait(500);
  }
  print('It is not on chain yet. The log of the host says why; npm run host -- doctor helps.');
  process.exitCode = 1;
}

async function tokenFor(
  { deployment }: Context,
  registry: Registry,
  id: bigint,
  wanted: string | undefined,
): Promise<Address> {
  const named =
    wanted === undefined
      ? undefined
      : wanted === 'coin'
        ? zeroAddress
        : wanted === 'LANG'
          ? deployment.token
          : address(wanted);
  if (id === 0n) return named ?? zeroAddress;
  const { token } = await registry.modelOf(id);
  if (named !== undefined && named !== token)
    throw new Error(`Model ${id} is paid in another token. Leave --token out.`);
  return token;
}

async function decisionOf({ rpc }: Context, token: Address, options: Options): Promise<Decision | undefined> {
  const given = [options.price !== undefined, options.withdraw === true, options.rule === true].filter(Boolean).length;
  if (given !== 1) throw new Error('Say one of --price AMOUNT, --withdraw and --rule.');
  if (options.withdraw) return 'none';
  if (options.rule) return undefined;
  const price = Amount.parse(options.price ?? '', (await info(rpc, token)).decimals);
  if (typeof price === 'string') throw new Error(price);
  return { price };
}
