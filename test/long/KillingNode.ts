import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

/** Where a transaction is when the process that sends it dies. */
export const moments = [
  /** Signed and in the journal; the node has not heard of it. */
  'journaled',
  /** The node has it; the sender does not know. */
  'sent',
  /** In a block; the sender is being told by its receipt. */
  'mined',
  /** In a block; the follower is being told by its event. */
  'followed',
] as const;
export type Moment = (typeof moments)[number];

const requestSchema = z.looseObject({ method: z.string() });
const answerSchema = z.looseObject({ result: z.unknown().optional() });
const list = <Item>(item: z.ZodType<Item>) =>
  z.union([z.array(item), item.transform((one) => [one])]).pipe(z.array(z.custom<Item>()));

/**
 * A node's JSON-RPC with something between: at the moment that is armed, `kill` is called and the caller gets no answer. The
 * requests and answers themselves are the node's own.
 */
export async function startKillingNode(node: string, kill: () => void) {
  let armed: Moment | undefined;
  let wasSent = false;

  const is = (moment: Moment, method: string, answer: unknown): boolean => {
    switch (moment) {
      case 'journaled':
      case 'sent':
        return method === 'eth_sendRawTransaction';
      case 'mined':
        return wasSent && method === 'eth_getTransactionReceipt' && answer !== null;
      case 'followed':
        return wasSent && method === 'eth_getLogs' && Array.isArray(answer) && answer.length > 0;
    }
  };
  const server = createServer(async (request, response) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      const methods = list(requestSchema)
        .parse(JSON.parse(body))
        .map(({ method }) => method);
      const dies = (answers: readonly unknown[]) => {
        if (!armed || !methods.some((method, index) => armed && is(armed, method, answers[index]))) return false;
        armed = undefined;
        kill();
        request.socket.destroy();
        return true;
      };
      if (armed === 'journaled' && dies([])) return;
      const answered = await fetch(node, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      const text = await answered.text();
      if (methods.includes('eth_sendRawTransaction')) wasSent = true;
      const answers = list(answerSchema)
        .parse(JSON.parse(text))
        .map(({ result }) => result ?? null);
      if (dies(answers)) return;
      response.setHeader('content-type', 'application/json').end(text);
    } catch {
      // The one who asked, or the node, is gone: to the bot a connection that broke.
      request.socket.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    arm(moment: Moment) {
      wasSent = false;
      armed = moment;
    },
    isArmed: () => armed !== undefined,
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
