import { AbiCoder, keccak256 } from 'ethers';
import { type Address, type Hex, hex } from './Hex.ts';
import { bytesOf, hexOf, textOf } from './Text.ts';

/** Query data and its keccak256, as TellorFlex wants them. */
export type Query = { queryData: Hex; queryId: Hex };

/** What a LangChainWorkload query asks; docs/protocol.md. */
export type Workload = { workload: Hex; input: string; parent: Hex; salt: Hex };

const coder = AbiCoder.defaultAbiCoder();
const workloadTypes = ['bytes32', 'string', 'bytes32', 'bytes32'];
const workloadBytesTypes = ['bytes32', 'bytes', 'bytes32', 'bytes32'];

/** keccak256 of the script's UTF-8 bytes. */
export function workloadHash(script: string): Hex {
  return hex(keccak256(bytesOf(script)));
}

/** keccak256(abi.encode(chainId, market, opener, userSalt)): what makes an ask's queryId its own. */
export function workloadSalt(of: { chainId: number; market: Address; opener: Address; userSalt: Hex }): Hex {
  const types = ['uint256', 'address', 'address', 'bytes32'];
  return hex(keccak256(coder.encode(types, [of.chainId, of.market, of.opener, of.userSalt])));
}

/** The query of an ask: abi.encode("LangChainWorkload", abi.encode(workload, input, parent, salt)). */
export function encodeWorkload({ workload, input, parent, salt }: Workload): Query {
  return query('LangChainWorkload', coder.encode(workloadTypes, [workload, input.toWellFormed(), parent, salt]));
}

/** What a LangChainWorkload query asks; undefined when the data is of another type or malformed. Bad UTF-8 becomes U+FFFD. */
export function decodeWorkload(queryData: Hex): Workload | undefined {
  try {
    const [type, parameters] = coder.decode(['bytes', 'bytes'], queryData);
    if (textOf(String(type)) !== 'LangChainWorkload') return undefined;
    const [workload, input, parent, salt] = coder.decode(workloadBytesTypes, String(parameters));
    return {
      workload: hex(String(workload)),
      input: textOf(String(input)),
      parent: hex(String(parent)),
      salt: hex(String(salt)),
    };
  } catch {
    return undefined;
  }
}

/** The query of a batch: abi.encode("LangChainAnswers", abi.encode(chainId, market, host, batch)). */
export function encodeBatch(of: { chainId: number; market: Address; host: Address; batch: bigint }): Query {
  const types = ['uint256', 'address', 'address', 'uint256'];
  return query('LangChainAnswers', coder.encode(types, [of.chainId, of.market, of.host, of.batch]));
}

export type BatchItem = { queryId: Hex } & ({ answer: string } | { answerHash: Hex });

/** keccak256(abi.encodePacked(queryId0, keccak256(answer0), queryId1, keccak256(answer1), ...)). */
export function batchRoot(items: readonly BatchItem[]): Hex {
  const words = items.map(
    (item) => item.queryId.slice(2) + ('answerHash' in item ? item.answerHash : answerHash(item.answer)).slice(2),
  );
  return hex(keccak256(`0x${words.join('')}`));
}

/** The value of a LangChainAnswers report: abi.encode(bytes32 root). */
export function encodeRoot(root: Hex): Hex {
  return hex(coder.encode(['bytes32'], [root]));
}

/** The value of a LangChainWorkload or ChatGPTResponse report: abi.encode(string). */
export function encodeAnswer(text: string): Hex {
  return hex(coder.encode(['string'], [text.toWellFormed()]));
}

/** The text of such a value; undefined when it is not abi.encode(string). Bad UTF-8 becomes U+FFFD. */
export function decodeAnswer(value: Hex): string | undefined {
  try {
    return textOf(String(coder.decode(['bytes'], value)[0]));
  } catch {
    return undefined;
  }
}

/** keccak256 of the answer's UTF-8 bytes. */
export function answerHash(text: string): Hex {
  return hex(keccak256(bytesOf(text)));
}

/** Tellor's registered query type: abi.encode("ChatGPTResponse", abi.encode(string prompt)). */
export function encodeChatGptResponse(prompt: string): Query {
  return query('ChatGPTResponse', coder.encode(['string'], [prompt.toWellFormed()]));
}

/** The prompt of a ChatGPTResponse query; undefined when the data is of another type or malformed. */
export function decodeChatGptResponse(queryData: Hex): string | undefined {
  try {
    const [type, parameters] = coder.decode(['bytes', 'bytes'], queryData);
    if (textOf(String(type)) !== 'ChatGPTResponse') return undefined;
    return decodeAnswer(hex(String(parameters)));
  } catch {
    return undefined;
  }
}

function query(type: string, parameters: string): Query {
  const queryData = hex(coder.encode(['bytes', 'bytes'], [hexOf(type), parameters]));
  return { queryData, queryId: hex(keccak256(queryData)) };
}
