import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { AskRecord } from '../../bot/core/AskRecord.ts';
import type { Adapter } from '../../bot/core/types.ts';
import { createDiscordAdapter } from '../../bot/discord/adapter.ts';
import { createTelegramAdapter } from '../../bot/telegram/adapter.ts';
import { type DiscordFake, startDiscordFake } from '../fakes/discord.ts';
import { eventually } from '../fakes/eventually.ts';
import { startTelegramFake, type TelegramFake } from '../fakes/telegram.ts';
import { after, payment } from './core/chainEvents.ts';
import { createWorld, type World } from './core/world.ts';

const log = pino({ level: 'silent' });

/** The bot's core over a real store, behind a platform's own adapter; the chain is in the test's hands. */
export type Stage<Fake> = {
  fake: Fake;
  world: World;
  adapter: Adapter;
  /** The `n`th ask that was made, once it is there. */
  asked(n?: number): Promise<AskRecord>;
  /** The ask is paid on chain. @returns says what follows, in later blocks */
  pay(record: AskRecord): Promise<ReturnType<typeof after>>;
  /** A host answers, and reports it. */
  answer(paid: ReturnType<typeof after>, text: string): Promise<void>;
  /** Nothing waits to be shown. */
  settled(): Promise<void>;
};

type Options = Parameters<typeof createWorld>[0];

const quick = { burst: 1_000, groupPerMinute: 1_000, keptForMessages: 0, perSecond: 10_000 };

export async function telegramStage(options: Options = {}, fake?: TelegramFake): Promise<Stage<TelegramFake>> {
  const telegram = fake ?? (await startTelegramFake({ flood: false }));
  const adapter = createTelegramAdapter({
    token: telegram.token,
    apiRoot: telegram.url,
    publicUrlIsHttps: true,
    log,
    pollSeconds: 5,
    pace: quick,
  });
  return stage(telegram, adapter as Adapter, options);
}

export async function discordStage(options: Options = {}): Promise<Stage<DiscordFake>> {
  const discord = await startDiscordFake();
  const adapter = createDiscordAdapter({ token: discord.token, restApi: discord.url, log });
  return stage(discord, adapter as Adapter, options);
}

async function stage<Fake extends { stop(): Promise<void> }>(
  fake: Fake,
  adapter: Adapter,
  options: Options,
): Promise<Stage<Fake>> {
  const world = await createWorld({ ...options, adapter, rules: { asksPerMinute: 1_000, ...options?.rules } });
  await adapter.start(
    (event) => world.receive(event),
    (move) => world.bot.moved(move),
  );
  onTestFinished(async () => {
    await adapter.stop();
    await world.end();
    await fake.stop();
  });
  let block = 10;
  return {
    fake,
    world,
    adapter,
    asked: (n = 1) =>
      eventually(async () => {
        const rows = await world.context.store.db.selectFrom('asks').select('token').orderBy('created_at').execute();
        const token = rows[n - 1]?.token;
        if (token === undefined) throw new Error(`there are ${rows.length} asks`);
        return world.record(token);
      }),
    async pay(record) {
      const asked = payment(record, ++block);
      world.mine(asked);
      await world.follow();
      return after(asked);
    },
    async answer(paid, text) {
      block += 1;
      world.mine(paid.delivered(block, text), paid.sealed(block));
      await world.follow();
      await world.bot.outbox.idle();
    },
    settled: () => world.bot.outbox.idle(),
  };
}
