import { readFileSync } from 'node:fs';
import { parseEther, toBeHex, type Wallet } from 'ethers';
import { format, parse } from '../Amount.ts';
import type { Call } from '../Call.ts';
import { explain } from '../ContractError.ts';
import type { Deployment } from '../Deployment.ts';
import { type Address, address, zeroAddress } from '../Hex.ts';
import { createMarket } from '../Market.ts';
import { workloadHash } from '../Query.ts';
import { createRegistry } from '../Registry.ts';
import type { Rpc } from '../Rpc.ts';
import { info } from '../Token.ts';
import { readPlainWorkload } from '../workload/PlainWorkload.ts';
import { WorkloadError } from '../workload/WorkloadError.ts';
import { readDirectory } from './catalogue.ts';
import type { Io } from './Io.ts';

/** A seller's command got something that can't be used; the message is for its user. */
export class SellError extends Error {
  override name = 'SellError';
}

export type Sale = {
  /** The script. */
  file: string;
  name: string;
  /** In whole coins or tokens. */
  royalty: string;
  /** `coin`, `LANG` or an ERC-20's address. */
  token: string;
  description: string;
  /** Earlier turns of a conversation that an ask brings along. */
  turns: number;
  yes: boolean;
};

/**
 * Publishes a workload and lists it as a model, or makes it the new version of the seller's model of this name.
 * @returns the process's exit status
 * @throws SellError, WorkloadError, ContractError
 */
export async function runSell(rpc: Rpc, deployment: Deployment, seller: Wallet, sale: Sale, io: Io): Promise<number> {
  const script = readFileSync(sale.file, 'utf8');
  const example = exampleOf(script, io);
  const token = tokenOf(sale.token, deployment);
  const { symbol, decimals } = await info(rpc, token);
  const royalty = parse(sale.royalty, decimals);
  if (typeof royalty === 'string') throw new SellError(`--royalty: ${royalty}.`);
  const registry = createRegistry(rpc, deployment);
  const workload = workloadHash(script);
  const { description, turns, name } = sale;
  const metadata = JSON.stringify({ description, tags: [], ...(example !== undefined && { example }), turns });
  const listing = { workload, royalty, listedHostsOnly: false, name, metadata };
  const own = (await readDirectory(rpc, deployment))
    .models()
    .find((model) => model.name === name && model.seller === address(seller.address));
  if (own !== undefined && own.token !== token)
    throw new SellError(`Your model “${name}” is paid in another token, which can't be changed. Choose another name.`);
  io.out(
    `${own ? `Version ${own.version + 1n} of #${own.id} “${name}”` : `A new model “${name}”`}: royalty ${format(royalty, decimals, symbol)} for each ask, paid to ${seller.address}; workload ${workload}.`,
  );
  if (!sale.yes && !(await io.confirm('Publish it? Everybody can read the script, for good.'))) {
    io.out('Nothing was sent.');
    return 1;
  }
  // The embedded chain's coin is play money, and a new key has none for gas.
  if (deployment.embedded) await rpc.send('anvil_setBalance', [seller.address, toBeHex(parseEther('10'))]);
  await send(rpc, seller, registry.calls.publish(script));
  await send(rpc, seller, own ? registry.calls.update(own.id, listing) : registry.calls.list({ ...listing, token }));
  const id = own?.id ?? (await registry.modelCount());
  io.out(`Listed. See it: npm run market -- show "${own ? `#${id}` : name}". A host that likes it makes an offer.`);
  return 0;
}

/** Sends everything that an account holds in one token to an address. @throws SellError, ContractError */
export async function runWithdraw(
  rpc: Rpc,
  deployment: Deployment,
  seller: Wallet,
  { token: named, to }: { token: string; to?: Address | undefined },
  io: Io,
): Promise<number> {
  const token = tokenOf(named, deployment);
  const market = createMarket(rpc, deployment);
  const account = BigInt(seller.address);
  const [amount, { symbol, decimals }] = await Promise.all([market.balanceOf(account, token), info(rpc, token)]);
  if (amount === 0n) {
    io.out(
      `There is nothing to withdraw in ${symbol}. A royalty is paid when its ask settles, 12 hours after the answer.`,
    );
    return 1;
  }
  const receiver = to ?? address(seller.address);
  await send(rpc, seller, market.calls.withdraw(account, token, amount, receiver));
  io.out(`${format(amount, decimals, symbol)} went to ${receiver}.`);
  return 0;
}

/** The script's own example; undefined for a script that only Python can read. @throws WorkloadError */
function exampleOf(script: string, io: Io): string | undefined {
  try {
    return readPlainWorkload(script).example.input;
  } catch (error) {
    if (!(error instanceof WorkloadError) || error.code !== 'notPlain') throw error;
    io.out('The script is more than plain assignments and is not checked here: npm run workload -- check does.');
    return undefined;
  }
}

function tokenOf(named: string, deployment: Deployment): Address {
  if (named === 'coin') return zeroAddress;
  if (named === 'LANG') return deployment.token;
  try {
    return address(named);
  } catch {
    throw new SellError(`--token: “${named}” is not coin, LANG or a token's address.`);
  }
}

/** Sends and waits until it is mined. @throws ContractError with the reason */
async function send(rpc: Rpc, wallet: Wallet, call: Call): Promise<void> {
  try {
    const sent = await wallet.connect(rpc).sendTransaction(call);
    await sent.wait();
  } catch (error) {
    throw explain(error);
  }
}
