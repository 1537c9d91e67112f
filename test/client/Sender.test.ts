import { Transaction, Wallet } from 'ethers';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { load } from '../../contracts/client/Artifact.ts';
import { type Call, encode } from '../../contracts/client/Call.ts';
import { type Address, address } from '../../contracts/client/Hex.ts';
import type { LocalChain } from '../../contracts/client/LocalChain.ts';
import { connect } from '../../contracts/client/Rpc.ts';
import {
  createSender,
  type Sender,
  type SenderOptions,
  SenderStoppedError,
} from '../../contracts/client/send/Sender.ts';
import { createLog } from '../../contracts/client/support/Log.ts';
import { open, transaction } from '../../contracts/client/support/Sqlite.ts';
import { deployOracle, devWallet, fundedWallet, quiet, startChain } from './chain.ts';

let chain: LocalChain;
let oracle: Address;
beforeAll(async () => {
  chain = await startChain();
  oracle = await deployOracle(devWallet(chain, 0));
});
afterAll(() => chain.stop());

const senders: Sender[] = [];
afterEach(async () => {
  for (const sender of senders.splice(0)) await sender.stop();
});

async function setUp(options: Partial<SenderOptions> = {}) {
  const wallet = options.wallet ?? (await fundedWallet(chain));
  const database = options.database ?? open(':memory:');
  const sender = createSender({ rpc: chain.rpc, wallet, database, chainId: chain.chainId, log: quiet, ...options });
  senders.push(sender);
  return { sender, wallet, database };
}

/** A transfer of `wei` to an address that nobody else uses. */
const target = () => address(Wallet.createRandom().address);
const pay = (to: Address, wei = 1n): Call => ({ to, data: '0x', value: wei });
const balance = (of: Address) => chain.rpc.getBalance(of);

describe('submit', () => {
  it('sends, and says where it was mined', async () => {
    const { sender, wallet } = await setUp();
    const to = target();
    const outcome = await sender.submit({ key: 'a', call: pay(to, 5n) });
    if (outcome.type !== 'mined') throw new Error(outcome.type);
    const receipt = await chain.rpc.getTransactionReceipt(outcome.hash);
    expect(receipt?.blockNumber).toBe(outcome.block);
    expect(receipt?.from).toBe(wallet.address);
    expect((await chain.rpc.getBlock(outcome.block))?.timestamp).toBe(outcome.timestamp);
    expect(outcome.gasUsed).toBe(21_000n);
    expect(await balance(to)).toBe(5n);
    expect(sender.outcomeOf('a')).toEqual(outcome);
  });

  it('says in every log line which asks it is about, also after a restart and in a table of an earlier version', async () => {
    const database = open(':memory:');
    const { sender: earlier, wallet } = await setUp({ database });
    await earlier.stop();
    database.exec('ALTER TABLE sender_intents DROP COLUMN query_ids');
    const lines: Record<string, unknown>[] = [];
    const write = (line: string) => void lines.push(JSON.parse(line));
    const log = createLog({ name: 'test', level: 'debug', destination: { write } });
    const { sender } = await setUp({ wallet, database, log });
    await sender.submit({ key: 'one', call: pay(target()), queryIds: ['0x01'] });
    await sender.submit({ key: 'two', call: pay(target()), queryIds: ['0x02', '0x03'] });
    await sender.submit({ key: 'none', call: pay(target()), note: 'offer' });
    const said = lines.map(({ msg, queryId, queryIds, note }) => ({ msg, queryId, queryIds, note }));
    for (const about of [{ queryId: '0x01' }, { queryIds: ['0x02', '0x03'] }, { note: 'offer' }])
      for (const step of ['signed', 'sent', 'mined'])
        expect(said).toContainEqual({ msg: `transaction ${step}`, ...about });
    expect(said).toHaveLength(9);
  });

  it('never sends the same key twice, not even at the same time or after a restart', async () => {
    const { sender, wallet, database } = await setUp();
    const to = target();
    const both = await Promise.all([
      sender.submit({ key: 'a', call: pay(to) }),
      sender.submit({ key: 'a', call: pay(to) }),
    ]);
    expect(both[0]).toEqual(both[1]);
    await sender.stop();
    const { sender: again } = await setUp({ wallet, database });
    expect(await again.submit({ key: 'a', call: pay(to) })).toEqual(both[0]);
    expect(await balance(to)).toBe(1n);
    expect(await chain.rpc.getTransactionCount(wallet.address)).toBe(1);
  });

  it('broadcasts at once, without waiting for its next look at the chain', async () => {
    const { sender } = await setUp({ pollMs: 600_000 });
    const original = chain.rpc.send.bind(chain.rpc);
    let sent = 0;
    const spy = vi.spyOn(chain.rpc, 'send').mockImplementation((method, params) => {
      if (method === 'eth_sendRawTransaction') sent += 1;
      return original(method, params);
    });
    for (const key of ['idle', 'busy']) {
      const before = sent;
      void sender.submit({ key, call: pay(target()) }).catch(() => undefined);
      await vi.waitFor(() => expect(sent).toBe(before + 1), { timeout: 20_000 });
    }
    spy.mockRestore();
  });

  it('keeps many in flight, with nonces in the order of submission', async () => {
    const { sender, wallet } = await setUp();
    const targets = Array.from({ length: 40 }, target);
    const outcomes = await Promise.all(targets.map((to, index) => sender.submit({ key: `${index}`, call: pay(to) })));
    const nonces = await Promise.all(
      outcomes.map(async (outcome) => {
        if (outcome.type !== 'mined') throw new Error(outcome.type);
        return (await chain.rpc.getTransaction(outcome.hash))?.nonce;
      }),
    );
    expect(nonces).toEqual(targets.map((_, index) => index));
    expect(await chain.rpc.getTransactionCount(wallet.address)).toBe(40);
  });
});

describe('what is not sent', () => {
  const initTwice = () => encode(oracle, load('TellorFlex').abi, 'init', [target()]);

  it('a call that would revert burns no nonce, and may be tried again', async () => {
    const { sender, wallet } = await setUp();
    const outcome = await sender.submit({ key: 'a', call: initTwice() });
    expect(outcome).toMatchObject({
      type: 'reverted',
      error: { sentence: 'Only the deployer may set up the oracle.' },
    });
    expect(outcome).not.toHaveProperty('hash');
    expect(sender.outcomeOf('a')).toMatchObject({ type: 'reverted', error: { code: 'oracle' } });
    expect(await sender.submit({ key: 'a', call: pay(target()) })).toMatchObject({ type: 'mined' });
    expect(await chain.rpc.getTransactionCount(wallet.address)).toBe(1);
  });

  it('one without coin for it, until there is', async () => {
    const { sender, wallet } = await setUp({ wallet: await fundedWallet(chain, 1_000n) });
    const outcome = await sender.submit({ key: 'a', call: pay(target()) });
    expect(outcome).toMatchObject({
      type: 'refused',
      reason: expect.stringContaining('holds 0.000000000000001 of the chain’s coin'),
    });
    await chain.rpc.send('anvil_setBalance', [wallet.address, '0xde0b6b3a7640000']);
    expect(await sender.submit({ key: 'a', call: pay(target()) })).toMatchObject({ type: 'mined' });
  });

  it('one whose fee would pass the hourly limit, over a restart too', async () => {
    const wallet = await fundedWallet(chain);
    const database = open(':memory:');
    const fees = 21_000n * 5n * 10n ** 9n;
    const first = await setUp({ wallet, database, maxFeePerHour: fees });
    const outcomes = [];
    for (let index = 0; index < 10; index++)
      outcomes.push(await first.sender.submit({ key: `${index}`, call: pay(target()) }));
    const types = outcomes.map(({ type }) => type);
    expect(types[0]).toBe('mined');
    expect(types.at(-1)).toBe('refused');
    await first.sender.stop();
    const second = await setUp({ wallet, database, maxFeePerHour: fees });
    expect(await second.sender.submit({ key: 'later', call: pay(target()) })).toMatchObject({ type: 'refused' });
  });

  it('one that needs more gas than a transaction may have', async () => {
    const { sender } = await setUp();
    expect(await sender.submit({ key: 'a', call: pay(target()), gasLimit: 20_000_000n })).toMatchObject({
      type: 'refused',
    });
  });

  it('a reverted one on chain tells why', async () => {
    const { sender } = await setUp();
    const call = encode(oracle, load('TellorFlex').abi, 'depositStake', [1]);
    // The estimate is made to pass, as it would when something changed in between.
    const original = chain.rpc.send.bind(chain.rpc);
    const spy = vi
      .spyOn(chain.rpc, 'send')
      .mockImplementation((method, params) =>
        method === 'eth_estimateGas' ? Promise.resolve('0x186a0') : original(method, params),
      );
    const outcome = await sender.submit({ key: 'a', call });
    spy.mockRestore();
    expect(outcome).toMatchObject({
      type: 'reverted',
      hash: expect.stringMatching(/^0x/),
      error: { sentence: 'The oracle has not been set up yet.' },
    });
    expect(await sender.submit({ key: 'a', call })).toEqual(sender.outcomeOf('a'));
  });
});

describe('enqueue', () => {
  it('belongs to the caller’s transaction', async () => {
    const { sender, database } = await setUp();
    const to = target();
    expect(() =>
      transaction(database, () => {
        sender.enqueue({ key: 'never', call: pay(to) });
        throw new Error('changed my mind');
      }),
    ).toThrow('changed my mind');
    transaction(database, () => sender.enqueue({ key: 'sent', call: pay(to, 2n) }));
    await vi.waitFor(() => expect(sender.outcomeOf('sent')).toMatchObject({ type: 'mined' }), { timeout: 3_000 });
    expect(sender.outcomeOf('never')).toBeUndefined();
    expect(await balance(to)).toBe(2n);
  });

  it('waits for a transaction that the caller holds open over an await', async () => {
    const { sender, database } = await setUp();
    database.exec('BEGIN');
    sender.enqueue({ key: 'a', call: pay(target()) });
    const journaled = () =>
      database.prepare("SELECT count(*) AS n FROM sender_intents WHERE state = 'signed'").get()?.['n'];
    await chain.mine();
    expect(journaled()).toBe(0);
    database.exec('ROLLBACK');
    await chain.mine();
    expect(sender.outcomeOf('a')).toBeUndefined();
  });
});

describe('a chain that misbehaves', () => {
  it('forgets the last blocks: what was in them is sent again', async () => {
    const { sender, wallet } = await setUp();
    const [before, to] = [target(), target()];
    await sender.submit({ key: 'old', call: pay(before) });
    const snapshot = await chain.rpc.send('evm_snapshot', []);
    await sender.submit({ key: 'a', call: pay(to) });
    await sender.submit({ key: 'b', call: pay(to) });
    await chain.rpc.send('evm_revert', [snapshot]);
    expect(await balance(to)).toBe(0n);
    await vi.waitFor(async () => expect(await balance(to)).toBe(2n), { timeout: 8_000, interval: 100 });
    await vi.waitFor(() => expect(sender.outcomeOf('b')).toMatchObject({ type: 'mined' }), { timeout: 3_000 });
    expect(await chain.rpc.getTransactionCount(wallet.address)).toBe(3);
  });

  it('leaves a transaction out: its fee is raised, and one of the two is mined', async () => {
    const slow = await startChain({ blockTime: 1000, idleBlockTime: 2000 });
    try {
      const wallet = devWallet(slow, 1);
      const { sender, database } = await setUp({ rpc: slow.rpc, wallet, bumpAfterMs: 50, pollMs: 20 });
      const to = target();
      const outcome = sender.submit({ key: 'a', call: pay(to) });
      const attempts = () => database.prepare('SELECT raw FROM sender_attempts ORDER BY signed_at').all();
      await vi.waitFor(() => expect(attempts()).toHaveLength(1));
      await vi.waitFor(async () => expect((await slow.rpc.send('txpool_status', [])).pending).toBe('0x1'));
      const first = Transaction.from(String(attempts()[0]?.['raw']));
      // Blocks come and leave it out.
      await slow.rpc.send('anvil_dropTransaction', [first.hash]);
      await slow.rpc.send('anvil_mine', ['0x5']);
      await vi.waitFor(() => expect(attempts().length).toBeGreaterThan(1));
      const second = Transaction.from(String(attempts()[1]?.['raw']));
      expect(second.nonce).toBe(first.nonce);
      expect(second.maxPriorityFeePerGas ?? 0n).toBeGreaterThanOrEqual(
        ((first.maxPriorityFeePerGas ?? 0n) * 110n) / 100n,
      );
      await vi.waitFor(async () => expect((await slow.rpc.send('txpool_status', [])).pending).toBe('0x1'));
      await slow.mine();
      expect(await outcome).toMatchObject({ type: 'mined' });
      expect(await slow.rpc.getBalance(to)).toBe(1n);
      expect(await slow.rpc.getTransactionCount(wallet.address)).toBe(1);
    } finally {
      await slow.stop();
    }
  });

  it('stalls: nothing is raised while no blocks come', async () => {
    const slow = await startChain({ blockTime: 1000, idleBlockTime: 2000 });
    try {
      const { sender, database } = await setUp({
        rpc: slow.rpc,
        wallet: devWallet(slow, 1),
        bumpAfterMs: 1,
        pollMs: 5,
      });
      const outcome = sender.submit({ key: 'a', call: pay(target()) });
      await vi.waitFor(async () => expect((await slow.rpc.send('txpool_status', [])).pending).toBe('0x1'));
      for (let index = 0; index < 20; index++) await slow.rpc.getBlockNumber();
      expect(database.prepare('SELECT count(*) AS n FROM sender_attempts').get()?.['n']).toBe(1);
      await slow.mine();
      expect(await outcome).toMatchObject({ type: 'mined' });
    } finally {
      await slow.stop();
    }
  });

  it('has a stranger’s transaction with our nonce: the intent gets another', async () => {
    const { sender, wallet } = await setUp({ patienceMs: 300 });
    const original = chain.rpc.send.bind(chain.rpc);
    let robbed = false;
    const spy = vi.spyOn(chain.rpc, 'send').mockImplementation(async (method, params) => {
      if (method === 'eth_sendRawTransaction' && !robbed) {
        robbed = true;
        const theft = await wallet.signTransaction({
          to: target(),
          value: 1,
          nonce: 0,
          gasLimit: 21_000,
          chainId: chain.chainId,
          type: 2,
          maxFeePerGas: 10n ** 11n,
          maxPriorityFeePerGas: 10n ** 10n,
        });
        await original('eth_sendRawTransaction', [theft]);
        await chain.mine();
      }
      return original(method, params);
    });
    const to = target();
    const outcome = await sender.submit({ key: 'a', call: pay(to) });
    spy.mockRestore();
    expect(outcome).toMatchObject({ type: 'mined' });
    expect(await balance(to)).toBe(1n);
    expect(await chain.rpc.getTransactionCount(wallet.address)).toBe(2);
  });

  it('can’t be reached for a while', async () => {
    const { sender } = await setUp();
    const original = chain.rpc.send.bind(chain.rpc);
    let down = true;
    const spy = vi
      .spyOn(chain.rpc, 'send')
      .mockImplementation((method, params) =>
        down ? Promise.reject(new Error('connection refused')) : original(method, params),
      );
    const to = target();
    const outcome = sender.submit({ key: 'a', call: pay(to) });
    await vi.waitFor(() => expect(spy.mock.calls.length).toBeGreaterThan(8), { timeout: 3_000 });
    down = false;
    expect(await outcome).toMatchObject({ type: 'mined' });
    spy.mockRestore();
    expect(await balance(to)).toBe(1n);
  });
});

describe('stop and resume', () => {
  it('a stopped sender’s promises reject and the journal goes on', async () => {
    const { sender, wallet, database } = await setUp();
    const to = target();
    const outcome = sender.submit({ key: 'a', call: pay(to) });
    const rejected = expect(outcome).rejects.toThrow(SenderStoppedError);
    await sender.stop();
    await rejected;
    const { sender: next } = await setUp({ wallet, database });
    await next.resume();
    await vi.waitFor(() => expect(next.outcomeOf('a')).toMatchObject({ type: 'mined' }), { timeout: 5_000 });
    expect(await balance(to)).toBe(1n);
  });

  it('starts without a chain', async () => {
    const rpc = await connect(['http://127.0.0.1:9'], { chainId: chain.chainId });
    const { sender } = await setUp({ rpc });
    await sender.resume();
    expect(sender.outcomeOf('nothing')).toBeUndefined();
    rpc.destroy();
  });
});
