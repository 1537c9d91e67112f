import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { formatUnits, Wallet } from 'ethers';
import * as Amount from '../../contracts/client/Amount.ts';
import { address, zeroAddress } from '../../contracts/client/Hex.ts';
import { createHost } from '../../contracts/client/HostContract.ts';
import { createMarket } from '../../contracts/client/Market.ts';
import { createToken } from '../../contracts/client/Token.ts';
import { deployHost } from '../setup.ts';
import { sendAll } from '../transactions.ts';
import { type Context, needContract, openContext, tokenName } from './Context.ts';

/** The owner's key never belongs on the host's machine: these commands are for the owner's own. */
const ownerKey = () =>
  new Option('--owner-key <file>', "file with the owner's private key or keystore").makeOptionMandatory();
const password = () => new Option('--password-file <file>', 'file with the password of the keystore');
const print = (text: string): void => void process.stdout.write(`${text}\n`);
type Owner = { ownerKey: string; passwordFile?: string };

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
    .action(async (options: Owner & { operator: string; stake: string; reportsPerDay: string }) => {
      const context = await openContext();
      const owner = await ownerOf(options, context);
      const amount = amountOf(options.stake);
      const contract = await deployHost(context.rpc, owner, context.deployment);
      print(`HOST_CONTRACT=${contract}`);
      mkdirSync(dirname(context.files.contract), { recursive: true, mode: 0o700 });
      writeFileSync(context.files.contract, `${contract}\n`);
      const host = createHost(context.rpc, contract, context.deployment);
      await sendAll(context.rpc, owner, [
        createToken(context.rpc, context.deployment.token).calls.approve(contract, amount),
        host.calls.stake(amount),
        host.calls.setOperator(address(options.operator), Number(options.reportsPerDay)),
      ]);
      print(`Staked ${options.stake}; ${options.operator} may make ${options.reportsPerDay} reports a day.`);
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
    .action(async (options: Owner & { amount: string }) => {
      const context = await openContext();
      const amount = amountOf(options.amount);
      const contract = needContract(context);
      await sendAll(context.rpc, await ownerOf(options, context), [
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
    .action(async (options: Owner & { operator: string; reportsPerDay: string }) => {
      const context = await openContext();
      await sendAll(context.rpc, await ownerOf(options, context), [
        createHost(context.rpc, needContract(context)).calls.setOperator(
          address(options.operator),
          Number(options.reportsPerDay),
        ),
      ]);
      print('Done.');
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
    .action(async (options: Owner & { token: string; to: string; amount?: string }) => {
      const context = await openContext();
      const contract = needContract(context);
      const token =
        options.token === 'coin'
          ? zeroAddress
          : options.token === 'LANG'
            ? context.deployment.token
            : address(options.token);
      const amount =
        options.amount === undefined
          ? await createMarket(context.rpc, context.deployment).balanceOf(BigInt(contract), token)
          : amountOf(options.amount);
      if (amount === 0n) throw new Error('There is nothing to withdraw.');
      await sendAll(context.rpc, await ownerOf(options, context), [
        createHost(context.rpc, contract).calls.withdrawEarnings(token, amount, address(options.to)),
      ]);
      print(`${formatUnits(amount, 18)} ${tokenName(token, context)} went to ${options.to}.`);
    });
}

async function ownerOf({ ownerKey: file, passwordFile }: Owner, { rpc }: Context): Promise<Wallet> {
  const text = readFileSync(file, 'utf8').trim();
  if (!text.startsWith('{')) return new Wallet(text, rpc);
  if (passwordFile === undefined) throw new Error('The keystore needs --password-file.');
  return new Wallet(
    (await Wallet.fromEncryptedJson(text, readFileSync(passwordFile, 'utf8').trimEnd())).privateKey,
    rpc,
  );
}

function amountOf(text: string): bigint {
  const amount = Amount.parse(text, 18);
  if (typeof amount !== 'bigint') throw new Error(amount);
  return amount;
}
