import type { Deployment } from '../../contracts/client/Deployment.ts';
import { createGovernance } from '../../contracts/client/Governance.ts';
import type { Address } from '../../contracts/client/Hex.ts';
import { createMarket } from '../../contracts/client/Market.ts';
import { encodeWorkload, workloadSalt } from '../../contracts/client/Query.ts';
import { createRegistry } from '../../contracts/client/Registry.ts';
import { latest, type Rpc } from '../../contracts/client/Rpc.ts';
import { createToken, type TokenInfo } from '../../contracts/client/Token.ts';
import type { MarketAccess } from './Market.ts';

/** The chain as the core reads it. Symbols and decimals are asked for once per token. */
export function createMarketAccess(rpc: Rpc, deployment: Deployment): MarketAccess {
  const market = createMarket(rpc, deployment);
  const registry = createRegistry(rpc, deployment);
  const governance = createGovernance(rpc, deployment);
  const infos = new Map<Address, TokenInfo>();
  const { chainId } = deployment;
  return {
    chainId,
    market: market.address,
    now: async () => (await latest(rpc)).timestamp,
    quote: (of) => registry.quote(of),
    async tokenInfo(token) {
      const known = infos.get(token);
      if (known) return known;
      const info = await createToken(rpc, token).info();
      infos.set(token, info);
      return info;
    },
    balanceOf: (token, owner) => createToken(rpc, token).balanceOf(owner),
    allowanceOf: (token, owner) => createToken(rpc, token).allowance(owner, market.address),
    async stateOf(opener, order, input) {
      const salt = workloadSalt({ chainId, market: market.address, opener, userSalt: order.userSalt });
      const { queryId } = encodeWorkload({ workload: order.workload, input, parent: order.parent, salt });
      return (await market.stateOf(queryId)).state;
    },
    async isRefundable(item) {
      const { to, data } = market.calls.refund([item]);
      // The call's value is how many of the items were refunded.
      return BigInt(await rpc.send('eth_call', [{ to, data }, 'latest'])) > 0n;
    },
    askAndPay: market.calls.askAndPay,
    askAndPayWithPermit: market.calls.askAndPayWithPermit,
    approve: (token, amount) => createToken(rpc, token).calls.approve(market.address, amount),
    refund: market.calls.refund,
    listing: {
      isPublished: registry.isPublished,
      publish: registry.calls.publish,
      list: registry.calls.list,
      update: registry.calls.update,
      retire: registry.calls.retire,
    },
    disputes: {
      token: deployment.token,
      fee: governance.disputeFee,
      isDisputed: async (reportQueryId, reportedAt) =>
        (await governance.voteRounds(reportQueryId, reportedAt)).length > 0,
      approveFee: (amount) => createToken(rpc, deployment.token).calls.approve(governance.address, amount),
      begin: governance.calls.beginDispute,
    },
  };
}
