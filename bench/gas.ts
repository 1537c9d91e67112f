// What each step of an ask costs, for a 256-byte question and a 1 KB answer, on the genuine TellorFlex.
// `node bench/gas.ts` prints the table; `--write` also writes docs/gas.md and the snapshot that the tests compare with.
import { writeFileSync } from 'node:fs';
import { Contract, ContractFactory, JsonRpcProvider, keccak256, toUtf8Bytes, Wallet, ZeroHash } from 'ethers';
import { load } from '../contracts/client/Artifact.ts';
import { anvilPath, startAnvil } from '../contracts/client/chain/Anvil.ts';

const INPUT = 'What is an oracle, and why does a chain need one? '.repeat(6).slice(0, 256);
const ANSWER = 'An oracle is something that tells a chain what it cannot see by itself. '.repeat(15).slice(0, 1024);
const SNAPSHOT = new URL('../test/contracts/gas.snapshot.json', import.meta.url);
const DOCS = new URL('../docs/gas.md', import.meta.url);
const ZERO = `0x${'00'.repeat(20)}`;

export const steps = [
  'ask',
  'report1',
  'report10',
  'report50',
  'deliver1',
  'deliver10',
  'settle10',
  'refund10',
  'all10',
] as const;
export type Step = (typeof steps)[number];
/** Gas for each ask. */
export type Costs = Record<Step, number>;

type Row = { says: string; aim?: number; bound?: string };
const rows: Record<Step, Row> = {
  ask: { says: 'ask by a spender, with relay fee', aim: 110_000, bound: '80,000' },
  report1: { says: 'deliver + report + seal, alone', aim: 270_000 },
  report10: { says: 'deliver + report + seal, each of 10', aim: 67_000 },
  report50: {
    says: 'deliver + report + seal, each of 50',
    aim: 52_000,
    bound: '49,000; calldata floor 43,000 to 50,000',
  },
  deliver1: { says: 'deliver, alone', aim: 80_000 },
  deliver10: { says: 'deliver, each of 10', aim: 55_000 },
  settle10: { says: 'settle, each of 10', aim: 23_000 },
  refund10: { says: 'refund, each of 10', aim: 18_000 },
  all10: { says: '**all steps, in batches of 10**', aim: 195_000 },
};

const struct = (order: object) => ({ parent: ZeroHash, soleHost: false, byReport: false, ...order });

/** Runs every step once on a throw-away chain. */
export async function measure(): Promise<Costs> {
  const anvil = await startAnvil({ path: anvilPath(), port: 0, chainId: 31_337 });
  const provider = new JsonRpcProvider(`http://127.0.0.1:${anvil.port}`, 31_337, {
    staticNetwork: true,
    cacheTimeout: -1,
  });
  try {
    await provider.send('evm_setAutomine', [true]);
    return await run(provider);
  } finally {
    provider.destroy();
    await anvil.kill();
  }
}

async function run(provider: JsonRpcProvider): Promise<Costs> {
  const key = (name: string) => new Wallet(keccak256(toUtf8Bytes(name)), provider);
  const [deployer, bot, operator, relay] = [key('deployer'), key('bot'), key('operator'), key('relay')];
  for (const { address } of [deployer, bot, operator]) {
    await provider.send('anvil_setBalance', [address, '0x3635c9adc5dea00000']);
  }
  type Name = Parameters<typeof load>[0];
  const deploy = async (name: Name, ...args: unknown[]) => {
    const { abi, bytecode } = load(name);
    const contract = await new ContractFactory(abi, bytecode, deployer).deploy(...args);
    await contract.waitForDeployment();
    return new Contract(await contract.getAddress(), abi, deployer);
  };
  const send = async (contract: Contract, name: string, args: unknown[], options: object = {}) => {
    const receipt = await (await contract.getFunction(name)(...args, { gasLimit: 16_700_000, ...options })).wait();
    return receipt as NonNullable<Awaited<ReturnType<JsonRpcProvider['getTransactionReceipt']>>>;
  };
  const wait = async (seconds: number) => {
    await provider.send('evm_increaseTime', [seconds]);
    await provider.send('evm_mine', []);
  };

  const stake = 10n ** 20n;
  const token = await deploy('LangToken', deployer.address, stake * 1000n);
  const flex = await deploy('TellorFlex', token.target, 43_200, stake, 10n ** 18n, stake, keccak256('0x01'));
  const governance = await deploy('Governance', flex.target, deployer.address);
  await send(flex, 'init', [governance.target]);
  const registry = await deploy('ModelRegistry', flex.target);
  const market = await deploy('AskMarket', flex.target, registry.target);
  const host = await deploy('Host', deployer.address, market.target);
  await send(token, 'approve', [host.target, stake * 100n]);
  await send(host, 'stake', [stake * 100n]);
  await send(host, 'setOperator', [operator.address, 1000]);
  const script = toUtf8Bytes('input = ""');
  await send(registry, 'publish', [script]);
  const workload = keccak256(script);
  await send(registry, 'list', [workload, ZERO, 10n ** 15n, false, 'bench', '{}']);
  const hot = host.connect(operator) as Contract;
  await send(hot, 'offer', [1, ZERO, 10n ** 16n, 4096, 60, 3600]);
  const account = BigInt(deployer.address);
  await send(market, 'depositCoin', [account], { value: 10n ** 20n });
  const expiry = 2n ** 40n - 1n;
  await send(market, 'allow', [
    account,
    bot.address,
    ZERO,
    [10n ** 18n, 10n ** 20n, 86_400, expiry, relay.address, 10n ** 15n],
  ]);

  let salt = 0;
  const ask = async () => {
    const latest = await provider.getBlock('latest');
    const order = struct({
      model: 1,
      workload,
      token: ZERO,
      host: host.target,
      maxPrice: 10n ** 17n,
      deadline: (latest?.timestamp ?? 0) + 3600,
      userSalt: keccak256(toUtf8Bytes(`ask ${salt++}`)),
    });
    const receipt = await send(market.connect(bot) as Contract, 'ask', [account, order, INPUT, '0x', 10n ** 13n]);
    const asked = receipt.logs.map((log) => market.interface.parseLog(log)).find((log) => log?.name === 'Asked');
    return { gas: Number(receipt.gasUsed), queryId: String(asked?.args['queryId']), ask: asked?.args['ask'].toArray() };
  };
  const many = async (length: number) => {
    const asks: Awaited<ReturnType<typeof ask>>[] = [];
    for (let i = 0; i < length; i++) asks.push(await ask());
    return asks;
  };
  type Asks = Awaited<ReturnType<typeof many>>;
  let batch = 1000n;
  const deliver = async (asks: Asks, report: boolean) => {
    await wait(600);
    const ids = asks.map((one) => one.queryId);
    const structs = asks.map((one) => one.ask);
    const answers = asks.map(() => ANSWER);
    const { gasUsed } = await send(hot, 'deliver', [++batch, ids, structs, answers, report]);
    return Math.round(Number(gasUsed) / asks.length);
  };
  const answerHash = keccak256(toUtf8Bytes(ANSWER));
  const settle = async (asks: Asks) => {
    await wait(43_300);
    const id = await market.getFunction('batchQueryIdOf')(host.target, batch);
    const items = asks.map((one) => [one.queryId, answerHash, one.ask]);
    return Math.round(Number((await send(market, 'settle', [id, items])).gasUsed) / asks.length);
  };
  const refund = async (asks: Asks) => {
    await wait(3700);
    const items = asks.map((one) => [one.queryId, ZeroHash, ZeroHash, one.ask]);
    return Math.round(Number((await send(market, 'refund', [items])).gasUsed) / asks.length);
  };

  // The first of everything pays for storage that later ones find: what is measured is the daily business.
  const first = await many(1);
  await deliver(first, true);
  await settle(first);

  const ten = await many(10);
  const report10 = await deliver(ten, true);
  const settle10 = await settle(ten);
  const askGas = ten[9]?.gas ?? 0;
  const report1 = await deliver(await many(1), true);
  const deliver1 = await deliver(await many(1), false);
  const deliver10 = await deliver(await many(10), false);
  const refund10 = await refund(await many(10));
  const fifty: Asks = await many(50);
  const report50 = await deliver(fifty, true);
  return {
    ask: askGas,
    report1,
    report10,
    report50,
    deliver1,
    deliver10,
    settle10,
    refund10,
    all10: askGas + report10 + settle10,
  };
}

const number = (value: number) => value.toLocaleString('en-US');

export function table(costs: Costs): string {
  const body = steps.map((step) => {
    const { says, aim, bound } = rows[step];
    return `| ${says} | ${number(costs[step])} | ${aim ? number(aim) : ''} | ${bound ?? ''} |`;
  });
  return ['| step | gas for each ask | aim | bound |', '|---|---|---|---|', ...body].join('\n');
}

const page = (costs: Costs) => `# Gas

A 256-byte question and a 1 KB answer, on the genuine TellorFlex, measured by \`npm run bench:gas\` (\`-- --write\` writes this
page and the snapshot that the tests compare with).

${table(costs)}

The same work with TellorFlex and Tellor's Autopay: about 586,000 to tip, 894,000 for \`submitValue\` with the answer as its
value and 218,000 to claim, **1.7 million** in all. Both store the text; here it is calldata and event data, the oracle keeps
one root for a whole batch, and an ask is one storage slot. An ask with \`byReport\`, whose answer other contracts read from
TellorFlex, costs what \`submitValue\` costs: about 720 gas a byte.

The bound is what can't be saved: calldata, under the floor of EIP-7623 40 gas for each byte that is not zero, event data at
8 gas a byte, and the cold storage slots.
`;

if (import.meta.main) {
  const costs = await measure();
  process.stdout.write(`${table(costs)}\nTellorFlex with Autopay: 1,698,000\n`);
  if (process.argv.includes('--write')) {
    writeFileSync(SNAPSHOT, `${JSON.stringify(costs, null, 2)}\n`);
    writeFileSync(DOCS, page(costs));
  }
}
