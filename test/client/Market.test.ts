import { Signature } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as AskHash from '../../contracts/client/AskHash.ts';
import { explain } from '../../contracts/client/ContractError.ts';
import { decodeEvent } from '../../contracts/client/Decode.ts';
import { createDirectory } from '../../contracts/client/Directory.ts';
import { address, type Hex, hex, zeroAddress, zeroHash } from '../../contracts/client/Hex.ts';
import type { LocalChain } from '../../contracts/client/LocalChain.ts';
import { accountOf } from '../../contracts/client/Market.ts';
import type { MarketEvent } from '../../contracts/client/MarketEvent.ts';
import { createOracle, nextReportAt } from '../../contracts/client/Oracle.ts';
import {
  answerHash,
  batchRoot,
  encodeBatch,
  encodeRoot,
  encodeWorkload,
  workloadHash,
  workloadSalt,
} from '../../contracts/client/Query.ts';
import { createToken, info } from '../../contracts/client/Token.ts';
import * as TypedData from '../../contracts/client/TypedData.ts';
import { verify } from '../../contracts/client/Verify.ts';
import { startChain } from './chain.ts';
import { createWorld, script, stake, type World } from './market.ts';

let chain: LocalChain;
let world: World;
beforeAll(async () => {
  chain = await startChain();
  world = await createWorld(chain);
});
afterAll(() => chain.stop());

async function eventsOf(hash: Hex): Promise<MarketEvent[]> {
  const receipt = await chain.rpc.getTransactionReceipt(hash);
  return (receipt?.logs ?? []).flatMap((log) => decodeEvent(log, world.deployment) ?? []);
}

it('the deployment is what it should be', async () => {
  const findings = await verify(chain.rpc, world.deployment);
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
  expect(findings.length).toBeGreaterThan(8);
  const wrong = await verify(chain.rpc, { ...world.deployment, market: world.deployment.registry });
  expect(wrong.some(({ level }) => level === 'wrong')).toBe(true);
});

it('reads the registry', async () => {
  const { registry, host, owner } = world;
  expect(await registry.modelCount()).toBe(1n);
  expect(await registry.modelOf(1n)).toMatchObject({ seller: owner.address, royalty: 10n, retired: false, version: 1 });
  expect(await registry.scriptOf(workloadHash(script))).toBe(script);
  expect(await registry.offerOf(host.address, 1n, zeroAddress)).toEqual({
    price: 90n,
    maxInputBytes: 1_000,
    exclusiveSeconds: 60,
    reportWithinSeconds: 600,
  });
  expect(await registry.offerOf(address(owner.address), 1n, zeroAddress)).toBeUndefined();
  expect(await registry.mayHost(1n, host.address)).toBe(true);
  const of = { model: 1n, workload: workloadHash(script), token: zeroAddress, host: host.address };
  expect(await registry.quote({ ...of, inputBytes: 5 })).toMatchObject({ royalty: 10n, hostPrice: 90n });
  await expect(registry.quote({ ...of, inputBytes: 1_001 })).rejects.toMatchObject({
    code: 'InputTooLong',
    sentence: 'The question is too long for this host: at most 1000 bytes.',
  });
});

it('reads oracle and tokens', async () => {
  const oracle = createOracle(chain.rpc, world.deployment);
  expect(await oracle.stakerInfo(world.host.address)).toMatchObject({ staked: stake, lastReportAt: 0 });
  expect(await oracle.reportingLock()).toBe(43_200);
  // 100,000 LANG allow a report each second.
  const now = 1_000_000;
  expect(
    nextReportAt({ lastReportAt: now, staked: stake, stakeAmount: await oracle.stakeAmount(), lock: 43_200 }),
  ).toBe(now + 1);
  expect(nextReportAt({ lastReportAt: now, staked: 1n, stakeAmount: 2n, lock: 43_200 })).toBe(Number.POSITIVE_INFINITY);
  expect(nextReportAt({ lastReportAt: now, staked: 2n, stakeAmount: 2n, lock: 43_200 })).toBe(now + 43_201);
  expect(await info(chain.rpc, world.deployment.token)).toEqual({ symbol: 'LANG', decimals: 18 });
  expect(await info(chain.rpc, zeroAddress)).toEqual({ symbol: 'ETH', decimals: 18 });
});

it('an ask’s whole life: asked, delivered, reported and sealed in one transaction, settled after 12 hours', async () => {
  const { market, host, owner, asker, send, deployment } = world;
  const input = 'What is “TellorFlex”? 🤖';
  const answer = 'An oracle. 🧭';
  const order = world.order();
  const opener = address(asker.address);
  const salt = workloadSalt({ chainId: chain.chainId, market: market.address, opener, userSalt: order.userSalt });
  const { queryId } = encodeWorkload({ workload: order.workload, input, parent: order.parent, salt });
  expect(await market.queryIdOf(opener, order, input)).toBe(queryId);

  const [asked] = await eventsOf(await send(asker, market.calls.askAndPay(order, input, '', 100n)));
  expect(asked).toMatchObject({
    type: 'Asked',
    queryId,
    input,
    script: '0x',
    account: accountOf(opener),
    host: host.address,
  });
  if (asked?.type !== 'Asked') throw new Error('not asked');
  const { ask } = asked;
  expect(ask).toMatchObject({ hostPrice: 90n, royalty: 10n, opener, toWallet: true });
  expect((await market.stateOf(queryId)).state).toBe('open');

  const batch = 7n;
  const delivered = await eventsOf(await send(owner, host.calls.deliver(batch, [queryId], [ask], [answer], true)));
  const reported = encodeBatch({ chainId: chain.chainId, market: market.address, host: host.address, batch });
  expect(delivered.map(({ type }) => type)).toEqual(['Delivered', 'Sealed']);
  expect(delivered[0]).toMatchObject({ answer, answerHash: answerHash(answer) });
  const [, seal] = delivered;
  if (seal?.type !== 'Sealed') throw new Error('not sealed');
  expect(seal.reportQueryId).toBe(reported.queryId);
  const oracle = createOracle(chain.rpc, deployment);
  expect(await oracle.retrieve(reported.queryId, seal.reportedAt)).toBe(encodeRoot(batchRoot([{ queryId, answer }])));
  expect(await oracle.reporterAt(reported.queryId, seal.reportedAt)).toBe(host.address);
  expect(await market.verdictOf(reported.queryId, seal.reportedAt)).toBe('none');

  const settle = market.calls.settle(reported.queryId, [{ queryId, answerHash: answerHash(answer), ask }]);
  const [early] = await eventsOf(await send(owner, settle));
  expect(early).toMatchObject({ type: 'Skipped', queryId });
  await chain.increaseTime(43_200);
  const [settled] = await eventsOf(await send(owner, settle));
  expect(settled).toMatchObject({ type: 'Settled', hostPrice: 90n, royalty: 10n });
  expect(await market.balanceOf(accountOf(host.address), zeroAddress)).toBe(90n);
  expect(await market.balanceOf(accountOf(address(owner.address)), zeroAddress)).toBe(10n);
  await send(owner, host.calls.withdrawEarnings(zeroAddress, 90n, opener));
  expect(await market.balanceOf(accountOf(host.address), zeroAddress)).toBe(0n);
});

it('takes over nothing that is exclusive, refunds what was declined', async () => {
  const { market, host, owner, asker, send } = world;
  const order = world.order({
    soleHost: true,
    deadline: BigInt((await chain.rpc.getBlock('latest'))?.timestamp ?? 0) + 600n,
  });
  const [asked] = await eventsOf(await send(asker, market.calls.askAndPay(order, 'x', '', 100n)));
  if (asked?.type !== 'Asked') throw new Error('not asked');
  const { queryId, ask } = asked;
  const [declined] = await eventsOf(await send(owner, host.calls.decline(queryId, ask, 'no such model here')));
  expect(declined).toMatchObject({ type: 'Declined', reason: 'no such model here' });
  const refund = market.calls.refund([{ queryId, answerHash: zeroHash, reportQueryId: zeroHash, ask }]);
  const [refunded] = await eventsOf(await send(owner, refund));
  expect(refunded).toMatchObject({ type: 'Refunded', reason: 'declined', amount: 100n });
  expect((await market.stateOf(queryId)).state).toBe('refunded');
});

it('an allowance lets a spender ask within its terms', async () => {
  const { market, owner, asker, send } = world;
  const account = accountOf(address(asker.address));
  const expiry = BigInt((await chain.rpc.getBlock('latest'))?.timestamp ?? 0) + 86_400n;
  const terms = {
    perAsk: 100n,
    perPeriod: 150n,
    periodSeconds: 3_600n,
    expiry,
    feePayee: zeroAddress,
    maxRelayFee: 0n,
  };
  await send(
    asker,
    market.calls.depositCoin(account, 1_000n),
    market.calls.allow(account, address(owner.address), zeroAddress, terms),
  );
  expect(await market.allowanceOf(account, address(owner.address), zeroAddress)).toEqual({
    terms,
    spentInPeriod: 0n,
    available: 100n,
    periodEndsAt: 0n,
    active: true,
  });
  const order = () => world.order({ deadline: expiry - 80_000n });
  const [asked] = await eventsOf(await send(owner, market.calls.ask(account, order(), 'for the group', '', 0n)));
  expect(asked).toMatchObject({ type: 'Asked', account });
  const again = market.calls.ask(account, order(), 'once more', '', 0n);
  const error = await chain.rpc.call({ ...again, from: owner.address }).catch(explain);
  expect(error).toMatchObject({ code: 'OverPerPeriod', actor: 'asker' });
});

it('the directory follows what is listed and offered', async () => {
  const { registry, owner, host, send } = world;
  const directory = createDirectory();
  const listing = {
    workload: workloadHash(script),
    token: zeroAddress,
    royalty: 1n,
    listedHostsOnly: false,
    name: '12n',
    metadata: '{}',
  };
  const expected = await registry.simulateList(address(owner.address), listing);
  const hash = await send(owner, registry.calls.list(listing));
  const offer = { price: 5n, maxInputBytes: 100, exclusiveSeconds: 60, reportWithinSeconds: 60 };
  const offered = await send(owner, host.calls.offer(expected, zeroAddress, offer));
  for (const event of [...(await eventsOf(hash)), ...(await eventsOf(offered))]) directory.apply(event);
  expect(directory.model('12N')).toMatchObject({ id: expected, royalty: 1n, version: 1n });
  expect(directory.model(`#${expected}`)?.name).toBe('12n');
  expect(directory.offers(expected, zeroAddress)).toMatchObject([{ host: host.address, price: 5n }]);
  const copy = createDirectory();
  copy.restore(directory.snapshot());
  expect(copy.snapshot()).toBe(directory.snapshot());
  expect(copy.models()).toEqual(directory.models());
  for (const event of await eventsOf(await send(owner, registry.calls.retire(expected)))) copy.apply(event);
  expect(copy.models()).toEqual([]);
  expect(copy.model(expected)?.retired).toBe(true);
});

it('an ask’s hash is the one that the market keeps', async () => {
  const { market, host, owner, asker, send } = world;
  const deadline = BigInt((await chain.rpc.getBlock('latest'))?.timestamp ?? 0) + 600n;
  const [asked] = await eventsOf(await send(asker, market.calls.askAndPay(world.order({ deadline }), 'y', '', 100n)));
  if (asked?.type !== 'Asked') throw new Error('not asked');
  const { queryId, ask } = asked;
  const answer = 'yes';
  await send(owner, host.calls.deliver(8n, [queryId], [ask], [answer], false));
  expect((await market.stateOf(queryId)).state).toBe('delivered');
  const item = { queryId, askHash: AskHash.hash(ask), answerHash: answerHash(answer) };
  const events = await eventsOf(await send(owner, host.calls.report(8n, [item])));
  expect(events.map(({ type }) => type)).toContain('Sealed');
});

describe('signatures', () => {
  const none = zeroAddress;
  const sign = async (data: TypedData.TypedData) =>
    hex(await world.asker.signTypedData(data.domain, data.types, data.message));
  const terms = async () => {
    const account = accountOf(address(world.asker.address));
    const deadline = BigInt((await chain.rpc.getBlock('latest'))?.timestamp ?? 0) + 600n;
    return { account, deadline, nonce: await world.market.nonceOf(account) };
  };

  it('allow a spender, end it, and take the money out, each sent by somebody else', async () => {
    const { market, owner, asker, send, deployment } = world;
    const spender = address(owner.address);
    const first = await terms();
    const { account } = first;
    const caps = {
      perAsk: 5n,
      perPeriod: 9n,
      periodSeconds: 60n,
      expiry: first.deadline,
      feePayee: spender,
      maxRelayFee: 1n,
    };
    const grant = { ...first, spender, token: deployment.token, terms: caps };
    await send(owner, market.calls.allowBySignature(grant, await sign(TypedData.allowanceGrant(deployment, grant))));
    expect(await market.allowanceOf(account, spender, deployment.token)).toMatchObject({ active: true, terms: caps });

    const second = await terms();
    await send(owner, market.calls.revokeAllBySignature(second, await sign(TypedData.revokeAll(deployment, second))));
    expect(await market.allowanceOf(account, spender, deployment.token)).toMatchObject({ active: false });

    await send(asker, market.calls.depositCoin(account, 50n));
    const before = await market.balanceOf(account, none);
    const to = address(`0x${'77'.repeat(20)}`);
    const out = { ...(await terms()), token: none, amount: 50n, to, relayFee: 2n, feePayee: spender };
    const call = market.calls.withdrawBySignature(out, await sign(TypedData.withdrawal(deployment, out)));
    await send(owner, call);
    expect(await chain.rpc.getBalance(to)).toBe(48n);
    expect(await market.balanceOf(account, none)).toBe(before - 50n);
    // The same signature again is worth nothing.
    expect(await chain.rpc.call({ ...call, from: spender }).catch(explain)).toMatchObject({ code: 'NonceWrong' });
  });

  it('a permit pays an ask in LANG in one transaction', async () => {
    const { market, registry, host, owner, asker, send, deployment } = world;
    const listing = {
      workload: workloadHash(script),
      token: deployment.token,
      royalty: 1n,
      listedHostsOnly: false,
      name: 'in LANG',
      metadata: '',
    };
    const model = await registry.simulateList(address(owner.address), listing);
    const offer = { price: 9n, maxInputBytes: 100, exclusiveSeconds: 60, reportWithinSeconds: 600 };
    const lang = createToken(chain.rpc, deployment.token);
    await send(
      owner,
      registry.calls.list(listing),
      host.calls.offer(model, deployment.token, offer),
      lang.calls.transfer(address(asker.address), 10n),
    );
    const { deadline } = await terms();
    const payer = address(asker.address);
    const of = {
      token: deployment.token,
      name: 'LangToken',
      version: '1',
      owner: payer,
      spender: market.address,
      value: 10n,
      nonce: 0n,
      deadline,
    };
    const { r, s, v } = Signature.from(await sign(TypedData.permit(chain.chainId, of)));
    const permit = { value: 10n, deadline, v, r: hex(r), s: hex(s) };
    const order = world.order({ model, token: deployment.token, maxPrice: 10n, deadline });
    const [asked] = await eventsOf(
      await send(asker, market.calls.askAndPayWithPermit(order, 'paid by permit', '', permit)),
    );
    expect(asked).toMatchObject({ type: 'Asked', input: 'paid by permit' });
    expect(await lang.balanceOf(payer)).toBe(0n);
  });
});
