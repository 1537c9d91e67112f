import { afterEach, beforeEach, expect, test } from 'vitest';
import { after, payment } from './chainEvents.ts';
import { command, createWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld({ rules: { asksPerMinute: 100 } });
});
afterEach(() => world.end());

/** Asks, pays and, unless it stays open, gets an answer or the money back. */
async function ask(model: string, end: 'answered' | 'refunded' | 'open' | 'unpaid', block: number): Promise<void> {
  const record = await world.ask(`--model ${model} question ${block}`);
  if (end === 'unpaid') return;
  const asked = payment(record, block);
  const { delivered, sealed, refunded } = after(asked);
  world.mine(
    asked,
    ...(end === 'answered'
      ? [delivered(block + 1), sealed(block + 1)]
      : end === 'refunded'
        ? [refunded(block + 1)]
        : []),
  );
  await world.follow();
}

async function say(text: string, locale?: string) {
  await world.bot.outbox.idle();
  await world.receive(command('spent', text, locale === undefined ? {} : { locale }));
  await world.bot.outbox.idle();
  return world.platform.shown.at(-1);
}

test('/spent: by model, in numbers and a picture; what is open or came back apart; the unpaid is none', async () => {
  await ask('guide', 'answered', 3);
  await ask('guide', 'answered', 6);
  await ask('guide', 'refunded', 9);
  await ask('gratis', 'answered', 12);
  await ask('#3', 'answered', 15);
  await ask('#3', 'open', 18);
  await ask('guide', 'unpaid', 21);
  expect((await say(''))?.message).toMatchSnapshot();
  expect((await say('', 'ru'))?.message.text).toMatchSnapshot();
});

test('/spent is for the person alone, only of that person and only as far back as asked', async () => {
  await ask('guide', 'answered', 3);
  world.clock.now += 3 * 86_400;
  expect(await say('2')).toMatchObject({ onlyFor: 'ada', message: { text: expect.stringContaining('no question') } });
  expect((await say('7'))?.message.text).toContain('25 LANG');
  await world.receive(command('spent', '', { person: { platform: 'telegram', id: 'eve', name: 'Eve' } }));
  await world.bot.outbox.idle();
  expect(world.platform.shown.at(-1)?.message.text).toContain('no question');
});

test.each(['0', '-1', '1.5', '367', 'week', '1e2'])('/spent %s says what is possible', async (typed) => {
  expect((await say(typed))?.message.text).toContain('a whole number from 1 to 366');
});
