import { load } from './Artifact.ts';
import type { Ask } from './Ask.ts';
import { type Call, encode } from './Call.ts';
import type { Deployment } from './Deployment.ts';
import { type Address, address, type Hex } from './Hex.ts';
import type { SealItem } from './Market.ts';
import { createReader } from './Reader.ts';
import type { Offer } from './Registry.ts';
import type { Rpc } from './Rpc.ts';

export type HostContract = ReturnType<typeof createHost>;

/** A Host contract: the reporter that holds stake and earnings. Reads reject with ContractError; `calls` only describe. */
export function createHost(rpc: Rpc, to: Address, _deployment?: Deployment) {
  const { abi } = load('IHost');
  const read = createReader(rpc, to, abi);
  const call = (name: string, args: readonly unknown[]): Call => encode(to, abi, name, args);

  return {
    address: to,

    async owner(): Promise<Address> {
      return address(String((await read('owner'))[0]));
    },
    /** To whom it was offered; address 0 when to nobody. */
    async pendingOwner(): Promise<Address> {
      return address(String((await read('pendingOwner'))[0]));
    },
    async market(): Promise<Address> {
      return address(String((await read('market'))[0]));
    },
    /** `reportsPerDay` 0: not an operator. `usedToday`: of the UTC day that is running. */
    async operatorOf(operator: Address): Promise<{ reportsPerDay: number; usedToday: number }> {
      const [reportsPerDay, usedToday] = await read('operatorOf', [operator]);
      return { reportsPerDay: Number(reportsPerDay), usedToday: Number(usedToday) };
    },

    /** Tellor's Autopay that its owner lets operators answer tips of; address 0: none. */
    async autopay(): Promise<Address> {
      return address(String((await read('autopay'))[0]));
    },

    calls: {
      // The owner's.
      /** @param autopay zeroAddress ends it */
      setAutopay: (autopay: Address): Call => call('setAutopay', [autopay]),
      offerOwnership: (receiver: Address): Call => call('offerOwnership', [receiver]),
      acceptOwnership: (): Call => call('acceptOwnership', []),
      /** @param reportsPerDay 0 removes the operator */
      setOperator: (operator: Address, reportsPerDay: number): Call => call('setOperator', [operator, reportsPerDay]),
      stake: (amount: bigint): Call => call('stake', [amount]),
      requestUnstake: (amount: bigint): Call => call('requestUnstake', [amount]),
      withdrawStake: (): Call => call('withdrawStake', []),
      withdrawEarnings: (token: Address, amount: bigint, receiver: Address): Call =>
        call('withdrawEarnings', [token, amount, receiver]),
      sweep: (token: Address, receiver: Address): Call => call('sweep', [token, receiver]),
      beginDispute: (queryId: Hex, timestamp: bigint): Call => call('beginDispute', [queryId, timestamp]),

      // An operator's.
      offer: (modelId: bigint, token: Address, o: Offer): Call =>
        call('offer', [modelId, token, o.price, o.maxInputBytes, o.exclusiveSeconds, o.reportWithinSeconds]),
      withdrawOffer: (modelId: bigint, token: Address): Call => call('withdrawOffer', [modelId, token]),
      takeOver: (queryId: Hex, ask: Ask): Call => call('takeOver', [queryId, ask]),
      decline: (queryId: Hex, ask: Ask, reason: string): Call => call('decline', [queryId, ask, reason]),
      /** With `report` also reports the root and seals; a failing report never undoes the delivery. */
      deliver: (
        batch: bigint,
        queryIds: readonly Hex[],
        asks: readonly Ask[],
        answers: readonly string[],
        report: boolean,
      ): Call => call('deliver', [batch, queryIds, asks, answers, report]),
      report: (batch: bigint, items: readonly SealItem[]): Call => call('report', [batch, items]),
      deliverByReport: (queryId: Hex, ask: Ask, answer: string, queryData: Hex): Call =>
        call('deliverByReport', [queryId, ask, answer, queryData]),
      vote: (disputeId: bigint, inFavor: boolean, invalidQuery: boolean): Call =>
        call('vote', [disputeId, inFavor, invalidQuery]),
      tally: (disputeId: bigint): Call => call('tally', [disputeId]),
      execute: (disputeId: bigint): Call => call('execute', [disputeId]),
      /** Reverts unless the newest tip is still `minTip` or more, is due, and the query has had so many reports. */
      reportTipped: (queryId: Hex, value: Hex, reports: bigint, queryData: Hex, minTip: bigint): Call =>
        call('reportTipped', [queryId, value, reports, queryData, minTip]),
      claimTips: (queryId: Hex, timestamps: readonly bigint[]): Call => call('claimTips', [queryId, timestamps]),
      reportValue: (queryId: Hex, value: Hex, nonce: bigint, queryData: Hex): Call =>
        call('reportValue', [queryId, value, nonce, queryData]),
    },
  };
}
