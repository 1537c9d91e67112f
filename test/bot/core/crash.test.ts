import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { AskRecord } from '../../../bot/core/AskRecord.ts';
import { isLong } from '../../processEnv.ts';
import { after, payment } from './chainEvents.ts';
import { FakePlatform } from './FakePlatform.ts';
import { command, createWorld, type World } from './world.ts';

const answer = 'An oracle. '.repeat(8).trim();
let world: World;
afterEach(() => world.end());

/** Runs until everything that happened is shown, starting again after each death. Platforms repeat what was not taken. */
async function live(
  script: (record: AskRecord) => void,
  question: ReturnType<typeof command>,
  crashes: readonly number[],
): Promise<AskRecord> {
  let mined = false;
  for (const crash of [...crashes, undefined]) {
    world.crashAt(crash);
    try {
      await world.receive(question);
      const [row] = await world.context.store.db.selectFrom('asks').select('token').execute();
      if (!row) throw new Error('the ask is lost');
      await world.bot.outbox.idle();
      if (!mined) {
        mined = true;
        script(await world.record(row.token));
      }
      await world.follow();
      await world.bot.outbox.idle();
    } catch (error) {
      if (!world.crashed()) throw error;
    }
    if (world.crashed() || crash !== undefined) await world.restart();
  }
  await world.follow();
  await world.bot.outbox.idle();
  const [row] = await world.context.store.db.selectFrom('asks').selectAll().execute();
  return world.record(row?.token ?? '');
}

const answered = (record: AskRecord) => {
  const asked = payment(record, 3);
  const then = after(asked);
  world.mine(asked);
  world.mine(then.delivered(5, answer), then.sealed(5));
};

function expectAnswerOnce(): void {
  const shown = world.platform.shown.map(({ message }) => message);
  expect(shown).toHaveLength(3);
  expect(shown[0]?.footer).toContain('final after');
  expect([shown[0]?.answer, shown[1]?.text, shown[2]?.text].join('')).toBe(answer);
  expect(world.platform.shown[1]?.replyTo).toBe(world.platform.shown[0]?.id);
  expect(world.platform.shown[0]?.replyTo).toMatch(/^question-/);
}

describe('a bot that dies', () => {
  it('at any store write or platform call (every second one, all in the long run) still shows the answer, exactly once', async () => {
    world = await createWorld();
    const before = world.steps();
    await live(answered, command('ask', 'What is TellorFlex?'), []);
    const total = world.steps() - before;
    expectAnswerOnce();
    expect(total).toBeGreaterThan(25);
    for (let step = 1; step <= total; step += isLong ? 1 : 2) {
      await world.end();
      world = await createWorld();
      await live(answered, command('ask', 'What is TellorFlex?'), [step]);
      expectAnswerOnce();
    }
  });

  it('again and again ends the same', async () => {
    world = await createWorld();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 5 }), async (crashes) => {
        await world.end();
        world = await createWorld();
        await live(answered, command('ask', 'What is TellorFlex?'), crashes);
        expectAnswerOnce();
      }),
      { numRuns: 15 },
    );
  });

  it('on a platform that can’t drop a repeated send admits the repetition, and never loses the answer', async () => {
    for (let step = 1; step <= 45; step += isLong ? 1 : 3) {
      if (step > 1) await world.end();
      world = await createWorld({ platform: new FakePlatform({ dropsRepeats: false, limit: 400 }) });
      await live(answered, command('ask', 'What is TellorFlex?'), [step]);
      const shown = world.platform.shown.map(({ message }) => message);
      expect(shown.length).toBeLessThanOrEqual(2);
      expect(shown.filter((message) => message.answer === answer)).toHaveLength(1);
    }
  });

  it('between a send and its note shows the newest state all the same', async () => {
    world = await createWorld({ platform: new FakePlatform({ limit: 400 }) });
    const tick = world.platform.around;
    world.platform.around = (moment, kind) => {
      if (moment === 'after') world.crashAt(1);
      tick(moment, kind);
    };
    const record = await world.ask('What is TellorFlex?');
    await world.bot.outbox.idle();
    expect([world.crashed(), world.platform.shown.length]).toEqual([true, 1]);
    world.platform.around = tick;
    answered(record);
    await world.restart(() => world.follow());
    await world.bot.outbox.idle();
    expect(world.platform.shown.map(({ message }) => message.answer)).toEqual([answer]);
  });

  it('refunds once', async () => {
    const overdue = (record: AskRecord) => {
      world.mine(payment(record, 3));
      world.chain.push({
        type: 'forward',
        from: 4,
        to: 700,
        timestamp: 1_800_000_700,
        events: [],
        cursor: world.chain.length,
      });
    };
    for (const step of [1, 4, 9, 14, 17, 20, 22, 24, 26, 28, 30, 32]) {
      if (world) await world.end().catch(() => {});
      world = await createWorld();
      await live(overdue, command('ask', 'What is TellorFlex?'), [step]);
      await expect.poll(() => new Set(world.sent.map(({ key }) => key)).size).toBe(1);
      expect(world.platform.shown.at(-1)?.message.text).toContain('Overdue');
    }
  });
});
