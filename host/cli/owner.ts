import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import * as Amount from '../../contracts/client/Amount.ts';
import { type Address, addressSchema, zeroAddress } from '../../contracts/client/Hex.ts';
import { createHost } from '../../contracts/client/HostContract.ts';
import { createMarket } from '../../contracts/client/Market.ts';
import { createOracle } from '../../contracts/client/Oracle.ts';
import { createToken, info } from '../../contracts/client/Token.ts';
import { isOurs } from '../../contracts/client/Verify.ts';
import { deployHost, readContract } from '../setup.ts';
import { sendAll } from '../transactions.ts';
import { type Context, needContract, openContext, tokenName } from './Context.ts';
import { type OwnerOptions, ownerWallet } from './OwnerKey.ts';

/** The owner's key never belongs on the host's machine: these commands are for the owner's own. */
const ownerKey = () =>
  new Option('--owner-key <file>', "file with the owner's private key or keystore").makeOptionMandatory();
const password = () => new Option('--password-file <file>', 'file with the password of the keystore');
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const ownerHelp = (example: string): string => `
The owner's key belongs on the owner's own machine: run this there, with this program and the same DEPLOYMENT_FILE and RPC_URLS.

Example:
${example}`;

/** The commands for which the cold key is needed. */
export function addOwnerCommands(program: Command): void {
  program
    .command('deploy')
    .description("deploy the host's contract, stake, name the operator")
    .addOption(ownerKey())
    .addOption(password())
    .requiredOption('--operator <address>')
    .requiredOption('--stake <amount>', "in whole tokens of the oracle's")
    .option('--reports-per-day <n>', 'how many the operator may make', '200')
    .addHelpText(
      'after',
      ownerHelp(
        `  npm run host -- deploy --owner-key owner.json --password-file owner.password --operator 0x... --stake 10`,
      ),
    )
    .action(async (options: OwnerOptions & { operator: string; stake: string; reportsPerDay: string }) => {
      const context = await openContext();
      const { rpc, deployment, files } = context;
      const operator = addressOf('--operator', options.operator);
      const reportsPerDay = reportsOf(options.reportsPerDay);
      const amount = await amountOf('--stake', options.stake, deployment.token, context);
      const owner = await ownerWallet(options, context);
      const contract = (await earlierContract(context, owner.address)) ?? (await deployHost(rpc, owner, deployment));
      print(`HOST_CONTRACT=${contract}`);
      mkdirSync(dirname(files.contract), { recursive: true, mode: 0o700 });
      writeFileSync(files.contract, `${contract}\n`);
      const host = createHost(rpc, contract, deployment);
      // Interrupted before, it goes on with what is missing.
      const { staked } = await createOracle(rpc, deployment).stakerInfo(contract);
      const missing = amount - staked;
      await sendAll(rpc, owner, [
        ...(missing > 0n
          ? [createToken(rpc, deployment.token).calls.approve(contract, missing), host.calls.stake(missing)]
          : []),
        host.calls.setOperator(operator, reportsPerDay),
      ]);
      print(`Staked ${options.stake}; ${operator} may make ${reportsPerDay} reports a day.`);
    });

  program
    .command('stake')
    .description('add to the stake')
    .addOption(ownerKey())
    .addOption(password())
    .requiredOption('--amount <amount>')
    .addHelpText(
      'after',
      ownerHelp(`  npm run host -- stake --owner-key owner.json --password-file owner.password --amount 4`),
    )
    .action(async (options: OwnerOptions & { amount: string }) => {
      const context = await openContext();
      const amount = await amountOf('--amount', options.amount, context.deployment.token, context);
      const contract = needContract(context);
      await sendAll(context.rpc, await ownerWallet(options, context), [
        createToken(context.rpc, context.deployment.token).calls.approve(contract, amount),
        createHost(context.rpc, contract).calls.stake(amount),
      ]);
      print(`Staked ${options.amount} more.`);
    });

  program
    .command('set-operator')
    .description('how many reports a day a key may make; 0 removes it')
    .addOption(ownerKey())
    .addOption(password())
    .requiredOption('--operator <address>')
    .requiredOption('--reports-per-day <n>')
    .addHelpText(
      'after',
      ownerHelp(
        `  npm run host -- set-operator --owner-key owner.json --password-file owner.password --operator 0x... --reports-per-day 0`,
      ),
    )
    .action(async (options: OwnerOptions & { operator: string; reportsPerDay: string }) => {
      const context = await openContext();
      const operator = addressOf('--operator', options.operator);
      const reportsPerDay = options.reportsPerDay === '0' ? 0 : reportsOf(options.reportsPerDay);
      await sendAll(context.rpc, await ownerWallet(options, context), [
        createHost(context.rpc, needContract(context)).calls.setOperator(operator, reportsPerDay),
      ]);
      print(
        reportsPerDay === 0
          ? `${operator} may do nothing any more.`
          : `${operator} may make ${reportsPerDay} reports a day.`,
      );
    });

  program
    .command('set-autopay')
    .description("let the operators answer tips on Tellor's own Autopay; the zero address ends it")
    .addOption(ownerKey())
    .addOption(password())
    .requiredOption('--autopay <address>')
    .addHelpText(
      'after',
      ownerHelp(`  npm run host -- set-autopay --owner-key owner.json --password-file owner.password --autopay 0x...`),
    )
    .action(async (options: OwnerOptions & { autopay: string }) => {
      const context = await openContext();
      const autopay = addressOf('--autopay', options.autopay);
      await sendAll(context.rpc, await ownerWallet(options, context), [
        createHost(context.rpc, needContract(context)).calls.setAutopay(autopay),
      ]);
      print(`Tips on ${autopay} may be answered; put HOST_AUTOPAY=${autopay} into the host's settings.`);
    });

  program
    .command('withdraw')
    .description("pay this host's earnings out")
    .addOption(ownerKey())
    .addOption(password())
    .requiredOption('--token <token>', 'coin, LANG or an address')
    .requiredOption('--to <address>')
    .option('--amount <amount>', 'default: everything')
    .addHelpText(
      'after',
      ownerHelp(
        `  npm run host -- withdraw --owner-key owner.json --password-file owner.password --token coin --to 0x...`,
      ),
    )
    .action(async (options: OwnerOptions & { token: string; to: string; amount?: string }) => {
      const context = await openContext();
      const { rpc, deployment } = context;
      const contract = needContract(context);
      const to = addressOf('--to', options.to);
      const token =
        options.token === 'coin'
          ? zeroAddress
          : options.token === 'LANG'
            ? deployment.token
            : addressOf('--token', options.token);
      const free = await createMarket(rpc, deployment).balanceOf(BigInt(contract), token);
      const amount = options.amount === undefined ? free : await amountOf('--amount', options.amount, token, context);
      if (free === 0n || amount === 0n) throw new Error('There is nothing to withdraw.');
      const { decimals } = await info(rpc, token);
      const said = (units: bigint): string => `${Amount.format(units, decimals)} ${tokenName(token, context)}`;
      if (amount > free) throw new Error(`--amount: only ${said(free)} can be withdrawn now.`);
      await sendAll(rpc, await ownerWallet(options, context), [
        createHost(rpc, contract).calls.withdrawEarnings(token, amount, to),
      ]);
      print(`${said(amount)} went to ${to}.`);
    });
}

/** What an interrupted `deploy` left: a Host of this owner and market. */
async function earlierContract({ rpc, deployment, files }: Context, owner: string): Promise<Address | undefined> {
  const contract = readContract(files.contract);
  if (contract === undefined || !(await isOurs(rpc, 'Host', contract))) return undefined;
  const host = createHost(rpc, contract, deployment);
  const [ownedBy, market] = await Promise.all([host.owner(), host.market()]);
  return ownedBy === owner && market === deployment.market ? contract : undefined;
}

function addressOf(option: string, text: string): Address {
  const parsed = addressSchema.safeParse(text);
  if (!parsed.success)
    throw new Error(
      `${option}: “${text}” is no address: 0x and 40 hexadecimal digits, all lower-case or with the right capitals (EIP-55).`,
    );
  return parsed.data;
}

function reportsOf(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text))
    throw new Error(`--reports-per-day: “${text}” must be a whole number from 1 to 99999.`);
  return Number(text);
}

/** Smallest units. */
async function amountOf(option: string, text: string, token: Address, { rpc }: Context): Promise<bigint> {
  const amount = Amount.parse(text, (await info(rpc, token)).decimals);
  if (typeof amount === 'string') throw new Error(`${option}: ${amount}`);
  return amount;
}
