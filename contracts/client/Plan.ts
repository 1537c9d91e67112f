import { AbiCoder, getCreateAddress, hexlify, keccak256, randomBytes } from 'ethers';
import { type ArtifactName, load } from './Artifact.ts';
import { type Address, address, type Hex, hex } from './Hex.ts';

/** What is to lie where, and the transactions that bring it there, one nonce after the other. */
export type Plan = { addresses: Addresses; steps: Step[] };
export type Addresses = { token: Address; oracle: Address; governance: Address; registry: Address; market: Address };
/** `creates`: the contract's address; undefined for a call of `to`. `gasLimit`: what is left over is not paid. */
export type Step = { name: string; nonce: number; to?: Address; creates?: Address; data: Hex; gasLimit: bigint };

export type DeployTerms = {
  /** A TellorFlex to build on; its token and governance are used. Without it an oracle of our own is deployed. */
  oracle?: { address: Address; token: Address; governance: Address };
  /** The token that an oracle of our own is staked in. Default: a new LANG, all of it the deployer's. */
  token?: Address;
  /** Smallest units. Default 1,000,000,000 LANG. */
  langSupply?: bigint;
  /** One stake of an oracle of our own, smallest units of its token. Default 2: 100,000 allow a report each second. */
  stakeAmount?: bigint;
  /** The team's vote in Governance. Default: the deployer. */
  teamMultisig?: Address;
};

/** 12 hours, in which a report can be disputed: the market takes no less, and more would only slow reporters down. */
export const reportingLock = 43_200n;
const oneToken = 10n ** 18n;

/** The transactions of `deployer` from `nonce` on. Pure but for one random number, the oracle's price query. */
export function plan(deployer: Address, nonce: number, terms: DeployTerms = {}): Plan {
  const steps: Step[] = [];
  const create = (name: ArtifactName, args: readonly unknown[]): Address => {
    const { abi, bytecode, deployedBytecode } = load(name);
    const at = nonce + steps.length;
    const creates = address(getCreateAddress({ from: deployer, nonce: at }));
    const data = hex(bytecode + abi.encodeDeploy(args).slice(2));
    steps.push({ name, nonce: at, creates, data, gasLimit: creationGas(data, deployedBytecode) });
    return creates;
  };
  const own = (): Pick<Addresses, 'token' | 'oracle' | 'governance'> => {
    const { stakeAmount = 2n * oneToken, langSupply = 1_000_000_000n * oneToken, teamMultisig = deployer } = terms;
    const token = terms.token ?? create('LangToken', [deployer, langSupply]);
    // With a query that nobody can report on, no staker can move the stake amount.
    const priceQueryId = keccak256(AbiCoder.defaultAbiCoder().encode(['bytes32'], [hexlify(randomBytes(32))]));
    const oracle = create('TellorFlex', [token, reportingLock, stakeAmount, oneToken, stakeAmount, priceQueryId]);
    const governance = create('Governance', [oracle, teamMultisig]);
    const data = hex(load('TellorFlex').abi.encodeFunctionData('init', [governance]));
    steps.push({ name: 'TellorFlex.init', nonce: nonce + steps.length, to: oracle, data, gasLimit: 100_000n });
    return { token, oracle, governance };
  };
  const { token, oracle, governance } = terms.oracle
    ? { oracle: terms.oracle.address, token: terms.oracle.token, governance: terms.oracle.governance }
    : own();
  const registry = create('ModelRegistry', [oracle]);
  const market = create('AskMarket', [oracle, registry]);
  return { addresses: { token, oracle, governance, registry, market }, steps };
}

/** An upper bound: calldata (EIP-7623 floor), creation, code deposit, and a constructor that writes a dozen slots. */
function creationGas(data: Hex, deployed: Hex): bigint {
  return 53_000n + BigInt(data.length / 2) * 40n + BigInt(deployed.length / 2) * 220n + 500_000n;
}
