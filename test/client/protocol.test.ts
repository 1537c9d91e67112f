import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { addressSchema, type Hex, hex } from '../../contracts/client/Hex.ts';
import * as Query from '../../contracts/client/Query.ts';

const document = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

/** The JSON blocks of docs/protocol.md that are marked as test vectors. */
function vectors<T>(kind: string, schema: z.ZodType<T>): T[] {
  const blocks = document.matchAll(new RegExp(`<!-- vector: ${kind} -->\\s*\`\`\`json\\n([\\s\\S]*?)\`\`\``, 'g'));
  return [...blocks].map(([, json = '']) => schema.parse(JSON.parse(json)));
}

const word = z.string().transform((value): Hex => hex(value));
const workloads = vectors(
  'workload',
  z.object({
    chainId: z.number(),
    market: addressSchema,
    opener: addressSchema,
    script: z.string(),
    userSalt: word,
    input: z.string(),
    parent: word,
    workload: word,
    salt: word,
    queryData: word,
    queryId: word,
    answer: z.string(),
    value: word,
    answerHash: word,
  }),
);

describe('LangChainWorkload', () => {
  it('has vectors', () => expect(workloads).toHaveLength(2));

  for (const vector of workloads) {
    it(`${vector.input}`, () => {
      const { chainId, market, opener, userSalt, input, parent, answer } = vector;
      expect(Query.workloadHash(vector.script)).toBe(vector.workload);
      expect(Query.workloadSalt({ chainId, market, opener, userSalt })).toBe(vector.salt);
      const { workload, salt, queryData, queryId } = vector;
      expect(Query.encodeWorkload({ workload, input, parent, salt })).toEqual({ queryData, queryId });
      expect(Query.decodeWorkload(queryData)).toEqual({ workload, input, parent, salt });
      expect(Query.encodeAnswer(answer)).toBe(vector.value);
      expect(Query.decodeAnswer(vector.value)).toBe(answer);
      expect(Query.answerHash(answer)).toBe(vector.answerHash);
    });
  }

  it('the second continues the first', () => expect(workloads[1]?.parent).toBe(workloads[0]?.queryId));
});

it('LangChainAnswers', () => {
  const schema = z.object({
    chainId: z.number(),
    market: addressSchema,
    host: addressSchema,
    batch: z.coerce.bigint(),
    queryData: word,
    queryId: word,
    root: word,
    value: word,
  });
  const [vector] = vectors('batch', schema);
  if (!vector) throw new Error('no vector');
  const { queryData, queryId, root } = vector;
  expect(Query.encodeBatch(vector)).toEqual({ queryData, queryId });
  expect(Query.batchRoot(workloads)).toBe(root);
  expect(Query.batchRoot(workloads.map(({ queryId, answerHash }) => ({ queryId, answerHash })))).toBe(root);
  expect(Query.batchRoot(workloads.toReversed())).not.toBe(root);
  expect(Query.encodeRoot(root)).toBe(vector.value);
});

it('ChatGPTResponse, as Tellor’s dataSpecs print it', () => {
  const [vector] = vectors('chat', z.object({ prompt: z.string(), queryData: word, queryId: word }));
  if (!vector) throw new Error('no vector');
  const { prompt, queryData, queryId } = vector;
  expect(queryId).toBe('0x2ea03b01e00fcca8272a9e05aa0373ccdfdeddcbc8fe63eaf7cf62ca147568f5');
  expect(Query.encodeChatGptResponse(prompt)).toEqual({ queryData, queryId });
  expect(Query.decodeChatGptResponse(queryData)).toBe(prompt);
});
