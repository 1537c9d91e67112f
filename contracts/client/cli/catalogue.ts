import { format } from '../Amount.ts';
import type { Deployment } from '../Deployment.ts';
import { createDirectory, type Directory, type ModelEntry } from '../Directory.ts';
import { follow } from '../follow/follow.ts';
import { type Address, zeroAddress } from '../Hex.ts';
import { createRegistry } from '../Registry.ts';
import { latest, type Rpc } from '../Rpc.ts';
import { createLog } from '../support/Log.ts';
import { info, type TokenInfo } from '../Token.ts';
import type { Io } from './Io.ts';

/** What is for sale now, from every event since the deployment. */
export async function readDirectory(rpc: Rpc, deployment: Deployment): Promise<Directory> {
  const directory = createDirectory();
  const head = (await latest(rpc)).number;
  const stopper = new AbortController();
  await follow({
    rpc,
    deployment,
    start: { fromBlock: deployment.fromBlock },
    confirmations: 0,
    pollMs: 200,
    signal: stopper.signal,
    log: createLog({ name: 'market', level: 'warn' }),
    async onUpdate(update) {
      if (update.type === 'undo') directory.reset();
      else {
        for (const event of update.events) directory.apply(event);
        if (update.to >= head) stopper.abort();
      }
    },
  });
  return directory;
}

/** One line a model: id, name, whole price, hosts. */
export async function runList(rpc: Rpc, deployment: Deployment, io: Io): Promise<number> {
  const directory = await readDirectory(rpc, deployment);
  const tokens = tokensOf(rpc);
  const rows = await Promise.all(
    directory.models().map(async (model) => row(directory, model, await tokens(model.token))),
  );
  if (rows.length === 0) {
    io.out('No models are listed.');
    return 0;
  }
  const all = [['', 'model', 'price', 'hosts'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of all)
    io.out(
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  return 0;
}

function row(directory: Directory, model: ModelEntry, token: TokenInfo): string[] {
  const offers = directory.offers(model.id, model.token);
  const [cheapest] = offers;
  const price = cheapest ? format(cheapest.price + model.royalty, token.decimals, token.symbol) : 'no offer';
  return [`#${model.id}`, safe(model.name), price, String(offers.length)];
}

/** Everything about one model, its workload included. Status 1 when there is none. */
export async function runShow(rpc: Rpc, deployment: Deployment, wanted: string, io: Io): Promise<number> {
  const directory = await readDirectory(rpc, deployment);
  const model = directory.model(wanted);
  if (!model) {
    io.error(`There is no model “${safe(wanted)}”. See them all: npm run market -- list`);
    return 1;
  }
  const { symbol, decimals } = await info(rpc, model.token);
  const amount = (units: bigint) => format(units, decimals, symbol);
  io.out(`#${model.id} ${safe(model.name)}${model.retired ? ' (retired)' : ''}`);
  io.out(`version   ${model.version}`);
  io.out(`seller    ${model.seller}`);
  io.out(`royalty   ${amount(model.royalty)} an ask`);
  io.out(`paid in   ${symbol} ${model.token === zeroAddress ? '(the chain’s coin)' : model.token}`);
  io.out(`hosts     ${model.listedHostsOnly ? 'those that the seller lists' : 'any staked one'}`);
  for (const offer of directory.offers(model.id, model.token)) {
    io.out(
      `  ${offer.host}  ${amount(offer.price)}, up to ${offer.maxInputBytes} bytes, ${offer.exclusiveSeconds} s alone, reports within ${offer.reportWithinSeconds} s`,
    );
  }
  io.out(`metadata  ${safe(model.metadata)}`);
  io.out(`workload  ${model.workload}`);
  const script = await createRegistry(rpc, deployment).scriptOf(model.workload);
  io.out(
    script
      .trimEnd()
      .split('\n')
      .map((line) => `  ${safe(line)}`)
      .join('\n'),
  );
  return 0;
}

function tokensOf(rpc: Rpc): (token: Address) => Promise<TokenInfo> {
  const known = new Map<Address, Promise<TokenInfo>>();
  return (token) => {
    const found = known.get(token) ?? info(rpc, token).catch(() => ({ symbol: 'units', decimals: 0 }));
    known.set(token, found);
    return found;
  };
}

/** A seller's text without what could move a terminal's cursor or turn its lines around. */
function safe(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}
