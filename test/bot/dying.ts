import { expect } from 'vitest';
import type { DiscordFake } from '../fakes/discord.ts';
import { eventually } from '../fakes/eventually.ts';
import type { TelegramFake } from '../fakes/telegram.ts';
import { discordStage, type Stage, telegramStage } from './stage.ts';

const answer = 'An oracle with staked reporters.';

/** What the two platforms have in common for this test. */
type Scene = {
  stage: Stage<{ stop(): Promise<void> }>;
  ask(): void;
  /** What the bot wrote, oldest first. */
  said(): string[];
  /** Whether the last process left a message whose fate the next one can't find out. */
  admits: boolean;
  /** What the platform forgets while nobody is connected. */
  meanwhile(): void;
};

export async function onTelegram(): Promise<Scene> {
  const stage: Stage<TelegramFake> = await telegramStage();
  const ada = stage.fake.user('Ada');
  const said = () => stage.fake.replies(ada.chat).map(({ text }) => text);
  return { stage, said, ask: () => void ada.says('/ask What is it?'), admits: true, meanwhile: () => undefined };
}

export async function onDiscord(): Promise<Scene> {
  const stage: Stage<DiscordFake> = await discordStage();
  const channel = stage.fake.channel();
  const ada = stage.fake.user('Ada');
  const said = () =>
    stage.fake
      .messages(channel)
      .filter(({ author }) => author.name === 'Market')
      .map(({ content }) => content);
  const ask = () => void ada.writes(`<@${stage.fake.self}> What is it?`, channel);
  return { stage, said, ask, admits: false, meanwhile: () => stage.fake.forgetNonces() };
}

/**
 * A question is asked, paid for and answered, while the bot dies at its `step`th store write or platform call.
 * @returns how many steps there were
 */
export async function live({ stage, ask, said, admits, meanwhile }: Scene, step: number | undefined): Promise<number> {
  const { world } = stage;
  const begun = world.steps();
  world.crashAt(step);
  const revive = async () => {
    if (world.crashed()) await world.restart(meanwhile);
  };
  const onlyItsDeath = (error: unknown) => {
    if (!world.crashed()) throw error;
  };
  ask();
  await eventually(() => expect(world.crashed() || said().length > 0).toBe(true));
  await stage.settled();
  await revive();
  const record = await stage.asked();
  const paid = await stage.pay(record).catch(onlyItsDeath);
  await stage.settled();
  await revive();
  const followed = paid ?? (await stage.pay(record));
  await stage.answer(followed, answer).catch(onlyItsDeath);
  await revive();
  await world.follow();
  await stage.settled();
  await eventually(() => expect(said().filter((text) => text.includes(answer))).toHaveLength(1));
  const [first, second, ...more] = said();
  expect(more).toEqual([]);
  if (second !== undefined) expect(admits && `${first}${second}`).toMatch(/sent again/);
  const total = world.steps() - begun;
  world.crashAt(undefined);
  return total;
}
