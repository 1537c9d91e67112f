/** `npm run market -- deploy | verify | list | show | sell | withdraw`: the marketplace on any EVM network. */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { Wallet } from 'ethers';
import { z } from 'zod';
import * as Amount from './Amount.ts';
import { explain } from './ContractError.ts';
import { runList, runShow } from './cli/catalogue.ts';
import { runDeploy, runVerify } from './cli/deploy.ts';
import { terminal as io } from './cli/Io.ts';
import { runSell, runWithdraw, type Sale, SellError } from './cli/sell.ts';
import { DeployError } from './Deploy.ts';
import * as Deployment from './Deployment.ts';
import { type Address, address } from './Hex.ts';
import { KeyError, loadOrCreateKey } from './Keystore.ts';
import { connect, type Rpc, WrongChainError } from './Rpc.ts';
import { environment, parseSettings, SettingsError } from './support/Settings.ts';
import { WorkloadError } from './workload/WorkloadError.ts';

const settingsSchema = z.object({
  RPC_URLS: z.string().default('http://127.0.0.1:8545').describe('https://rpc.example.org,https://other.example.org'),
  DEPLOYMENT_FILE: z.string().default('.data/deployment.json').describe('deployments/sepolia.json'),
  DEPLOYER_KEY_FILE: z.string().default('.data/deployer/key').describe('keys/deployer.json'),
  DEPLOYER_PASSWORD: z.string().optional().describe('the password of an encrypted keystore'),
});

type Common = { rpc?: string; file: string };
type DeployFlags = Common & {
  key: string;
  oracle?: Address;
  token?: Address;
  team?: Address;
  stakeAmount?: bigint;
  langSupply?: bigint;
  dryRun?: boolean;
  yes?: boolean;
};

type SellFlags = Common & Omit<Sale, 'file'> & { key: string };
type WithdrawFlags = Common & { key: string; token: string; to?: Address };

async function main(): Promise<number> {
  const settings = parseSettings(settingsSchema, environment());
  let status = 0;
  const program = new Command('npm run market --')
    .description('Deploy the marketplace to a network, check a deployment, look at what is for sale, sell.')
    .showHelpAfterError()
    .configureHelp({ showGlobalOptions: true })
    // Not as a default value, which the help would print: keys are kept in URLs.
    .option('--rpc <urls>', 'RPC URLs of one network, comma separated (default: RPC_URLS)')
    .option('--file <path>', 'the address file (DEPLOYMENT_FILE)', settings.DEPLOYMENT_FILE);
  const open = async (flags: Common): Promise<Rpc> =>
    connect(
      (flags.rpc ?? settings.RPC_URLS)
        .split(',')
        .map((url) => url.trim())
        .filter(Boolean),
      { pollMs: 500 },
    );
  const reading = (work: (rpc: Rpc, deployment: Deployment.Deployment, argument: string) => Promise<number>) =>
    async function (this: Command, ...given: unknown[]) {
      const flags = this.optsWithGlobals<Common>();
      const deployment = Deployment.read(flags.file);
      const rpc = await open(flags);
      status = await work(rpc, deployment, String(given[0])).finally(() => rpc.destroy());
    };

  const selling = async (
    command: Command,
    key: string,
    work: (rpc: Rpc, deployment: Deployment.Deployment, seller: Wallet) => Promise<number>,
  ): Promise<number> => {
    const flags = command.optsWithGlobals<Common & { passwordFile?: string }>();
    const deployment = Deployment.read(flags.file);
    const rpc = await open(flags);
    const password = flags.passwordFile && readFileSync(flags.passwordFile, 'utf8').trimEnd();
    const seller = await loadOrCreateKey(key, password || undefined);
    return work(rpc, deployment, seller).finally(() => rpc.destroy());
  };

  program
    .command('deploy')
    .description('deploy once and write the address file; again: check only')
    .option(
      '--key <path>',
      'the deployer’s key, made when it is not there (DEPLOYER_KEY_FILE)',
      settings.DEPLOYER_KEY_FILE,
    )
    .option('--oracle <address>', 'build on this TellorFlex; without it an own oracle is deployed', anAddress)
    .option('--token <address>', 'stake an own oracle in this token; without it LANG is deployed', anAddress)
    .option('--team <address>', 'the team’s vote in an own oracle’s governance (default: the deployer)', anAddress)
    .option('--stake-amount <tokens>', 'one stake of an own oracle (default: 2)', tokens)
    .option('--lang-supply <tokens>', 'all LANG there will be (default: 1000000000)', tokens)
    .option('--dry-run', 'show what would be done and what it costs; send nothing')
    .option('--yes', 'don’t ask before spending')
    .action(async function () {
      const { key, file, dryRun = false, yes = false, rpc: _, team, ...terms } = this.optsWithGlobals<DeployFlags>();
      const rpc = await open(this.optsWithGlobals<Common>());
      try {
        const signer = (await loadOrCreateKey(key, settings.DEPLOYER_PASSWORD)).connect(rpc);
        const { oracle, token, stakeAmount, langSupply } = terms;
        const options = {
          rpc,
          signer,
          ...(oracle && { oracle }),
          ...(token && { token }),
          ...(team && { teamMultisig: team }),
          ...(stakeAmount !== undefined && { stakeAmount }),
          ...(langSupply !== undefined && { langSupply }),
        };
        status = await runDeploy(options, { file, dryRun, yes }, io);
      } finally {
        rpc.destroy();
      }
    });
  program
    .command('verify')
    .description('check that the address file’s contracts are ours and fit together')
    .action(reading((rpc, deployment) => runVerify(rpc, deployment, io)));
  program
    .command('list')
    .description('the models for sale')
    .action(reading((rpc, deployment) => runList(rpc, deployment, io)));
  program
    .command('show')
    .argument('<model>', 'a name or a number, like “#3”')
    .description('one model with its offers and workload')
    .action(reading((rpc, deployment, model) => runShow(rpc, deployment, model, io)));
  program
    .command('sell')
    .argument('<file>', 'the workload: a Python script (docs/workloads.md)')
    .description('list a workload as a model, or a new version of your own')
    .requiredOption('--key <path>', 'the seller’s key, made when it is not there; royalties are paid to its address')
    .requiredOption('--name <name>', 'what people ask for')
    .requiredOption('--royalty <amount>', 'for each ask, in whole coins or tokens; 0 shares it for nothing')
    .option('--token <token>', 'coin, LANG, or the address of an ERC-20', 'LANG')
    .option('--description <text>', 'one sentence', '')
    .option('--turns <n>', 'earlier turns of a conversation that an ask brings along', turns, 0)
    .option('--password-file <path>', 'a file with the password of an encrypted keystore')
    .option('--yes', 'don’t ask before publishing')
    .action(async function (file: string) {
      const { key, yes = false, ...sale } = this.optsWithGlobals<SellFlags>();
      status = await selling(this, key, (rpc, deployment, seller) =>
        runSell(rpc, deployment, seller, { ...sale, file, yes }, io),
      );
    });
  program
    .command('withdraw')
    .description('send what an account in the market holds to an address')
    .requiredOption('--key <path>', 'the key of the account’s owner')
    .option('--password-file <path>', 'a file with the password of an encrypted keystore')
    .option('--token <token>', 'coin, LANG, or the address of an ERC-20', 'LANG')
    .option('--to <address>', 'where to (default: the key’s own address)', anAddress)
    .action(async function () {
      const { key, token, to } = this.optsWithGlobals<WithdrawFlags>();
      status = await selling(this, key, (rpc, deployment, seller) =>
        runWithdraw(rpc, deployment, seller, { token, to }, io),
      );
    });
  await program.parseAsync();
  return status;
}

function turns(text: string): number {
  if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 0 to 99.');
  return Number(text);
}

function anAddress(text: string): Address {
  try {
    return address(text);
  } catch {
    throw new InvalidArgumentError('It must be an address: 0x and 40 hexadecimal digits.');
  }
}

function tokens(text: string): bigint {
  const amount = Amount.parse(text, 18);
  if (typeof amount === 'string') throw new InvalidArgumentError(amount);
  return amount;
}

try {
  process.exitCode = await main();
} catch (error) {
  const explained = explain(error);
  const ours = [
    SettingsError,
    Deployment.DeploymentError,
    DeployError,
    KeyError,
    WrongChainError,
    SellError,
    WorkloadError,
  ].some((type) => error instanceof type);
  io.error(ours || explained.code === 'Unknown' ? (error as Error).message : explained.sentence);
  if (process.env['LOG_LEVEL'] === 'debug') io.error(String((error as Error).stack));
  process.exitCode = 1;
}
