import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Wallet } from 'ethers';
import type { Generated } from 'kysely';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import * as Deployment from '../../contracts/client/Deployment.ts';
import { address } from '../../contracts/client/Hex.ts';
import { KeyError, loadOrCreateKey } from '../../contracts/client/Keystore.ts';
import { connect, RpcError, WrongChainError } from '../../contracts/client/Rpc.ts';
import { redact } from '../../contracts/client/support/Log.ts';
import { kysely, migrate, open, transaction } from '../../contracts/client/support/Sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'client-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('SQLite', () => {
  it('migrates once, and refuses a database of a newer program', () => {
    const file = join(folder, 'a.sqlite');
    const first = ['CREATE TABLE t (n INTEGER) STRICT', 'INSERT INTO t VALUES (1)'];
    migrate(open(file), first);
    const database = open(file);
    migrate(database, [...first, 'INSERT INTO t VALUES (2)']);
    expect(database.prepare('SELECT n FROM t').all()).toEqual([{ n: 1 }, { n: 2 }]);
    expect(() => migrate(database, first)).toThrow(/newer version/);
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  });

  it('a failed migration leaves nothing of itself', () => {
    const database = open(':memory:');
    expect(() => migrate(database, ['CREATE TABLE a (n); CREATE TABLE b (', 'x'])).toThrow();
    expect(database.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'a'").get()).toEqual({ n: 0 });
  });

  it('transactions nest', () => {
    const database = open(':memory:');
    database.exec('CREATE TABLE t (n INTEGER)');
    transaction(database, () => {
      database.exec('INSERT INTO t VALUES (1)');
      expect(() =>
        transaction(database, () => {
          database.exec('INSERT INTO t VALUES (2)');
          throw new Error('inner');
        }),
      ).toThrow('inner');
    });
    expect(database.prepare('SELECT n FROM t').all()).toEqual([{ n: 1 }]);
  });

  it('Kysely runs on it, one transaction at a time', async () => {
    const database = open(':memory:');
    database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)');
    const db = kysely<{ t: { id: Generated<number>; n: number } }>(database);
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        db
          .transaction()
          .execute(async (trx) => {
            await trx.insertInto('t').values({ n }).execute();
            if (n % 2 === 1) throw new Error('odd');
          })
          .catch(() => {}),
      ),
    );
    expect((await db.selectFrom('t').select('n').execute()).map(({ n }) => n)).toEqual([0, 2, 4, 6, 8]);
    expect(await db.insertInto('t').values({ n: 9 }).returning('id').executeTakeFirst()).toEqual({ id: 6 });
    expect((await db.updateTable('t').set({ n: 1 }).where('n', '>', 4).executeTakeFirst()).numUpdatedRows).toBe(3n);
  });
});

describe('keys', () => {
  it('are made once, for their owner alone, and never reach a log', async () => {
    const file = join(folder, 'keys', 'key');
    const [one, two] = await Promise.all([loadOrCreateKey(file), loadOrCreateKey(file)]);
    expect(one.privateKey).toBe(two.privateKey);
    expect((await loadOrCreateKey(file)).address).toBe(one.address);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'keys')).mode & 0o777).toBe(0o700);
    expect(redact(`key ${one.privateKey} and ${one.privateKey.slice(2)}`)).toBe('key [redacted] and [redacted]');
  });

  it('can be any wallet’s encrypted keystore', async () => {
    const file = join(folder, 'keystore');
    const wallet = Wallet.createRandom();
    const cheap = { scrypt: { N: 4096, r: 8, p: 1 } };
    const { encryptKeystoreJson } = await import('ethers');
    writeFileSync(
      file,
      await encryptKeystoreJson({ address: wallet.address, privateKey: wallet.privateKey }, 'a good password', cheap),
    );
    expect((await loadOrCreateKey(file, 'a good password')).address).toBe(wallet.address);
    await expect(loadOrCreateKey(file, 'another one')).rejects.toThrow(KeyError);
    await expect(loadOrCreateKey(file)).rejects.toThrow(/encrypted and no password/);
  });

  it('that are none are not overwritten', async () => {
    const file = join(folder, 'nonsense');
    writeFileSync(file, 'hello');
    await expect(loadOrCreateKey(file)).rejects.toThrow(/is not a key/);
    expect(readFileSync(file, 'utf8')).toBe('hello');
  });
});

describe('the address file', () => {
  const at = (digit: string) => address(`0x${digit.repeat(40)}`);
  const deployment = {
    chainId: 31337,
    fromBlock: 3,
    market: at('1'),
    registry: at('2'),
    oracle: at('3'),
    governance: at('4'),
    token: at('5'),
    embedded: true,
  };

  it('comes back as it was written', () => {
    const file = join(folder, 'new', 'deployment.json');
    expect(Deployment.tryRead(file)).toBeUndefined();
    Deployment.write(file, deployment);
    expect(Deployment.read(file)).toEqual(deployment);
  });

  it('says what is wrong with it', () => {
    expect(() => Deployment.read(join(folder, 'absent.json'))).toThrow(
      /There is no address file .*npm run market -- deploy/,
    );
    expect(() => Deployment.parse('{', 'f.json')).toThrow(/f\.json is not JSON/);
    expect(() => Deployment.parse(JSON.stringify({ ...deployment, market: '0x12' }), 'f.json')).toThrow(
      /f\.json is wrong: market: must be an address/,
    );
  });
});

describe('RPC', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** A node of `chainId` whose head is `head`; `behave` may answer in its place. */
  async function node(chainId: number, head: number, behave?: RequestListener) {
    const seen: string[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const parsed = JSON.parse(body);
      const calls: { id: number; method: string }[] = Array.isArray(parsed) ? parsed : [parsed];
      seen.push(...calls.map(({ method }) => method));
      if (behave && calls.some(({ method }) => method !== 'eth_chainId')) return behave(request, response);
      const answers = calls.map(({ id, method }) => ({
        jsonrpc: '2.0',
        id,
        result: method === 'eth_chainId' ? `0x${chainId.toString(16)}` : `0x${head.toString(16)}`,
      }));
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify(Array.isArray(parsed) ? answers : answers[0]));
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}/v2/secret-api-key`, seen };
  }

  it.each([
    ['is down', (_: unknown, response: Parameters<RequestListener>[1]) => response.destroy()],
    ['is overloaded', (_: unknown, response: Parameters<RequestListener>[1]) => response.writeHead(429).end()],
    ['answers with a web page', (_: unknown, response: Parameters<RequestListener>[1]) => response.end('<html>')],
    ['never answers', () => {}],
  ])('asks the next node when one %s', async (_, behave) => {
    const [bad, good] = [await node(5, 1, behave as RequestListener), await node(5, 7)];
    const rpc = await connect([bad.url, good.url], { timeoutMs: 200 });
    expect(await rpc.getBlockNumber()).toBe(7);
    expect(await rpc.getBlockNumber()).toBe(7);
    expect(bad.seen.filter((method) => method === 'eth_blockNumber')).toHaveLength(1);
    rpc.destroy();
  });

  it('names the node but not the key in its URL when none answers', async () => {
    const bad = await node(5, 1, (_, response) => response.writeHead(500).end());
    const rpc = await connect([bad.url], { timeoutMs: 200 });
    const error = await rpc.getBlockNumber().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RpcError);
    expect(String(error)).toContain('127.0.0.1');
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('secret-api-key');
    rpc.destroy();
  });

  it('refuses nodes of another chain', async () => {
    const [one, two] = [await node(5, 1), await node(6, 1)];
    await expect(connect([one.url, two.url])).rejects.toThrow(WrongChainError);
    const rpc = await connect([one.url], { chainId: 6 });
    await expect(rpc.getBlockNumber()).rejects.toThrow(/is of chain 5, expected 6/);
    rpc.destroy();
  });

  it('needs no node to be up when the chain is known', async () => {
    const rpc = await connect(['http://127.0.0.1:9'], { chainId: 5 });
    await expect(rpc.getBlockNumber()).rejects.toThrow(RpcError);
    await expect(connect(['http://127.0.0.1:9'])).rejects.toThrow(/No node can be reached/);
    rpc.destroy();
  });
});
