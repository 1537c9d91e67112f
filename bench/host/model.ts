import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const piece = (delta: object, finish: string | null): string =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 0, model: 'fast', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const streamed = `${piece({ role: 'assistant', content: 'The answer, at once.' }, null)}${piece({}, 'stop')}data: [DONE]\n\n`;

/** An OpenAI-compatible server whose model answers at once, or holds every question while `held` is true. */
export async function startFastModel() {
  let held = false;
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      if (request.method === 'GET') {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ object: 'list', data: [{ id: 'fast', object: 'model' }] }));
        return;
      }
      const answer = (): void => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(streamed);
      };
      if (held) waiting.push(answer);
      else answer();
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    hold: (): void => {
      held = true;
    },
    release: (): void => {
      held = false;
      for (const answer of waiting.splice(0)) answer();
    },
    stop: (): void => {
      server.closeAllConnections();
      server.close();
    },
  };
}
