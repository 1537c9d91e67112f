/** `npm run market -- deploy | verify | list | show`: the marketplace on any EVM network. */
import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import * as Amount from './Amount.ts';
import { explain } from './ContractError.ts';
import { runList, runShow } from './cli/catalogue.ts';
import { runDeploy, runVerify } from './cli/deploy.ts';
import { terminal as io } from './cli/Io.ts';
import { DeployError } from './Deploy.ts';
import * as Deployment from './Deployment.ts';
import { type Address, address } from './Hex.ts';
import { KeyError, loadOrCreateKey } from './Keystore.ts';
import { connect, type Rpc, WrongChainError } from './Rpc.ts';
import { environment, parseSettings, SettingsError } from './support/Settings.ts';

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

async function main(): Promise<number> {
  const settings = parseSettings(settingsSchema, environment());
  let status = 0;
  const program = new Command('npm run market --')
    .description('Deploy the marketplace to a network, check a deployment, look at what is for sale.')
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
  await program.parseAsync();
  return status;
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
  const ours = [SettingsError, Deployment.DeploymentError, DeployError, KeyError, WrongChainError].some(
    (type) => error instanceof type,
  );
  io.error(ours || explained.code === 'Unknown' ? (error as Error).message : explained.sentence);
  if (process.env['LOG_LEVEL'] === 'debug') io.error(String((error as Error).stack));
  process.exitCode = 1;
}
