import { type Hex, zeroHash } from '../../contracts/client/Hex.ts';
import {
  decodeChatGptResponse,
  decodeWorkload,
  encodeChatGptResponse,
  encodeWorkload,
} from '../../contracts/client/Query.ts';

/** What a tipped query asks. `workload` undefined: ChatGPTResponse, whose prompt is the whole question. */
export type TipQuestion = { workload: Hex | undefined; input: string; parent: Hex };

/** Query data above this is not looked at, bytes: Autopay takes any. */
const mostBytes = 20_000;

/**
 * The question of a query of our two types; undefined for every other type, for data that is too long or malformed, and for text that
 * is no UTF-8. Never throws.
 */
export function readTipQuestion(queryData: Hex): TipQuestion | undefined {
  if (queryData.length / 2 - 1 > mostBytes) return undefined;
  const prompt = decodeChatGptResponse(queryData);
  if (prompt !== undefined) {
    const same = encodeChatGptResponse(prompt).queryData === queryData;
    return same ? { workload: undefined, input: prompt, parent: zeroHash } : undefined;
  }
  const asked = decodeWorkload(queryData);
  if (asked === undefined || encodeWorkload(asked).queryData !== queryData) return undefined;
  return { workload: asked.workload, input: asked.input, parent: asked.parent };
}
