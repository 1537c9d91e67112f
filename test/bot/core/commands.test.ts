import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../../bot/core/types.ts';
import { zeroAddress } from '../../../contracts/client/Hex.ts';
import { host, lang, listing, offer, otherHost, place } from './chainEvents.ts';
import { command, createWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.end());

/** What the bot says to a command. */
async function reply(...args: Parameters<typeof command>) {
  await world.bot.outbox.idle();
  const before = world.platform.shown.length;
  await world.receive(command(...args));
  await world.bot.outbox.idle();
  const [said, ...more] = world.platform.shown.slice(before);
  expect(more).toEqual([]);
  return said?.message;
}

describe('/ask', () => {
  it('says model, price and the pay link', async () => {
    const record = await world.ask('What is TellorFlex?');
    await world.bot.outbox.idle();
    const message = world.platform.shown[0]?.message;
    expect(JSON.stringify(message, null, 1).replaceAll(record.token, 'TOKEN')).toMatchSnapshot();
    expect(record.token.length).toBeGreaterThanOrEqual(21);
    expect(record).toMatchObject({ soleHost: true, host, price: { amount: 250_000_000_000_000_000n } });
  });

  it('says that a free one costs nothing but the network fee', async () => {
    const record = await world.ask('--model gratis Hello');
    await world.bot.outbox.idle();
    expect(
      JSON.stringify(world.platform.shown[0]?.message, null, 1).replaceAll(record.token, 'TOKEN'),
    ).toMatchSnapshot();
  });

  it('takes the model from an option, a flag, a prefix or its number', async () => {
    expect(await world.ask('a', { options: { model: 'GRATIS' } })).toMatchObject({ model: { id: 2n }, question: 'a' });
    expect(await world.ask('model:gratis  b c')).toMatchObject({ model: { id: 2n }, question: 'b c' });
    expect(await world.ask('--model "coin *expert*" d')).toMatchObject({ model: { id: 3n }, question: 'd' });
    world.clock.now += 61;
    expect(await world.ask('--model #2 e')).toMatchObject({ model: { id: 2n }, question: 'e' });
    expect(await world.ask('the model:gratis f')).toMatchObject({ model: { id: 1n }, question: 'the model:gratis f' });
  });

  it('puts on chain what was typed, whatever it looks like', async () => {
    world = await rest();
    for (const typed of [
      '{"a":1} {x}',
      '🤖🔥',
      '<b>@everyone</b> **x** [a](b)',
      'line 1\n\nline 2 \u202e',
      'x'.repeat(8_000),
    ]) {
      expect((await world.ask(`  ${typed}\n`)).question).toBe(typed.trim());
    }
  });

  it('says what it took out', async () => {
    const record = await world.ask('nul\0l');
    expect(record).toMatchObject({ question: 'null', note: 'Changed before sending: null characters were taken out.' });
  });

  it.each([
    ['an empty question', '   '],
    ['only null bytes', '\0\0'],
    ['only invisible characters', '\u200b \u0007'],
    ['too many characters', 'x'.repeat(20_001)],
    ['more bytes than hosts take', '🤖'.repeat(2_500)],
    ['an unknown model', '--model gratsi Hello'],
    ['an unknown model with markup', '--model <b>@x</b>*_~ Hello'],
    ['a model without a question', '--model gratis'],
  ])('refuses %s with a sentence', async (_, text) => {
    expect((await reply('ask', text))?.text).toMatchSnapshot();
    expect(await world.context.store.db.selectFrom('asks').selectAll().execute()).toEqual([]);
  });

  it('says that the chain is away, and that nobody offers', async () => {
    world.market.down = true;
    expect((await reply('ask', 'x'))?.text).toMatchSnapshot();
    world.market.down = false;
    for (const [id, token] of [
      [1n, lang],
      [2n, undefined],
      [3n, undefined],
    ] as const) {
      world.mine(
        place(
          { type: 'OfferRemoved', host, modelId: id, token: token ?? '0x0000000000000000000000000000000000000000' },
          9,
          Number(id),
        ),
      );
    }
    await world.follow();
    expect((await reply('ask', 'x'))?.text).toMatchSnapshot();
    expect((await reply('models', ''))?.text).toMatchSnapshot();
  });

  it('makes people wait who ask too often', async () => {
    for (const text of ['1', '2', '3']) await world.ask(text);
    expect((await reply('ask', '4'))?.text).toBe(
      'You asked 3 times in the last minute. Try again in 60 seconds; nothing was taken.',
    );
    expect((await reply('ask', '4', { person: { platform: 'telegram', id: 'bob', name: 'Bob' } }))?.text).toContain(
      'Bob',
    );
    world.clock.now += 61;
    await world.ask('5');
  });

  it('picks the cheapest host that the chain still grants, and lets others take over when there are some', async () => {
    world.mine(place(offer(1n, otherHost, lang, 1n), 9));
    await world.follow();
    expect(await world.ask('x')).toMatchObject({ host: otherHost, soleHost: false });
  });
});

describe('other commands', () => {
  it.each([['help'], ['start'], ['models'], ['nonsense']])('/%s', async (name) => {
    expect(await reply(name, '')).toMatchSnapshot();
  });

  it('/model makes one the person’s own until it is taken back or nobody offers it', async () => {
    const bob = { person: { platform: 'telegram', id: 'bob', name: 'Bob' } } as const;
    expect((await reply('model', ''))?.text).toContain('go to **guide**.');
    expect((await reply('model', 'gratis'))?.text).toContain('**gratis**');
    expect((await reply('model', ''))?.text).toContain('**gratis** (your choice)');
    expect(await world.ask('a')).toMatchObject({ model: { id: 2n } });
    expect(await world.ask('--model guide a')).toMatchObject({ model: { id: 1n } });
    expect(await world.ask('a', bob)).toMatchObject({ model: { id: 1n } });
    expect((await reply('model', 'nope'))?.text).toContain('no model named');
    world.mine(place({ type: 'OfferRemoved', host, modelId: 2n, token: zeroAddress }, 9));
    await world.follow();
    expect(await world.ask('a')).toMatchObject({ model: { id: 1n } });
    world.undo(8);
    await world.follow();
    expect((await reply('model', 'Default'))?.text).toBe('Your questions go to **guide** again.');
    expect((await reply('model', ''))?.text).toContain('go to **guide**.');
  });

  it('searches models', async () => {
    expect((await reply('models', 'GRAT'))?.text).toContain('gratis');
    expect((await reply('models', 'nope'))?.text).toContain('No model fits');
    expect(await world.bot.suggest('ask', 'g')).toEqual([
      { value: 'guide', label: 'guide', detail: '0.25 LANG' },
      { value: 'gratis', label: 'gratis', detail: 'free' },
    ]);
  });

  it('answers a button to who pressed it alone, and unknown ones with a sentence', async () => {
    const { updateId, chat, person } = command('help', '');
    await world.receive(command('help', ''));
    await world.bot.outbox.idle();
    const [{ id } = { id: '' }] = world.platform.shown;
    const press = async (data: string, message = id, by: Person = person) => {
      await world.receive({
        type: 'press',
        updateId: `${updateId}${presses++}`,
        chat,
        person: by,
        message: { chat, id: message },
        data,
      });
      await world.bot.outbox.idle();
      const { onlyFor, replyTo, message: said } = world.platform.shown.at(-1) ?? {};
      return [onlyFor, replyTo, said?.text.split('\n')[0]];
    };
    let presses = 0;
    const eve: Person = { platform: 'telegram', id: 'eve', name: 'Eve' };
    expect(await press('models:')).toEqual(['ada', id, '**Models that can be asked now**']);
    for (const forged of [
      press('history:'),
      press('ask:'),
      press('models:', '999'),
      press('evil'),
      press('models:x'),
    ]) {
      expect((await forged)[2]).toContain('no longer does anything');
    }
    expect(await press('models:', id, eve)).toEqual(['eve', id, expect.stringContaining('for the person whose')]);
  });

  it('handles a repeated update once', async () => {
    const event = command('help', '');
    await Promise.all([world.receive(event), world.receive(event)]);
    await world.receive(event);
    await world.bot.outbox.idle();
    expect(world.platform.shown).toHaveLength(1);
  });
});

describe('a terminal', () => {
  const person = { platform: 'local', id: 'terminal', name: 'Terminal' } as const;

  it('asks without a chat', async () => {
    const made = await world.bot.createAsk({ person, prompt: 'Hi', model: 'gratis' });
    await world.bot.outbox.idle();
    expect(made).toMatchObject({
      ok: true,
      view: { question: 'Hi', price: { amount: 0n }, status: { state: 'awaiting' } },
    });
    expect(world.platform.shown).toEqual([]);
    expect(await world.bot.createAsk({ person, prompt: 'Hi', model: 'x_y' })).toEqual({
      ok: false,
      message: 'There is no model named x_y. These can be asked: guide, gratis, coin *expert*.',
    });
  });

  it('asks with a workload of its own when a host takes those', async () => {
    const script = 'prompt = "Be terse."\ninput = "x"\n';
    expect(await world.bot.createAsk({ person, prompt: 'Hi', script })).toMatchObject({ ok: false });
    world.mine(
      ...listing(0n, 'open')
        .slice(1)
        .map((event) => place(event, 9)),
    );
    await world.follow();
    const made = await world.bot.createAsk({ person, prompt: 'Hi', script });
    expect(made).toMatchObject({ ok: true, view: { model: { id: 0n, name: 'your own workload' } } });
    if (made.ok) expect(await world.record(made.view.token)).toMatchObject({ script });
    expect(await world.bot.createAsk({ person, prompt: 'Hi', script: 'input = 1' })).toMatchObject({
      message:
        'No host would run this workload: The script never assigns prompt, which tells the model what to do. Add prompt = "...".',
    });
  });
});

async function rest(): Promise<World> {
  await world.end();
  return createWorld({ rules: { asksPerMinute: 100 } });
}
