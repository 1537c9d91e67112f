import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FixtureResponse, LLMock } from '@copilotkit/aimock';
import { z } from 'zod';
import { createMarket } from '../../contracts/client/Market.ts';
import { createLog } from '../../contracts/client/support/Log.ts';
import { type BotApi, createBotApi, type View } from '../../start/BotApi.ts';
import { type Stack, startStack } from '../../start/Stack.ts';
import { processEnv } from '../processEnv.ts';

/** What the paid model would say; its calls are counted. */
export type Model = {
  /** The answer to every question that matches no rule. */
  answer: string;
  /** Questions answered otherwise, first match wins. */
  rules: { question: RegExp; response: FixtureResponse }[];
  calls(): { system: string; user: string }[];
  /** Answers are held back until `release`. */
  hold(): void;
  release(): void;
};

export type World = {
  stack: Stack;
  readonly api: BotApi;
  readonly local: string;
  model: Model;
  dataDir: string;
  market: ReturnType<typeof createMarket>;
  /** Asks by the bot's API, pays with a test wallet. */
  ask(prompt: string, options?: { model?: string; script?: string }): Promise<string>;
  /** The first view of the ask in one of the states. */
  until(token: string, ...states: View['status']['state'][]): Promise<View>;
  /** Stops the bot, host and chain and starts them again with the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

const waitMs = 60_000;
const chatRequest = z.object({ messages: z.array(z.object({ role: z.string(), content: z.string() })) });

/**
 * A whole marketplace with real processes on a real chain; only the model's paid API is a stand-in.
 * @param env settings for bot and host beside the model's
 */
export async function createWorld(env: Record<string, string> = {}): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'world-'));
  let gate: Promise<void> = Promise.resolve();
  let open = () => {};
  const calls: { system: string; user: string }[] = [];
  const mock = new LLMock({ port: 0, host: '127.0.0.1', journalMaxEntries: 0 });
  const model: Model = {
    answer: 'TellorFlex is an oracle with staked reporters.',
    rules: [],
    calls: () => calls,
    hold() {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    release: () => open(),
  };
  mock.on({}, async (request) => {
    const { messages } = chatRequest.parse(request);
    const text = (role: string) => messages.findLast((message) => message.role === role)?.content ?? '';
    calls.push({ system: text('system'), user: text('user') });
    await gate;
    const question = text('user');
    return model.rules.find((rule) => rule.question.test(question))?.response ?? { content: model.answer };
  });
  await mock.start();
  const start = () =>
    startStack({
      dataDir,
      chainPort: 0,
      botPort: 0,
      blockTime: 0.3,
      env: {
        ...processEnv,
        OPENAI_API_KEY: 'sk-test-0123456789abcdef',
        OPENAI_BASE_URL: `${mock.url}/v1`,
        LOG_LEVEL: 'debug',
        ...env,
      },
      log: createLog({ name: 'test', level: 'fatal' }),
    });
  const connect = (stack: Stack) => ({ stack, market: createMarket(stack.chain.rpc, stack.deployment) });
  const world: World = {
    ...connect(await start()),
    // A bot that was started again may have another port.
    get local() {
      return String(world.stack.bot.facts()['local']);
    },
    get api() {
      return createBotApi(world.local);
    },
    model,
    dataDir,
    async ask(prompt, options = {}) {
      const { token } = await world.api.ask({ prompt, ...options });
      await world.api.payWithTestWallet(token);
      return token;
    },
    async until(token, ...states) {
      const signal = AbortSignal.timeout(waitMs);
      let last = 'nothing';
      try {
        for await (const view of world.api.watch(token, signal)) {
          last = JSON.stringify(view.status);
          if (states.includes(view.status.state)) return view;
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
      throw new Error(`Waited ${waitMs / 1000} s for ${states.join(' or ')}; last seen: ${last}`);
    },
    async restart() {
      await world.stack.stop();
      Object.assign(world, connect(await start()));
    },
    async stop() {
      model.release();
      await world.stack.stop();
      await mock.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return world;
}
