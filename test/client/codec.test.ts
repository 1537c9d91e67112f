import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { AbiCoder, keccak256 } from 'ethers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Amount from '../../contracts/client/Amount.ts';
import { load } from '../../contracts/client/Artifact.ts';
import type { Ask } from '../../contracts/client/Ask.ts';
import { ContractError, errorsBySelector, explain, explainData } from '../../contracts/client/ContractError.ts';
import { decodeEvent, decodeLog } from '../../contracts/client/Decode.ts';
import { contractSentences, reasonSentences } from '../../contracts/client/errorSentences.ts';
import { address, hex, zeroAddress, zeroHash } from '../../contracts/client/Hex.ts';
import { answerHash, decodeWorkload, encodeAnswer, encodeWorkload } from '../../contracts/client/Query.ts';
import { textOf } from '../../contracts/client/Text.ts';

const deployment = {
  chainId: 1,
  fromBlock: 0,
  market: address(`0x${'11'.repeat(20)}`),
  registry: address(`0x${'22'.repeat(20)}`),
  oracle: zeroAddress,
  governance: zeroAddress,
  token: zeroAddress,
};
const coder = AbiCoder.defaultAbiCoder();
const word = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => hex(`0x${Buffer.from(bytes).toString('hex')}`));

/** Any UTF-16 at all, halves of surrogate pairs included. fast-check's own takes seconds to prepare. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

describe('queries', () => {
  it('come back as they went in, whatever the text', () => {
    fc.assert(
      fc.property(word, anyText, word, word, (workload, input, parent, salt) => {
        const { queryData, queryId } = encodeWorkload({ workload, input, parent, salt });
        expect(decodeWorkload(queryData)).toEqual({ workload, input: input.toWellFormed(), parent, salt });
        expect(queryId).toBe(keccak256(queryData));
      }),
    );
  });

  it('of strangers never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeWorkload(hex(`0x${Buffer.from(bytes).toString('hex')}`))).toBeUndefined();
      }),
    );
    const huge = coder.encode(['string', 'bytes'], ['LangChainWorkload', `0x${'ff'.repeat(500)}`]);
    expect(decodeWorkload(hex(huge))).toBeUndefined();
  });

  it('half a surrogate pair becomes U+FFFD in value and hash alike', () => {
    expect(encodeAnswer('a\ud83e')).toBe(encodeAnswer('a\ufffd'));
    expect(answerHash('a\ud83e')).toBe(answerHash('a\ufffd'));
  });
});

describe('logs', () => {
  const delivered = load('IAskMarket').abi.getEvent('Delivered');
  const topics = [delivered?.topicHash ?? '', zeroHash, zeroHash];

  it('with bytes that are not UTF-8 are read, and hashed as they stand', () => {
    const bytes = '0xefbbbf61ff62';
    const event = decodeEvent(
      { address: deployment.market, topics, data: coder.encode(['bytes'], [bytes]) },
      deployment,
    );
    expect(event).toEqual({
      type: 'Delivered',
      queryId: zeroHash,
      host: zeroAddress,
      answer: '\ufeffa\ufffdb',
      answerHash: keccak256(bytes),
    });
  });

  it('of others, of other kinds or broken are none of ours', () => {
    const data = coder.encode(['bytes'], ['0x61']);
    expect(decodeEvent({ address: deployment.oracle, topics, data }, deployment)).toBeUndefined();
    expect(decodeEvent({ address: deployment.registry, topics, data }, deployment)).toBeUndefined();
    expect(decodeEvent({ address: deployment.market, topics: [], data }, deployment)).toBeUndefined();
    expect(decodeEvent({ address: deployment.market, topics: topics.slice(0, 2), data }, deployment)).toBeUndefined();
    expect(decodeEvent({ address: deployment.market, topics, data: '0x1234' }, deployment)).toBeUndefined();
  });

  it('carry where they stand', () => {
    const place = { blockNumber: 5, blockHash: zeroHash, transactionHash: zeroHash, logIndex: 2, timestamp: 7 };
    const log = { address: deployment.market.toLowerCase(), topics, data: coder.encode(['string'], ['yes']), ...place };
    expect(decodeLog(log, deployment)).toMatchObject({
      answer: 'yes',
      location: { block: 5, logIndex: 2, timestamp: 7 },
    });
  });

  it('an Asked carries the whole ask', () => {
    const ask: Ask = {
      account: 2n ** 200n,
      opener: deployment.market,
      seller: zeroAddress,
      host: deployment.registry,
      token: zeroAddress,
      model: 3n,
      hostPrice: 4n,
      royalty: 5n,
      deadline: 6n,
      exclusiveUntil: 7n,
      reportWithin: 8n,
      inputBytes: 9n,
      soleHost: true,
      byReport: false,
      toWallet: true,
    };
    const { abi } = load('IAskMarket');
    const log = abi.encodeEventLog('Asked', [
      zeroHash,
      1n,
      zeroAddress,
      ask,
      zeroHash,
      zeroHash,
      zeroHash,
      'ün',
      '0x00ff',
    ]);
    expect(decodeEvent({ address: deployment.market, ...log }, deployment)).toMatchObject({
      type: 'Asked',
      ask,
      input: 'ün',
      script: '0x00ff',
    });
  });
});

describe('amounts', () => {
  it('come back as they went in', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.integer({ min: 0, max: 30 }), (amount, decimals) => {
        expect(Amount.parse(Amount.format(amount, decimals), decimals)).toBe(amount);
      }),
    );
  });

  it.each([
    [0n, 18, '0 LANG'],
    [1n, 18, '0.000000000000000001 LANG'],
    [250_000_000_000_000_000n, 18, '0.25 LANG'],
    [12_345_678n, 6, '12.345678 LANG'],
    [7n, 0, '7 LANG'],
    [-5n, 1, '-0.5 LANG'],
  ])('%s with %s decimals is %s', (amount, decimals, text) =>
    expect(Amount.format(amount, decimals, 'LANG')).toBe(text),
  );

  it.each([
    ['.5', 5n],
    ['5.', 50n],
    [' 1.50 ', 15n],
    ['0007', 70n],
  ])('%s is an amount', (text, amount) => expect(Amount.parse(text, 1)).toBe(amount));

  it.each([
    ['', 'missing'],
    ['.', 'not an amount'],
    ['1e3', 'not an amount'],
    ['1,5', 'comma'],
    ['-1', 'negative'],
    ['NaN', 'not an amount'],
    ['Infinity', 'not an amount'],
    ['0x10', 'not an amount'],
    ['1.23', 'more than 1 decimals'],
    ['1'.repeat(45), 'too large'],
    ['9'.repeat(5_000), 'too large'],
    ['١٢', 'not an amount'],
    ['1 000', 'not an amount'],
  ])('%s is not', (text, reason) => expect(Amount.parse(text, 1)).toContain(reason));
});

describe('errors', () => {
  it('each of our contracts’ has a sentence', () => {
    const silent = [...errorsBySelector().values()].filter(({ name }) => contractSentences[name] === undefined);
    expect(silent.map(({ name }) => name)).toEqual([]);
    for (const fragment of errorsBySelector().values()) {
      const data = hex(
        fragment.selector +
          coder
            .encode(
              fragment.inputs.map(({ type }) => type),
              fragment.inputs.map(({ type }) =>
                type === 'address'
                  ? zeroAddress
                  : type === 'string'
                    ? 'x'
                    : type === 'bytes32'
                      ? zeroHash
                      : type.startsWith('bytes')
                        ? '0x00000000'
                        : 1,
              ),
            )
            .slice(2),
      );
      const error = explainData(data);
      expect(error.code).toBe(fragment.name);
      expect(error.sentence).toMatch(/^[A-Z“].*\.$/s);
      expect(error.sentence).not.toMatch(/0x|undefined|\bNaN\b/);
    }
  });

  const document = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  it.skipIf(!document.includes('## Contracts'))('docs/errors.md has each of them', () => {
    const names: string[] = [];
    for (const name of ['IAskMarket', 'IModelRegistry', 'IHost'] as const) {
      load(name).abi.forEachError((error) => names.push(error.name));
    }
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name) => !document.includes(name))).toEqual([]);
  });

  it.each(['constructor', '__proto__', 'toString'])('a token that refuses with the reason %s is quoted', (reason) => {
    const data = hex(`0x08c379a0${coder.encode(['string'], [reason]).slice(2)}`);
    expect(explainData(data).message).toContain(`The chain refused it: ${reason}.`);
  });

  it('Tellor’s reasons have theirs, word for word', () => {
    const reason = 'still in reporter time lock, please wait!';
    const data = hex(`0x08c379a0${coder.encode(['string'], [reason]).slice(2)}`);
    expect(explainData(data)).toMatchObject({
      code: 'oracle',
      args: { reason },
      sentence: reasonSentences[reason]?.say,
      retry: true,
    });
    const folder = createRequire(import.meta.url)
      .resolve('usingtellor/package.json')
      .replace('package.json', 'artifacts/build-info');
    const sources = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('');
    const absent = Object.keys(reasonSentences).filter((text) => !sources.includes(`\\"${text}\\"`));
    expect(absent).toEqual([]);
  });

  it('are found however deep they are wrapped', () => {
    const data = `${load('IAskMarket').abi.getError('InputEmpty')?.selector}`;
    for (const wrapped of [
      { data },
      { error: { data } },
      { info: { error: { data: { data } } } },
      new Error('x', { cause: { data } }),
    ]) {
      expect(explain(wrapped)).toMatchObject({ code: 'InputEmpty', actor: 'asker' });
    }
    const error = explain({ data });
    expect(explain(error)).toBe(error);
    expect(error).toBeInstanceOf(ContractError);
  });

  it('of unknown kinds still give a sentence', () => {
    expect(explain({ data: '0xdeadbeef' })).toMatchObject({ code: 'Unknown', data: '0xdeadbeef' });
    expect(explain(null).sentence).toMatch(/refused/);
    expect(explain({ message: 'insufficient funds for gas', error: { message: 'insufficient funds' } }).code).toBe(
      'insufficientFunds',
    );
    expect(explain(Object.assign(new Error('x'), { code: 'ACTION_REJECTED' })).code).toBe('rejected');
    expect(explainData(hex(`0x4e487b71${coder.encode(['uint256'], [0x11]).slice(2)}`))).toMatchObject({
      code: 'panic',
      args: { code: 0x11 },
    });
    expect(explainData('0x08c379a0')).toMatchObject({ code: 'oracle' });
  });
});

it('text keeps its byte order mark', () => expect(textOf('0xefbbbf61')).toBe('\ufeffa'));
