import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { formatUnits } from 'ethers';
import { z } from 'zod';
import * as Amount from '../../../contracts/client/Amount.ts';
import * as Deployment from '../../../contracts/client/Deployment.ts';
import { type Address, address, addressSchema } from '../../../contracts/client/Hex.ts';
import { loadOrCreateKey } from '../../../contracts/client/Keystore.ts';
import { createOracle } from '../../../contracts/client/Oracle.ts';
import { connect, type Rpc } from '../../../contracts/client/Rpc.ts';
import { hideSecret, redact } from '../../../contracts/client/support/Log.ts';
import { environment } from '../../../contracts/client/support/Settings.ts';
import { addressOfKey, isEncrypted, keyPassword } from '../../operatorKey.ts';
import { hostFiles, readContract } from '../../setup.ts';
import type { Ask, TextQuestion } from './Ask.ts';
import { gasNeeded, isReady, progressText, type Readiness, readReadiness } from './Chain.ts';
import { setInEnv, writePrivately } from './EnvFile.ts';
import { settleModel } from './model.ts';
import { gasLink, ownerTransactions, type Wishes } from './Owner.ts';

export type InitOptions = {
  ask: Ask;
  envFile: string;
  /** False: only say what is to be done elsewhere. */
  waits: boolean;
  /** How often the chain is looked at while waiting, ms. */
  pollMs: number;
};

/** How it ended. `waiting`: the owner has not acted yet, and nobody waits. */
export type InitResult = 'ready' | 'waiting';

type Place = { rpc: Rpc; deployment: Deployment.Deployment; dataDir: string };

/**
 * The dialogue that ends with a host that can run. Every step looks first at what is there already, and writes what it settled before
 * the next begins: begun again it goes on where it was.
 */
export async function init(options: InitOptions): Promise<InitResult> {
  const { ask, envFile } = options;
  const place = await settleChain(ask, envFile);
  const operator = await settleKey(ask, envFile, place);
  await settleModel(ask, envFile);
  await settlePrices(ask, envFile);
  const { wishes, fromBlock } = await settleWishes(ask, place);
  const files = hostFiles(place.dataDir);
  const configured = environment(envFile)['HOST_CONTRACT'];
  const known = configured === undefined ? readContract(files.contract) : address(configured);
  const common = { rpc: place.rpc, deployment: place.deployment, operator, wishes, cursor: { next: fromBlock } };
  let now = await readReadiness({ ...common, known });
  if (!isReady(now)) {
    await sayWhatToDo(ask, place, operator, wishes, now);
    if (!options.waits) return 'waiting';
    ask.progress(progressText(now));
    for (let contract = now.contract ?? known; !isReady(now); contract = now.contract ?? contract) {
      await wait(options.pollMs);
      try {
        now = await readReadiness({ ...common, known: contract });
        ask.progress(progressText(now));
      } catch (error) {
        ask.progress(`the chain can't be read: ${redact(error instanceof Error ? error.message : String(error))}`);
      }
    }
  }
  const { contract } = now;
  if (contract !== undefined && configured !== contract) setInEnv(envFile, { HOST_CONTRACT: contract });
  ask.say(`✓ The host's contract ${contract} is staked and names the operator.`);
  return 'ready';
}

async function settleChain(ask: Ask, envFile: string): Promise<Place> {
  const env = environment(envFile);
  const urls = await settled(ask, {
    name: 'rpcUrls',
    message: 'RPC URLs of the chain, separated by commas',
    known: env['RPC_URLS'],
    check: async (text) => {
      try {
        await connect(split(text));
        return true;
      } catch (error) {
        return error instanceof Error ? redact(error.message) : String(error);
      }
    },
  });
  const rpc = await connect(split(urls));
  const chainId = Number((await rpc.getNetwork()).chainId);
  const file = await settled(ask, {
    name: 'deployment',
    message: `File with the market's addresses on chain ${chainId}`,
    known: env['DEPLOYMENT_FILE'],
    check: async (path) => {
      try {
        const found = Deployment.read(path);
        if (found.chainId !== chainId)
          return `It is of chain ${found.chainId}, and the RPC URLs are of chain ${chainId}.`;
        return (await rpc.getCode(found.market)) !== '0x' || `There is no market at ${found.market}.`;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  });
  const deployment = Deployment.read(file);
  const dataDir = env['HOST_DATA_DIR'] ?? '.data/host';
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  // One that was there before may be open to others, and the keys will lie in it.
  chmodSync(dataDir, 0o700);
  setInEnv(envFile, { RPC_URLS: urls, DEPLOYMENT_FILE: file, HOST_DATA_DIR: dataDir });
  ask.say(`✓ chain ${chainId}, market ${deployment.market}`);
  return { rpc, deployment, dataDir };
}

/** What is set already and still right is not asked for again, unless the command line says otherwise. */
async function settled(
  ask: Ask,
  {
    known,
    ...question
  }: TextQuestion & { known: string | undefined; check: (text: string) => true | string | Promise<true | string> },
): Promise<string> {
  if (known === undefined) return ask.text(question);
  if (ask.isGiven(question.name)) return ask.text(question);
  const verdict = await question.check(known);
  if (verdict === true) return known;
  ask.say(`✗ ${question.message}: ${verdict}`);
  return ask.text({ ...question, default: known });
}

const split = (text: string): string[] =>
  text
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');

/** The operator's key: made at the first time, encrypted unless the operator wants otherwise. */
async function settleKey(ask: Ask, envFile: string, { dataDir }: Place): Promise<Address> {
  const files = hostFiles(dataDir);
  const known = addressOfKey(files.key);
  if (known !== undefined) {
    ask.say(`✓ the operator's key is there: ${known}${isEncrypted(files.key) ? ', encrypted' : ''}`);
    return known;
  }
  const given = environment(envFile)['HOST_KEY_PASSWORD_FILE'];
  const passwordFile = given ?? (await newPasswordFile(ask, dataDir));
  if (passwordFile !== undefined && given === undefined) setInEnv(envFile, { HOST_KEY_PASSWORD_FILE: passwordFile });
  const password =
    passwordFile !== undefined
      ? await keyPassword(passwordFile, files.key)
      : ask.patient
        ? await typedPassword(ask, 'Password; it is asked for at each start (empty: no encryption)')
        : undefined;
  const { address: made } = await loadOrCreateKey(files.key, password || undefined);
  ask.say(`✓ the operator's key was made: ${made}, in ${files.key}${password ? ', encrypted' : ', not encrypted'}`);
  return address(made);
}

/** @returns undefined: the password is in no file */
async function newPasswordFile(ask: Ask, dataDir: string): Promise<string | undefined> {
  const where = await ask.choose({
    name: 'password',
    message: "The password of the operator's key",
    choices: [
      { value: 'file', name: 'in a file that only this user can read, so that the host starts by itself' },
      { value: 'other', name: 'in a file that is there already (a mounted secret)' },
      { value: 'ask', name: 'nowhere: I type it at each start' },
    ],
    default: 'file',
  });
  if (where === 'ask') return undefined;
  if (where === 'other')
    return ask.text({
      name: 'passwordFile',
      message: 'The file',
      check: (path) => existsSync(path) || 'There is no such file.',
    });
  const file = join(dataDir, 'operator.password');
  if (!existsSync(file)) {
    const typed = ask.patient ? await typedPassword(ask, 'Password (empty: a random one is made)') : '';
    writePrivately(file, `${typed === '' ? randomBytes(24).toString('base64url') : typed}\n`);
  }
  chmodSync(file, 0o600);
  return file;
}

async function typedPassword(ask: Ask, message: string): Promise<string> {
  const password = await ask.secret({
    name: 'password',
    message,
    check: (text) => text === '' || text.length >= 10 || 'Ten characters at least.',
  });
  hideSecret(password);
  return password;
}

async function settlePrices(ask: Ask, envFile: string): Promise<void> {
  const env = environment(envFile);
  const check = (text: string): true | string => {
    const amount = Amount.parse(text, 18);
    return typeof amount === 'bigint' || amount;
  };
  const HOST_PRICE_COIN = await settled(ask, {
    name: 'priceCoin',
    message: "Your price for an answer, beside the seller's royalty, of models paid in the chain's coin",
    known: env['HOST_PRICE_COIN'],
    default: '0.0001',
    check,
  });
  const HOST_PRICE_TOKEN = await settled(ask, {
    name: 'priceToken',
    message: 'The same for models paid in the market’s token',
    known: env['HOST_PRICE_TOKEN'],
    default: '0.05',
    check,
  });
  const HOST_METRICS_PORT = env['HOST_METRICS_PORT'] ?? '9464';
  setInEnv(envFile, { HOST_PRICE_COIN, HOST_PRICE_TOKEN, HOST_METRICS_PORT });
}

const wishesSchema = z.object({
  owner: addressSchema,
  stake: z.string().regex(/^\d+$/).transform(BigInt),
  reportsPerDay: z.number().int().positive(),
  fromBlock: z.number().int().nonnegative(),
});

/** The owner's side, kept beside the key: the process itself needs none of it. */
async function settleWishes(
  ask: Ask,
  { rpc, deployment, dataDir }: Place,
): Promise<{ wishes: Wishes; fromBlock: number }> {
  const file = join(dataDir, 'init.json');
  if (existsSync(file)) {
    const { fromBlock, ...wishes } = wishesSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { wishes, fromBlock };
  }
  const one = await createOracle(rpc, deployment).stakeAmount();
  const owner = address(
    await ask.text({
      name: 'owner',
      message: 'Address of the owner, who holds stake and earnings (a cold wallet; its key never comes here)',
      check: (text) =>
        addressSchema.safeParse(text).success ||
        'It must be an address: 0x and 40 hexadecimal digits, all lower-case or with the right capitals (EIP-55).',
    }),
  );
  const stakeText = await ask.text({
    name: 'stake',
    message: `How much to stake; one stake is ${formatUnits(one, 18)}, n of them allow a report every 12 h / n`,
    default: formatUnits(one * 4n, 18),
    check: (text) => {
      const amount = Amount.parse(text, 18);
      return typeof amount === 'string' ? amount : amount >= one || `One stake is ${formatUnits(one, 18)}.`;
    },
  });
  const stake = Amount.parse(stakeText, 18);
  if (typeof stake === 'string') throw new Error(stake);
  // Two reports a day for each stake is what the oracle's lock allows.
  const reportsPerDay = Number(
    await ask.text({
      name: 'reportsPerDay',
      message: 'Reports a day that the operator may make: the most that a thief of its key could have slashed',
      default: String(Math.min(86_400, Math.max(2, Number(stake / one) * 2))),
      check: (text) => /^[1-9]\d{0,4}$/.test(text) || 'It must be a whole number from 1.',
    }),
  );
  const fromBlock = Math.max(0, (await rpc.getBlockNumber()) - 50);
  writePrivately(file, `${JSON.stringify({ owner, stake: stake.toString(), reportsPerDay, fromBlock }, null, 2)}\n`);
  return { wishes: { owner, stake, reportsPerDay }, fromBlock };
}

async function sayWhatToDo(
  ask: Ask,
  { rpc, deployment, dataDir }: Place,
  operator: Address,
  wishes: Wishes,
  now: Readiness,
): Promise<void> {
  const { owner, stake, reportsPerDay } = wishes;
  const steps: string[] = [];
  if (now.gas.has < now.gas.needs) {
    const needs = await gasNeeded(rpc);
    steps.push(
      `Send ${formatUnits(needs, 18)} of the chain's coin or more to the operator, from any wallet:\n   ${operator}\n   ${gasLink(operator, deployment.chainId, needs)}`,
    );
  }
  if (now.contract === undefined) {
    const file = join(dataDir, 'owner-transactions.json');
    writePrivately(
      file,
      `${JSON.stringify({ chainId: deployment.chainId, from: owner, ...(await ownerTransactions(rpc, deployment, operator, wishes)) }, null, 2)}\n`,
    );
    steps.push(
      `Make the contract and stake, with the owner's key ${owner}. On the owner's own machine, with this program, the same address file and RPC URL:\n   npm run host -- deploy --owner-key FILE --operator ${operator} --stake ${formatUnits(stake, 18)} --reports-per-day ${reportsPerDay}\n   Or with any wallet: ${file} holds the four transactions (to, data, value) in order, with EIP-681 links where there can be one.`,
    );
  } else {
    if (now.reportsPerDay === 0)
      steps.push(
        `Name the operator, on the owner's machine:\n   npm run host -- set-operator --owner-key FILE --operator ${operator} --reports-per-day ${reportsPerDay}`,
      );
    if (now.stake.has < now.stake.needs)
      steps.push(
        `Stake, on the owner's machine:\n   npm run host -- stake --owner-key FILE --amount ${formatUnits(stake, 18)}`,
      );
  }
  ask.say(
    `\nTo be done elsewhere; the owner's key must never come onto this machine:\n${steps.map((text, index) => `${index + 1}. ${text}`).join('\n')}\n`,
  );
}
