import { type JsonRpcPayload, JsonRpcProvider, type JsonRpcResult, Network } from 'ethers';
import { z } from 'zod';
import { type Hex, hex } from './Hex.ts';

export type Rpc = JsonRpcProvider;

/** No node could be reached, or none gave a usable response. The chain must act; trying again helps. */
export class RpcError extends Error {
  override name = 'RpcError';
}

/** A node serves another chain than the one expected. The operator must act; trying again does not help. */
export class WrongChainError extends Error {
  override name = 'WrongChainError';
}

export type ConnectOptions = {
  /** When given, `connect` needs no node to be up; each is checked before its first use. */
  chainId?: number;
  /** Longest wait for one response, in milliseconds. */
  timeoutMs?: number;
  /** How often ethers' own `wait()` looks, in milliseconds. */
  pollMs?: number;
};

/**
 * One provider over several nodes of the same chain: when one fails, the next is asked, and after a minute the first again.
 * No error of it shows a URL's path or credentials (keys are kept there).
 * @throws RpcError when no node can be reached and no `chainId` was given
 * @throws WrongChainError when a node is of another chain
 */
export async function connect(urls: readonly string[], options: ConnectOptions = {}): Promise<Rpc> {
  const { chainId, timeoutMs = 10_000, pollMs = 1_000 } = options;
  const nodes = urls.map((url) => new Node(url, timeoutMs));
  if (nodes.length === 0) throw new RpcError('No RPC URL was given');
  const id = chainId ?? (await agreedChain(nodes));
  const rpc = new FailoverProvider(nodes, id);
  rpc.pollingInterval = Math.max(1, Math.round(pollMs));
  return rpc;
}

const blockSchema = z.object({ number: z.string(), hash: z.string(), timestamp: z.string() });

/** The newest block. */
export async function latest(rpc: Pick<Rpc, 'send'>): Promise<{ number: number; hash: Hex; timestamp: number }> {
  const block = blockSchema.parse(await rpc.send('eth_getBlockByNumber', ['latest', false]));
  return { number: Number(block.number), hash: hex(block.hash), timestamp: Number(block.timestamp) };
}

async function agreedChain(nodes: readonly Node[]): Promise<number> {
  const answers = await Promise.allSettled(nodes.map((node) => node.chainId()));
  const ids = new Set(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])));
  const [id] = ids;
  if (ids.size > 1) throw new WrongChainError(`The RPC URLs are of different chains: ${[...ids].join(', ')}`);
  if (id !== undefined) return id;
  throw new RpcError(`No node can be reached: ${nodes.map((node) => node.host).join(', ')}`, {
    cause: answers.find((answer) => answer.status === 'rejected')?.reason,
  });
}

/** ethers' own type leaves out that a response can be an error; it looks for one all the same. */
type Response = JsonRpcResult;
const responseSchema = z.looseObject({ id: z.number() });
const responsesSchema = z.union([z.array(responseSchema), responseSchema.transform((one) => [one])]);

/** One URL. */
class Node {
  readonly #url: string;
  readonly #headers: Record<string, string> = { 'content-type': 'application/json' };
  readonly #timeoutMs: number;
  readonly host: string;
  checked = false;

  constructor(url: string, timeoutMs: number) {
    const parsed = new URL(url);
    if (parsed.username) {
      const credentials = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
      this.#headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
      parsed.username = '';
      parsed.password = '';
    }
    this.#url = parsed.href;
    this.host = parsed.host;
    this.#timeoutMs = timeoutMs;
  }

  async post(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<Response[]> {
    let status: number;
    let text: string;
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: this.#headers,
        body: JSON.stringify(payload),
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      const { message, cause } = error as Error;
      throw new RpcError(`${this.host} can't be reached: ${cause instanceof Error ? cause.message : message}`);
    }
    if (status === 429 || status >= 500) throw new RpcError(`${this.host} answers with HTTP status ${status}`);
    try {
      return responsesSchema.parse(JSON.parse(text)) as unknown as Response[];
    } catch {
      throw new RpcError(`${this.host} gives no JSON-RPC response (HTTP status ${status})`);
    }
  }

  async chainId(): Promise<number> {
    const [response] = await this.post({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
    if (!response || !('result' in response)) throw new RpcError(`${this.host} does not say which chain it is of`);
    return Number(response.result);
  }

  async check(expected: number): Promise<void> {
    if (this.checked) return;
    const id = await this.chainId();
    if (id !== expected) throw new WrongChainError(`${this.host} is of chain ${id}, expected ${expected}`);
    this.checked = true;
  }
}

const preferFirstAfterMs = 60_000;

class FailoverProvider extends JsonRpcProvider {
  readonly #nodes: readonly Node[];
  readonly #id: number;
  #current = 0;
  #leftFirstAt = 0;

  constructor(nodes: readonly Node[], chainId: number) {
    const network = Network.from(chainId);
    // ethers refuses an empty URL and never asks this one: `_send` below does.
    super('http://127.0.0.1', network, {
      staticNetwork: network,
      cacheTimeout: -1,
      batchStallTime: 0,
      batchMaxCount: 50,
    });
    this.#nodes = nodes;
    this.#id = chainId;
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<Response[]> {
    if (this.#current !== 0 && Date.now() - this.#leftFirstAt > preferFirstAfterMs) this.#current = 0;
    const first = this.#current;
    let failure: unknown;
    for (let step = 0; step < this.#nodes.length; step++) {
      const index = (first + step) % this.#nodes.length;
      const node = this.#nodes[index];
      if (!node) continue;
      try {
        await node.check(this.#id);
        const responses = await node.post(payload);
        if (index !== this.#current) this.#leftFirstAt = Date.now();
        this.#current = index;
        return responses;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }
}
