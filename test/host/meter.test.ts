import { AIMessage, HumanMessage, SystemMessage } from '@langchain/core/messages';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModelFailure } from '../../host/runtime/ModelFailure.ts';
import { createMeter } from '../../host/runtime/models/Meter.ts';
import { inputTokens, limitProblem, type Terms } from '../../host/runtime/models/Terms.ts';

const e18 = 10n ** 18n;
const terms: Terms = {
  inputPerMillion: e18,
  outputPerMillion: 2n * e18,
  maxInputTokens: 1_000,
  maxOutputTokens: 100,
  contextTokens: 1_050,
  bytesPerToken: 1,
};
const ask = (text: string) => [new HumanMessage(text)];
const used = (input_tokens: number, output_tokens: number) => ({
  usage_metadata: { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens },
});
function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof ModelFailure ? error.code : String(error);
  }
  return 'let through';
}

describe('the meter of an ask', () => {
  test('stops a workload that calls the model again and again before it costs more than the ask pays', () => {
    // A call: 10 bytes and 32 of overhead in, 100 out: 242 millionths at most.
    const meter = createMeter(() => terms, (1_000n * e18) / 1_000_000n);
    for (let i = 0; i < 4; i++) expect(meter.begin('m', ask('0123456789'), [], undefined).maxTokens).toBe(100);
    expect(codeOf(() => meter.begin('m', ask('0123456789'), [], undefined))).toBe('overBudget');
    expect(meter.spent()).toBe((968n * e18) / 1_000_000n);
    // A smaller one still fits.
    expect(meter.begin('m', [], [], 8).maxTokens).toBe(8);
  });

  test('what a call really used takes the place of its bound, once', () => {
    const meter = createMeter(() => terms, (300n * e18) / 1_000_000n);
    for (let i = 0; i < 5; i++) {
      const charge = meter.begin('m', ask('0123456789'), [], undefined);
      charge.end(used(9, 1));
      charge.end(used(0, 0));
      charge.end(used(1, 1));
    }
    expect(meter.spent()).toBe((55n * e18) / 1_000_000n);
    expect(meter.tokens()).toEqual({ input: 45, output: 5 });
    meter.begin('m', ask('0123456789'), [], undefined).end({ usage_metadata: undefined });
    expect(meter.tokens()).toBeUndefined();
    expect(meter.calls()).toBe(6);
  });

  test('never lets bounds through that are over the budget together, whatever comes in which order', () => {
    const call = fc.record({
      bytes: fc.nat(400),
      wanted: fc.option(fc.integer({ min: 1, max: 100 })),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 40 }), fc.nat(5_000), (calls, millionths) => {
        const budget = (BigInt(millionths) * e18) / 1_000_000n;
        const meter = createMeter(() => terms, budget);
        for (const { bytes, wanted, ends } of calls) {
          try {
            const charge = meter.begin('m', ask('x'.repeat(bytes)), [], wanted ?? undefined);
            expect(meter.spent()).toBeLessThanOrEqual(budget);
            if (ends) charge.end(used(Math.floor(bytes / 4) + 1, charge.maxTokens ?? 0));
          } catch (error) {
            if (!(error instanceof ModelFailure)) throw error;
          }
          expect(meter.spent()).toBeLessThanOrEqual(budget);
        }
      }),
    );
  });

  test('a call beyond the limits of the model is refused before it costs', () => {
    const meter = createMeter(() => terms, undefined);
    expect(codeOf(() => meter.begin('m', ask('x'.repeat(2_000)), [], undefined))).toBe('overLimit');
    expect(codeOf(() => meter.begin('m', ask('x'), [], 101))).toBe('overLimit');
    expect(meter.spent()).toBe(0n);
  });

  test('without a price list it only counts', () => {
    const meter = createMeter(() => undefined, undefined);
    expect(meter.begin('m', ask('x'.repeat(100_000)), [], undefined).maxTokens).toBeUndefined();
    expect(meter.calls()).toBe(1);
  });
});

test('tokens are bounded by bytes: text, turns, tool calls and tools', () => {
  const count = (...parameters: Parameters<typeof inputTokens>) => inputTokens(...parameters);
  const one = { bytesPerToken: 1 };
  expect(count([new SystemMessage('é🎉'), new HumanMessage('abc')], [], one)).toBe(6 + 3 + 16 * 3);
  expect(count([new HumanMessage('x'.repeat(300))], [], { bytesPerToken: 3 })).toBe(100 + 32);
  const call = new AIMessage({ content: '', tool_calls: [{ id: '1', name: 'add', args: { a: 1 } }] });
  expect(count([call], [], one)).toBeGreaterThan(32 + 20);
  expect(count([], [{ type: 'function', function: { name: 'add', parameters: {} } }], one)).toBeGreaterThan(16 + 40);
});

test('limits are said in words for the asker', () => {
  expect([
    limitProblem(terms, 900, undefined),
    limitProblem(terms, 1_001, undefined),
    limitProblem(terms, 951, undefined),
    limitProblem(terms, 951, 99),
    limitProblem(terms, 10, 101),
  ]).toMatchInlineSnapshot(`
    [
      undefined,
      "The question, with the workload and the conversation before it, has up to 1001 tokens; this host takes at most 950.",
      "The question, with the workload and the conversation before it, has up to 951 tokens; this host takes at most 950.",
      undefined,
      "The workload wants answers of up to 101 tokens; this host gives at most 100.",
    ]
  `);
});
