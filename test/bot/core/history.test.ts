import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AskRecord } from '../../../bot/core/AskRecord.ts';
import type { ChainUpdate } from '../../../bot/core/Follower.ts';
import { after, genesis, type Placed, payment } from './chainEvents.ts';
import { FakePlatform } from './FakePlatform.ts';
import { createWorld, type World } from './world.ts';

const kinds = ['asked', 'takenOver', 'declined', 'delivered', 'sealed', 'settled', 'refunded'] as const;
type Kind = (typeof kinds)[number];
/** What a block holds of the ask, in order. */
type Block = { number: number; kinds: readonly Kind[]; answer: string };

/** What happens next, to the chain or to the bot. */
type Step =
  | { type: 'mine'; kinds: readonly Kind[] }
  | { type: 'undo'; blocks: number }
  | { type: 'follow'; how: 'blocks' | 'pieces' | 'together' }
  | { type: 'repeat' }
  | { type: 'restart' }
  | { type: 'crash'; after: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('mine' as const),
      kinds: fc.oneof(
        fc.constant(['delivered', 'sealed'] as const),
        fc.uniqueArray(fc.constantFrom(...kinds.slice(1)), { maxLength: 2 }),
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('undo' as const), blocks: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('follow' as const),
      how: fc.constantFrom('blocks' as const, 'pieces' as const, 'together' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'repeat' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'restart' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('crash' as const), after: fc.integer({ min: 1, max: 25 }) }),
  },
);

const firstBlock = 3;

function eventsOf(record: AskRecord, { number, kinds, answer }: Block): Placed[] {
  const then = after(payment(record, firstBlock));
  const build: Readonly<Record<Kind, () => Placed>> = {
    asked: () => payment(record, number),
    takenOver: () => then.takenOver(number),
    declined: () => then.declined(number),
    delivered: () => then.delivered(number, answer),
    sealed: () => then.sealed(number),
    settled: () => then.settled(number),
    refunded: () => then.refunded(number),
  };
  return kinds.map((kind, logIndex) => {
    const event = build[kind]();
    return { ...event, location: { ...event.location, logIndex } };
  });
}

/** The updates that tell of blocks: one each, several for a block, or one for all. */
function forward(record: AskRecord, blocks: readonly Block[], how: 'blocks' | 'pieces' | 'together'): Placed[][] {
  const each = blocks.map((block) => eventsOf(record, block));
  if (how === 'together') return [each.flat()];
  return how === 'blocks' ? each : each.flatMap((events) => events.map((event) => [event]));
}

async function begin(): Promise<{ world: World; record: AskRecord }> {
  const world = await createWorld({ platform: new FakePlatform({ limit: 4_000 }) });
  const record = await world.ask('What is TellorFlex?');
  await world.bot.outbox.idle();
  return { world, record };
}

function tell(world: World, from: number, to: number, events: readonly Placed[]): void {
  world.chain.push({ type: 'forward', from, to, timestamp: genesis + to, events, cursor: world.chain.length });
}

/** Ends with a block that holds nothing, so that the chain's clock is the same; then the messages without what is random. */
async function finish({ world, record }: { world: World; record: AskRecord }, last: number) {
  tell(world, last, last, []);
  await survive(world, () => world.follow());
  await world.follow();
  await world.bot.outbox.idle();
  const { queryId = '-', status } = await world.record(record.token);
  const shown = world.platform.shown.map(({ message }) =>
    JSON.stringify(message).replaceAll(record.token, 'TOKEN').replaceAll(queryId, 'QUERY'),
  );
  return { shown, state: status.state };
}

/** Follows, dying on the way if that is how it was set up, and starts again. */
async function survive(world: World, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    await world.bot.outbox.idle();
  } catch (error) {
    if (!world.crashed()) throw error;
  }
  if (world.crashed()) await world.restart();
  world.crashAt(undefined);
}

it('whatever the chain did in between, and however the bot heard of it, it ends in what the final chain says', async () => {
  const states = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      const lived = await begin();
      const { world, record } = lived;
      let chain: Block[] = [];
      let told = 0;
      let number = firstBlock;
      let last: ChainUpdate | undefined;
      const mine = (kinds: readonly Kind[]) => {
        chain.push({ number, kinds, answer: `Answer **${number}** of ${chain.length}.` });
        number += 1;
      };
      const follow = async (how: 'blocks' | 'pieces' | 'together') => {
        const fresh = chain.slice(told);
        const [from, to] = [fresh[0]?.number, fresh.at(-1)?.number];
        if (from === undefined || to === undefined) return;
        told = chain.length;
        for (const events of forward(record, fresh, how)) {
          const blocks = events.map(({ location }) => location.block);
          tell(world, Math.min(from, ...blocks), events.length > 0 ? Math.max(...blocks) : to, events);
        }
        last = world.chain.at(-1);
        await survive(world, () => world.follow());
      };
      mine(['asked']);
      for (const one of steps) {
        if (one.type === 'mine') mine(chain.length === 0 ? ['asked', ...one.kinds] : one.kinds);
        else if (one.type === 'undo') {
          await follow('blocks');
          chain = chain.slice(0, -one.blocks);
          told = Math.min(told, chain.length);
          number = (chain.at(-1)?.number ?? firstBlock - 1) + 1;
          world.undo(number - 1);
          last = world.chain.at(-1);
          await survive(world, () => world.follow());
        } else if (one.type === 'follow') await follow(one.how);
        else if (one.type === 'restart') await world.restart();
        else if (one.type === 'crash') world.crashAt(one.after);
        else if (last) {
          const again = last;
          await survive(world, () => world.follow());
          await world.follow();
          await survive(world, () => world.bot.follower.onUpdate(again));
        }
      }
      await follow('together');
      const end = await finish(lived, number + 20);
      await world.end();

      const plain = await begin();
      for (const block of chain) tell(plain.world, block.number, block.number, eventsOf(plain.record, block));
      const expected = await finish(plain, number + 20);
      await plain.world.end();
      states.add(expected.state);
      expect(end).toEqual(expected);
    }),
    { numRuns: 15 },
  );
  expect(states.size, [...states].join()).toBeGreaterThan(2);
}, 120_000);
