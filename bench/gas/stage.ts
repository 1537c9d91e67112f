import { Contract, ContractFactory, JsonRpcProvider, keccak256, toUtf8Bytes, Wallet, ZeroHash } from 'ethers';
import { load } from '../../contracts/client/Artifact.ts';
import { anvilPath, startAnvil } from '../../contracts/client/chain/Anvil.ts';
import { hex } from '../../contracts/client/Hex.ts';

const INPUT = 'What is an oracle, and why does a chain need one? '.repeat(6).slice(0, 256);
const ANSWER = 'An oracle is something that tells a chain what it cannot see by itself. '.repeat(15).slice(0, 1024);
const ZERO = `0x${'00'.repeat(20)}`;
const SEALED = 4n;

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** Does something with the marketplace on the genuine TellorFlex, on a throw-away chain. */
export async function onStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
  const anvil = await startAnvil({ path: anvilPath(), port: 0, chainId: 31_337 });
  const provider = new JsonRpcProvider(`http://127.0.0.1:${anvil.port}`, 31_337, {
    staticNetwork: true,
    cacheTimeout: -1,
  });
  try {
    await provider.send('evm_setAutomine', [true]);
    return await work(await openStage(provider));
  } finally {
    provider.destroy();
    await anvil.kill();
  }
}

/** One host with a hundred stakes, one listed model, an account with an allowance; asks of 256 bytes, answers of 1 KB. */
async function openStage(provider: JsonRpcProvider) {
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
  await send(hot, 'offer', [1, ZERO, 10n ** 16n, 16_384, 60, 3600]);
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
  const ask = async (input = INPUT, byReport = false) => {
    const latest = await provider.getBlock('latest');
    const order = {
      parent: ZeroHash,
      soleHost: false,
      byReport,
      model: 1,
      workload,
      token: ZERO,
      host: host.target,
      maxPrice: 10n ** 17n,
      deadline: (latest?.timestamp ?? 0) + 3600,
      userSalt: keccak256(toUtf8Bytes(`ask ${salt++}`)),
    };
    const receipt = await send(market.connect(bot) as Contract, 'ask', [account, order, input, '0x', 10n ** 13n]);
    const asked = receipt.logs.map((log) => market.interface.parseLog(log)).find((log) => log?.name === 'Asked');
    return {
      gas: Number(receipt.gasUsed),
      queryId: String(asked?.args['queryId']),
      order,
      ask: asked?.args['ask'].toArray(),
    };
  };
  type Asked = Awaited<ReturnType<typeof ask>>;
  const many = async (length: number) => {
    const asks: Asked[] = [];
    for (let i = 0; i < length; i++) asks.push(await ask());
    return asks;
  };
  let batch = 1000n;
  /** Gas for each. */
  const deliver = async (asks: Asked[], report: boolean, answer = ANSWER) => {
    await wait(600);
    const ids = asks.map((one) => one.queryId);
    const structs = asks.map((one) => one.ask);
    const answers = asks.map(() => answer);
    const { gasUsed } = await send(hot, 'deliver', [++batch, ids, structs, answers, report]);
    return Math.round(Number(gasUsed) / asks.length);
  };
  const deliverByReport = async ({ queryId, order, ask }: Asked, input: string, answer: string) => {
    await wait(600);
    const queryData = await market.getFunction('queryDataOf')(bot.address, order, input);
    const { gasUsed } = await send(hot, 'deliverByReport', [queryId, ask, answer, queryData]);
    const [state] = await market.getFunction('stateOf')(queryId);
    if (state !== SEALED) throw new Error(`The ask is in state ${state} after its report, not sealed.`);
    return { gas: Number(gasUsed), queryData: hex(queryData) };
  };
  const answerHash = keccak256(toUtf8Bytes(ANSWER));
  const settle = async (asks: Asked[]) => {
    await wait(43_300);
    const id = await market.getFunction('batchQueryIdOf')(host.target, batch);
    const items = asks.map((one) => [one.queryId, answerHash, one.ask]);
    return Math.round(Number((await send(market, 'settle', [id, items])).gasUsed) / asks.length);
  };
  const refund = async (asks: Asked[]) => {
    await wait(3700);
    const items = asks.map((one) => [one.queryId, ZeroHash, ZeroHash, one.ask]);
    return Math.round(Number((await send(market, 'refund', [items])).gasUsed) / asks.length);
  };

  return { ask, many, deliver, deliverByReport, settle, refund };
}
