import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { Adapter, Incoming, Message } from '../../../bot/core/types.ts';
import { createTelegramAdapter, type TelegramOptions } from '../../../bot/telegram/adapter.ts';
import { startTelegramFake, type TelegramFake } from '../../fakes/telegram.ts';

/** Sends every part of a message, the way the core does. */
export async function sendAll(adapter: Adapter, event: Incoming, message: Message) {
  const refs = [];
  for (const [index, part] of adapter.render(message).entries()) {
    const replyTo = event.type === 'command' ? event.message : event.message;
    refs.push(
      await adapter.send(event.chat, part, {
        updateId: event.updateId,
        nonce: `${event.updateId}-${index}`,
        ...(replyTo && { replyTo }),
      }),
    );
  }
  return refs;
}

/** A fake Telegram and the adapter before it, both stopped when the test ends. */
export async function connect(
  receive: (event: Incoming, adapter: Adapter) => Promise<void> | void,
  { fake: given, ...options }: Partial<TelegramOptions> & { fake?: TelegramFake } = {},
) {
  const fake = given ?? (await startTelegramFake());
  const log = pino({ level: 'silent' });
  const adapter = createTelegramAdapter({
    token: fake.token,
    apiRoot: fake.url,
    publicUrlIsHttps: true,
    log,
    pollSeconds: 5,
    ...options,
  }) as Adapter;
  const events: Incoming[] = [];
  await adapter.start(async (event) => {
    events.push(event);
    await receive(event, adapter);
  });
  let stopped = false;
  const stop = async () => {
    if (!stopped) await adapter.stop();
    stopped = true;
  };
  onTestFinished(async () => {
    await stop();
    if (!given) await fake.stop();
  });
  return { fake, adapter, events, stop };
}
