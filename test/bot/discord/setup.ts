import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { Adapter, Incoming, Message, MessageRef } from '../../../bot/core/types.ts';
import { createDiscordAdapter, type DiscordOptions } from '../../../bot/discord/adapter.ts';
import { type DiscordFake, startDiscordFake } from '../../fakes/discord.ts';

/** Sends every part of a message, the way the core does: the first answers the event, the others the first. */
export async function sendAll(adapter: Adapter, event: Incoming, message: Message) {
  const refs: MessageRef[] = [];
  for (const [index, part] of adapter.render(message).entries()) {
    const first = refs[0];
    refs.push(
      await adapter.send(event.chat, part, {
        nonce: `${event.updateId}-${index}`,
        ...(first
          ? { replyTo: first }
          : { updateId: event.updateId, ...(event.message && { replyTo: event.message }) }),
      }),
    );
  }
  return refs;
}

/** A fake Discord and the adapter before it, both stopped when the test ends. */
export async function connect(
  receive: (event: Incoming, adapter: Adapter) => Promise<unknown> | unknown,
  { fake: given, ...options }: Partial<DiscordOptions> & { fake?: DiscordFake } = {},
) {
  const fake = given ?? (await startDiscordFake());
  const log = pino({ level: 'silent' });
  const adapter = createDiscordAdapter({ token: fake.token, restApi: fake.url, log, ...options }) as Adapter;
  const events: Incoming[] = [];
  await adapter.start(async (event) => {
    events.push(event);
    await receive(event, adapter);
  });
  onTestFinished(async () => {
    await adapter.stop();
    if (!given) await fake.stop();
  });
  return { fake, adapter, events };
}
