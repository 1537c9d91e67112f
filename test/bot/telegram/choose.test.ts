import { expect, test } from 'vitest';
import { eventually } from '../../fakes/eventually.ts';
import type { FakeMessage, TelegramFake } from '../../fakes/telegram.ts';
import { listing, place } from '../core/chainEvents.ts';
import { telegramStage } from '../stage.ts';

const labels = (message: FakeMessage | undefined) => message?.keyboard.flat().map(({ text }) => text) ?? [];
const last = (fake: TelegramFake, chat: Parameters<TelegramFake['replies']>[0]) => fake.replies(chat).at(-1);

test('/model offers the models as buttons, page by page, and a press chooses', async () => {
  const { fake, world } = await telegramStage();
  world.mine(
    ...Array.from({ length: 8 }, (_, index) => listing(BigInt(index + 10), `model ${index}`)).flatMap((events, index) =>
      events.map((event, at) => place(event, 2, index * 2 + at)),
    ),
  );
  await world.follow();
  const ada = fake.user('Ada');
  ada.says('/model');
  await eventually(() => expect(labels(last(fake, ada.chat))).toContain('More »'));
  const list = last(fake, ada.chat);
  expect(labels(list)).toHaveLength(9);
  if (list) ada.presses(list, 'More »');
  await eventually(() => expect(labels(last(fake, ada.chat))).toEqual(['model 5', 'model 6', 'model 7', '« Back']));
  const second = last(fake, ada.chat);
  expect(second?.id).toBe(list?.id);
  if (second) ada.presses(second, 'model 6');
  await eventually(() => expect(last(fake, ada.chat)?.text).toMatch(/model 6/));
  ada.says('hello');
  await eventually(() => expect(last(fake, ada.chat)?.text).toMatch(/^Ada asks model 6/));
});

test('the card of a question offers another model to who asked, and to nobody else', async () => {
  const { fake, asked } = await telegramStage();
  const chat = fake.group('Builders');
  const ada = fake.user('Ada');
  const bob = fake.user('Bob');
  ada.says('/ask What is it?', { chat });
  await eventually(() => expect(labels(last(fake, chat))).toContain('Another model'));
  const card = last(fake, chat);
  if (card) bob.presses(card, 'Another model');
  await eventually(() => expect(last(fake, chat)?.text).toMatch(/for the person/));
  if (card) ada.presses(card, 'Another model');
  await eventually(() => expect(labels(last(fake, chat))).toContain('gratis'));
  const list = last(fake, chat);
  if (list) bob.presses(list, 'gratis');
  await eventually(() => expect(last(fake, chat)?.text).toMatch(/for the person/));
  if (list) ada.presses(list, 'gratis');
  expect(await asked(2)).toMatchObject({ question: 'What is it?', model: { name: 'gratis' } });
  await eventually(() => expect(last(fake, chat)?.text).toMatch(/^Ada asks gratis/));
});
