import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHealth, type PlatformHealth } from '../../../bot/core/Health.ts';
import { zeroHash } from '../../../contracts/client/Hex.ts';
import { answerHash } from '../../../contracts/client/Query.ts';
import { after, genesis, payment } from './chainEvents.ts';
import { FakePlatform } from './FakePlatform.ts';
import { command, createWorld, press, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld({ platform: new FakePlatform({ limit: 4_000 }), rules: { asksPerMinute: 100 } });
});
afterEach(() => world.end());

async function say(...args: Parameters<typeof command>) {
  await world.receive(command(...args));
  await world.bot.outbox.idle();
  return world.platform.shown.at(-1);
}

async function answered(text: string, block: number, answer = 'An **oracle**.') {
  const record = await world.ask(text);
  await world.bot.outbox.idle();
  const asked = payment(record, block);
  world.mine(asked, after(asked).delivered(block + 8, answer), after(asked).sealed(block + 8));
  await world.follow();
  await world.bot.outbox.idle();
  world.clock.now += 1;
  return record;
}

describe('/language', () => {
  it('is a person’s own by word or button, and back to the app’s', async () => {
    expect((await say('language', ''))?.message.text).toContain('I speak English');
    const [said] = await press(world, 'Español');
    expect(said?.message.text).toContain('Desde ahora hablo español');
    expect((await say('help', ''))?.message.text).toContain('Pregunta a modelos');
    expect((await say('language', 'auto', { locale: 'ru' }))?.message.text).toBe(
      'Vuelvo a hablar según tu aplicación.',
    );
    expect((await say('help', '', { locale: 'ru' }))?.message.text).toContain('Задавайте вопросы');
  });

  it('is a chat’s by its admins alone', async () => {
    expect((await say('language', 'es here'))?.message.text).toContain('admins');
    await say('language', 'es here', { isAdmin: true });
    const bob = { platform: 'telegram', id: 'bob', name: 'Bob' } as const;
    expect((await say('help', '', { person: bob }))?.message.text).toContain('Pregunta a modelos');
    const elsewhere = { platform: 'telegram', id: 'other' } as const;
    expect((await say('help', '', { person: bob, chat: elsewhere }))?.message.text).toContain('Ask AI models');
  });
});

describe('/model for a chat', () => {
  it('is set by its admins, goes before a person’s own, and a thread can have its own', async () => {
    const thread = { platform: 'telegram', id: 'group', thread: '7' } as const;
    expect((await say('model', 'here gratis'))?.message.text).toContain('admins');
    expect((await say('model', 'here gratis', { isAdmin: true }))?.message.text).toContain('**gratis**');
    await say('model', 'guide');
    expect(await world.ask('a')).toMatchObject({ model: { id: 2n } });
    await say('model', 'here guide', { isAdmin: true, chat: thread });
    expect(await world.ask('a', { chat: thread })).toMatchObject({ model: { id: 1n } });
    expect(await world.ask('--model gratis a', { chat: thread })).toMatchObject({ model: { id: 2n } });
    expect((await say('settings', ''))?.message).toMatchSnapshot();
    await say('model', 'here default', { isAdmin: true });
    expect(await world.ask('a')).toMatchObject({ model: { id: 1n } });
  });
});

describe('/history', () => {
  it('turns pages in the message itself, for its person alone', async () => {
    for (let n = 1; n <= 12; n++) {
      world.clock.now += 1;
      await world.ask(`question ${n}`);
    }
    const first = await say('history', '');
    expect(first?.message.text).toContain('question 12');
    expect(first?.message.text).not.toContain('question 2 ');
    const count = world.platform.shown.length;
    await press(world, 'Older');
    expect(world.platform.shown).toHaveLength(count);
    expect(first?.message.text).toContain('question 2 ');
    expect(first?.message.buttons?.map(({ label }) => label)).toEqual(['Newer']);
    const eve = { platform: 'telegram', id: 'eve', name: 'Eve' } as const;
    expect((await press(world, 'Newer', { by: eve }))[0]?.message.text).toContain('for the person whose');
    await press(world, 'Newer', { at: count - 1 });
    expect(first?.message.text).toContain('question 12');
  });
});

describe('an answer', () => {
  it('is handed out as it stands on chain, with its hash', async () => {
    const answer = '| a | b |\n|---|---|\n| $x_1$ | <b>@everyone</b> |\r\n\n\n  trailing  ';
    await answered('x', 10, answer);
    const [file] = await press(world, 'Original', { by: { platform: 'telegram', id: 'eve', name: 'Eve' } });
    expect(file?.message.file).toEqual({ name: 'answer.md', text: answer });
    expect(file?.message.text).toContain(answerHash(answer));
    expect(file?.onlyFor).toBe('eve');
  });

  it('that is replied to is explained by /why, whoever asked', async () => {
    await answered('first', 10);
    await answered('second', 30);
    const chat = { platform: 'telegram', id: 'group' } as const;
    const bob = { platform: 'telegram', id: 'bob', name: 'Bob' } as const;
    const why = await say('why', '', { person: bob, repliesTo: { chat, id: '1' } });
    expect(why?.message.text).toContain('> first');
    expect((await say('why', ''))?.message.text).toContain('> second');
    expect((await say('why', '', { person: bob }))?.message.text).toContain('asked nothing yet');
  });
});

const deaf = { connections: () => new Map(), leastWei: 1n, now: () => 0 };

it('/models tells what the hosts did, from the chain', async () => {
  await answered('--model guide x', 10);
  await answered('--model guide y', 30);
  const third = payment(await world.ask('--model guide z'), 60);
  world.mine(third, after(third).refunded(700));
  await world.follow();
  expect((await say('models', ''))?.message.text).toMatchSnapshot();
});

it('/status says how chain, hosts and queue are, and what is open', async () => {
  const record = await world.ask('open question');
  world.mine(payment(record, 5));
  await world.follow();
  expect((await say('status', ''))?.message.text).toMatchSnapshot();
  world.market.down = true;
  expect((await say('status', ''))?.message.text).toContain('can’t be reached');
  world.market.down = false;
  world.clock.now += 3_600;
  expect((await say('status', ''))?.message.text).toContain('only blocks up to');
});

it('/status says how each platform is connected and whether the bot has coin, in public words only', async () => {
  let wei = 10n;
  let connection: PlatformHealth['connection'] = { by: 'gateway', since: genesis - 4_000 };
  const health = createHealth({
    connections: () =>
      new Map([
        ['discord' as const, connection],
        ['telegram' as const, { by: 'webhook' as const, since: genesis - 90_000 }],
      ]),
    keyBalance: async () => wei,
    leastWei: 10n,
    now: () => world.clock.now,
  });
  await health.hearing(world.receive)(command('help', ''));
  world.context.health = health;
  const about = async () => (await say('status', ''))?.message.text.split('\n').slice(3, 6);
  expect(await about()).toMatchSnapshot();
  connection = undefined;
  wei = 9n;
  expect(await about()).toMatchSnapshot();
  world.context.health = { ...health, gas: async () => 'unknown' };
  expect((await about())?.[2]).toContain('can’t be seen');
  expect(await createHealth({ ...deaf, keyBalance: () => Promise.reject(new Error('no node')) }).gas()).toBe('unknown');
});

describe('a thread', () => {
  const thread = { platform: 'telegram', id: 'group', thread: '7' } as const;
  const inThread = async (text: string, block: number) => {
    const record = await world.ask(text, { chat: thread });
    const asked = payment(record, block);
    world.mine(asked, after(asked).delivered(block + 1), after(asked).sealed(block + 1));
    await world.follow();
    world.clock.now += 1;
    return world.record(record.token);
  };

  it('is a conversation of its own: a question there goes on from the last answer, by anyone', async () => {
    const first = await inThread('first', 10);
    expect(first.parent).toBe(zeroHash);
    const second = await inThread('second', 20);
    expect(second).toMatchObject({ parent: first.queryId, note: 'Continues the conversation with its earlier turn.' });
    const bob = { platform: 'telegram', id: 'bob', name: 'Bob' } as const;
    const third = await world.ask('third', { chat: thread, person: bob });
    expect(third.parent).toBe(second.queryId);
    await world.bot.outbox.idle();
    expect(world.platform.shown.at(-1)?.message.text).toContain('this question, 5 bytes, and that it continues');
    expect((await world.ask('--model gratis anew', { chat: thread })).parent).toBe(zeroHash);
    expect((await world.ask('elsewhere')).parent).toBe(zeroHash);
  });
});
