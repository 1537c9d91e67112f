import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Wallet } from 'ethers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Address, address } from '../../contracts/client/Hex.ts';
import type { LocalChain } from '../../contracts/client/LocalChain.ts';
import { type Rpc, RpcError } from '../../contracts/client/Rpc.ts';
import { createSender, type Sender } from '../../contracts/client/send/Sender.ts';
import { open } from '../../contracts/client/support/Sqlite.ts';
import { fundedWallet, quiet, startChain } from './chain.ts';

let chain: LocalChain;
let folder: string;
beforeAll(async () => {
  chain = await startChain();
  folder = await mkdtemp(join(tmpdir(), 'sender-'));
});
afterAll(async () => {
  await chain.stop();
  rmSync(folder, { recursive: true });
});

class Killed extends Error {}

/** A process that dies at its `at`-th step of a kind: from then on nothing it does has an effect. */
function mortal(kind: 'rpc' | 'write', at: number, moment: 'before' | 'after') {
  const died = Promise.withResolvers<void>();
  let dead = false;
  let steps = 0;
  const die = (): never => {
    dead = true;
    died.resolve();
    throw new Killed();
  };
  const step = <T>(of: 'rpc' | 'write', work: () => T): T => {
    if (dead) throw new Killed();
    if (of !== kind || steps++ !== at) return work();
    if (moment === 'before') die();
    const result = work();
    if (result instanceof Promise) return result.then(die) as T;
    return die();
  };
  const rpc = new Proxy(chain.rpc, {
    get: (target, name) =>
      name === 'send'
        ? async (method: string, params: unknown[]) => step('rpc', () => target.send(method, params))
        : Reflect.get(target, name),
  }) as Rpc;
  const database = (real: DatabaseSync) =>
    new Proxy(real, {
      get(target, name) {
        if (name === 'prepare') {
          return (sql: string) => {
            const statement = target.prepare(sql);
            const run: StatementSync['run'] = (...values: never[]) => step('write', () => statement.run(...values));
            return Object.assign(Object.create(statement), {
              run,
              all: statement.all.bind(statement),
              get: statement.get.bind(statement),
            });
          };
        }
        if (name === 'exec') return (sql: string) => step('write', () => target.exec(sql));
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  return { rpc, database, died: died.promise };
}

/** The process dies, not the machine: the disk need not be waited for. */
function quick(file: string): DatabaseSync {
  const database = open(file);
  database.exec('PRAGMA synchronous = OFF');
  return database;
}

const keys = ['a', 'b', 'c'];
let files = 0;

/** Three payments by a process that is killed; then by another with the same database. @returns whether it was killed */
async function dieAndComeBack(kind: 'rpc' | 'write', at: number, moment: 'before' | 'after'): Promise<boolean> {
  const wallet = await fundedWallet(chain);
  const targets: Address[] = keys.map(() => address(Wallet.createRandom().address));
  const intents = keys.map((key, index) => ({
    key,
    call: { to: targets[index] ?? targets[0], data: '0x', value: 1n } as const,
  }));
  const file = join(folder, `${files++}.sqlite`);
  const { rpc, database, died } = mortal(kind, at, moment);
  const first = quick(file);
  const shared = { wallet, chainId: chain.chainId, log: quiet, pollMs: 20 };
  let killed = false;
  let doomed: Sender | undefined;
  try {
    const sender = createSender({ rpc, database: database(first), ...shared });
    doomed = sender;
    const done = Promise.all(intents.map((intent) => sender.submit(intent as never)));
    done.catch(() => {});
    killed = await Promise.race([done.then(() => false), died.then(() => true)]);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    killed = true;
  } finally {
    await doomed?.stop();
  }
  first.close();

  const second = quick(file);
  const sender = createSender({ rpc: chain.rpc, database: second, ...shared });
  await sender.resume();
  const outcomes = await Promise.all(intents.map((intent) => sender.submit(intent as never)));
  expect(outcomes.map(({ type }) => type)).toEqual(['mined', 'mined', 'mined']);
  await sender.stop();
  second.close();
  expect(await Promise.all(targets.map((to) => chain.rpc.getBalance(to)))).toEqual([1n, 1n, 1n]);
  expect(await chain.rpc.getTransactionCount(wallet.address)).toBe(3);
  return killed;
}

for (const kind of ['rpc', 'write'] as const) {
  for (const moment of ['before', 'after'] as const) {
    it(`killed ${moment} each ${kind === 'rpc' ? 'question to the chain' : 'write to the journal'}, it pays each once`, async () => {
      let kills = 0;
      for (let at = 0; at < 16; at += 8) {
        const killed = await Promise.all(
          Array.from({ length: 8 }, (_, index) => dieAndComeBack(kind, at + index, moment)),
        );
        kills += killed.filter(Boolean).length;
        if (killed.includes(false)) break;
      }
      expect(kills).toBeGreaterThan(12);
    });
  }
}

it('with a node that fails every eighth time, before or after it did what was asked, it pays each once', async () => {
  const wallet = await fundedWallet(chain);
  let seed = 11;
  const chance = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(seed / 65_536) % 16;
  };
  const rpc = new Proxy(chain.rpc, {
    get: (target, name) =>
      name === 'send'
        ? async (method: string, params: unknown[]) => {
            const luck = chance();
            if (luck === 0) throw new RpcError('lost on the way there');
            const result = await target.send(method, params);
            if (luck === 1) throw new RpcError('lost on the way back');
            return result;
          }
        : Reflect.get(target, name),
  }) as Rpc;
  const sender = createSender({
    rpc,
    wallet,
    database: open(':memory:'),
    chainId: chain.chainId,
    log: quiet,
    pollMs: 20,
  });
  const targets = Array.from({ length: 20 }, () => address(Wallet.createRandom().address));
  const outcomes = await Promise.all(
    targets.map((to, index) => sender.submit({ key: `${index}`, call: { to, data: '0x', value: 1n } })),
  );
  expect(new Set(outcomes.map(({ type }) => type))).toEqual(new Set(['mined']));
  expect(new Set(await Promise.all(targets.map((to) => chain.rpc.getBalance(to))))).toEqual(new Set([1n]));
  expect(await chain.rpc.getTransactionCount(wallet.address)).toBe(20);
  await sender.stop();
});
