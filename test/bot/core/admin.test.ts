import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { CommandEvent } from '../../../bot/core/commands/Command.ts';
import type { Moderate } from '../../../bot/core/Moderation.ts';
import { createModeration } from '../../../bot/moderation.ts';
import { zeroAddress } from '../../../contracts/client/Hex.ts';
import { after, host, offer, payment, place } from './chainEvents.ts';
import { command, createWorld, press, type World } from './world.ts';

const admin = { isAdmin: true };
const file = (name: string, text: string) => ({ name, text });
const bob = { platform: 'telegram', id: 'bob', name: 'Bob' } as const;
let world: World;
beforeEach(async () => {
  world = await createWorld({ rules: { asksPerMinute: 100 } });
});
afterEach(() => world.end());

async function say(...args: Parameters<typeof command>): Promise<string> {
  world.clock.now += 1;
  await world.receive(command(...args));
  await world.bot.outbox.idle();
  return world.platform.shown.at(-1)?.message.text ?? '';
}
const count = async () => (await world.context.store.db.selectFrom('asks').select('token').execute()).length;

describe('/admin', () => {
  it('is for admins alone, and so is the log', async () => {
    expect(await say('admin', 'who nobody')).toBe('Only this chat’s admins can do that.');
    expect(await say('audit', '')).toBe('Only this chat’s admins can do that.');
    expect(await say('admin', '', admin)).toMatchSnapshot();
    await world.ask('still');
  });

  it('says who may ask, here and in each thread', async () => {
    expect(await say('admin', 'who admins', admin)).toBe('Only admins may ask here');
    expect(await say('ask', 'x')).toContain('Only admins may ask here.');
    const thread = { platform: 'telegram', id: 'group', thread: '5' } as const;
    expect(await say('ask', 'x', { chat: thread })).toContain('Only admins may ask here.');
    await say('admin', 'who everyone', { ...admin, chat: thread });
    await world.ask('x', { chat: thread });
    await world.ask('x', admin);
    await say('admin', 'who <@&123456> <@&987654>', admin);
    expect(await say('ask', 'x', { roles: ['111111'] })).toContain('certain roles');
    await world.ask('x', { roles: ['111111', '987654'] });
    await say('admin', 'who nobody', admin);
    expect(await say('ask', 'x', admin)).toContain('switched off');
    await say('admin', 'who off', admin);
    await world.ask('x');
    expect(await count()).toBe(4);
  });

  it('says which models, what price at most, and how often; the same for a card’s button', async () => {
    await world.ask('--model guide first');
    await world.bot.outbox.idle();
    expect(await say('admin', 'models gratis, #3', admin)).toContain('\\#2, \\#3');
    expect(await say('ask', '--model guide x')).toContain('don’t allow **guide**');
    await press(world, /Another model|other model/i, { at: 0 });
    expect((await press(world, 'guide'))[0]?.message.text).toContain('don’t allow **guide**');
    await say('admin', 'models off', admin);
    expect(await say('admin', 'price 0.2 LANG', admin)).toBe('A question may cost at most 0\\.2 LANG here');
    expect(await say('ask', '--model guide x')).toContain('at most 0\\.2 LANG');
    expect(await say('ask', '--model #3 x')).toContain('at most 0\\.2 LANG');
    await world.ask('--model gratis x');
    await say('admin', 'price 0.25 LANG', admin);
    await world.ask('--model guide x');
    await say('admin', 'often 3', admin);
    expect(await say('ask', 'x')).toBe(
      'Here each person may ask 3 times an hour. Try again in 1 hour; nothing was taken.'.replace(
        '1 hour',
        '60 minutes',
      ),
    );
    await world.ask('--model gratis x', { person: bob });
    world.clock.now += 3_601;
    await world.ask('--model gratis x');
    await say('admin', 'reset', admin);
    expect(await say('admin', '', admin)).toContain('None: everybody');
    expect(await say('audit', '', admin)).toMatchSnapshot();
  });

  it.each([
    ['who somebody'],
    ['models'],
    ['models nope'],
    ['price 0,5 LANG'],
    ['price 5'],
    ['often 0'],
    ['often many'],
  ])('refuses %s with the cure, and changes nothing', async (text) => {
    const said = await say('admin', text, admin);
    expect(said).toMatch(/\/admin|no model named/);
    expect(await say('admin', 'show', admin)).toContain('None: everybody');
  });
});

describe('moderation', () => {
  it('refuses with the reason, costs nothing, and logs no question', async () => {
    const seen: string[] = [];
    const verdicts: Awaited<ReturnType<Moderate>>[] = [
      { kind: 'refused', reasons: ['violence', '<b>'] },
      { kind: 'refused', reasons: [] },
      { kind: 'unknown' },
      { kind: 'fine' },
    ];
    world.context.moderate = async (text) => {
      seen.push(text.trim());
      return verdicts.shift() ?? { kind: 'fine' };
    };
    expect(await say('ask', 'secret one')).toBe(
      'This bot’s moderation refuses this question: violence, \\<b\\>. Nothing was taken; ask it differently.',
    );
    expect(world.platform.shown.at(-1)?.onlyFor).toBe('ada');
    expect(await say('ask', 'secret two')).toContain('a word that is not allowed');
    expect(await say('ask', 'three')).toContain('can’t be done right now');
    expect(await count()).toBe(0);
    await world.ask('four');
    expect(seen).toEqual(['secret one', 'secret two', 'three', 'four']);
    const log = await say('audit', '', admin);
    expect(log).toContain('moderation violence');
    expect(log).not.toContain('secret');
  });

  it('looks at every way to ask, before anything is written', async () => {
    let seen = '';
    world.context.moderate = async (text) => {
      seen = text;
      return /bad\s+thing/.test(text) ? { kind: 'refused', reasons: [] } : { kind: 'fine' };
    };
    world.mine(place(offer(0n, host, zeroAddress, 7n), 2));
    await world.follow();
    const first = await world.ask('fine');
    const paid = payment(first, 5);
    const later = after(paid);
    world.mine(paid, later.delivered(6));
    await world.follow();
    await world.bot.outbox.idle();
    const card = world.platform.shown.at(-1);
    if (!card) throw new Error('there is no card');
    const repliesTo = { chat: card.chat, id: card.id };
    const ways: Record<string, Partial<CommandEvent>> = {
      typed: { text: 'a bad thing' },
      'mention or private message': { text: 'a bad thing', isPlain: true },
      'reply to an answer': { text: 'a bad thing', isPlain: true, repliesTo },
      'menu of a message': { options: { prompt: 'a bad thing' } },
      form: { text: 'x', options: { model: 'gratis' }, attachments: [file('a.txt', 'a bad thing')] },
      'lone file': { attachments: [file('a.md', 'a bad thing')] },
      'own instructions, over two lines': { text: 'x', options: { system: 'a bad\nthing' } },
      'own workload': { text: 'x', attachments: [file('own.py', 'prompt = "a bad thing"\ninput = "y"\n')] },
      'own workload with escapes': {
        text: 'x',
        attachments: [file('own.py', 'prompt = "a b\\x61d thing"\ninput = "y"\n')],
      },
    };
    for (const [way, event] of Object.entries(ways)) {
      const said = await say('ask', '', event);
      expect([way, said]).toEqual([way, expect.stringContaining('a word that is not allowed')]);
    }
    for (const platform of ['discord', 'local'] as const) {
      const event = { chat: { platform, id: 'c' }, person: { platform, id: 'ada', name: 'Ada' } };
      await world.receive(command('ask', 'a bad thing', event));
    }
    expect(await world.bot.createAsk({ person: bob, prompt: 'a bad thing' })).toMatchObject({
      ok: false,
      message: expect.stringContaining('a word that is not allowed'),
    });
    expect(await count()).toBe(1);
    expect(seen).toContain('bad thing');
  });

  it('looks again when the same question is asked of another model', async () => {
    world.context.moderate = async () => ({ kind: 'fine' });
    await world.ask('fine then');
    await press(world, 'Another model');
    world.context.moderate = async () => ({ kind: 'refused', reasons: [] });
    const shown = await press(world, 'gratis');
    expect(shown.at(-1)?.message.text).toContain('a word that is not allowed');
    expect(await count()).toBe(1);
  });

  const quiet = pino({ level: 'silent' });

  it('asks a service like OpenAI’s, and lets nothing through while that can’t be reached', async () => {
    const asked: unknown[] = [];
    let reply: unknown = { results: [{ flagged: false, categories: {} }] };
    const server = serve({
      port: 0,
      hostname: '127.0.0.1',
      async fetch(request) {
        asked.push([request.headers.get('authorization'), await request.json()]);
        return Response.json(reply);
      },
    });
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/v1/moderations`;
    const moderate = createModeration({ url, key: 'k', log: quiet });
    expect(await moderate?.('hello')).toEqual({ kind: 'fine' });
    expect(asked).toEqual([['Bearer k', { input: 'hello' }]]);
    reply = { results: [{ flagged: true, categories: { hate: true, violence: false } }] };
    expect(await moderate?.('hello')).toEqual({ kind: 'refused', reasons: ['hate'] });
    reply = { nonsense: true };
    expect(await moderate?.('hello')).toEqual({ kind: 'unknown' });
  });

  it('looks for listed words, however they are written', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'words-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const wordsFile = join(folder, 'words.txt');
    writeFileSync(wordsFile, 'bad thing # a remark\nпло́хо\n坏话\n\n# nothing\n');
    const moderate = createModeration({ wordsFile, log: quiet });
    const refused = async (text: string) => (await moderate?.(text))?.kind === 'refused';
    for (const text of ['a BAD  thing!', 'ｂａｄ thing', 'b\u200bad thing', '你说坏话了', 'пло́хо'])
      expect([text, await refused(text)]).toEqual([text, true]);
    for (const text of ['bad', 'badthing', 'a bad things', 'nothing', ''])
      expect([text, await refused(text)]).toEqual([text, false]);
    expect(createModeration({ log: quiet })).toBeUndefined();
    expect(() => createModeration({ wordsFile: join(folder, 'none'), log: quiet })).toThrow('MODERATION_WORDS_FILE');
  });
});
