import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { english, type Language, languages } from '../../../bot/core/I18n.ts';
import type { PaymentRequest } from '../../../bot/core/money/PaymentRequest.ts';
import type { SentFile } from '../../../bot/core/types.ts';
import { wordsFor } from '../../../bot/core/Wording.ts';
import type { StepResult } from '../../../bot/pay/request/types.ts';
import { createRequest, requestByToken } from '../../../bot/store/requests.ts';
import { linkWallet } from '../../../bot/store/wallets.ts';
import { workloadHash } from '../../../contracts/client/Query.ts';
import { after, lang, listing, offer, otherHost, payment, place, seller } from './chainEvents.ts';
import { command, createWorld, undescribed, type World } from './world.ts';

let world: World;
let presses = 0;
beforeEach(async () => {
  world = await createWorld({ rules: { asksPerMinute: 100 } });
});
afterEach(() => world.end());

const last = () => world.platform.shown.at(-1);
async function say(name: string, text: string, more: Parameters<typeof command>[2] = {}) {
  await world.receive(command(name, text, more));
  await world.bot.outbox.idle();
  return last()?.message;
}
/** Presses the newest button with this label. */
async function press(label: string) {
  const shown = world.platform.shown.findLast(({ message }) => message.buttons?.some((one) => one.label === label));
  const button = shown?.message.buttons?.find((one) => one.label === label);
  if (!shown || button?.type !== 'press') throw new Error(`no button ${label}`);
  const { chat, person } = command('sell', '');
  presses += 1;
  await world.receive({
    type: 'press',
    updateId: `press-${presses}`,
    chat,
    person,
    message: { chat, id: shown.id },
    data: button.data,
  });
  await world.bot.outbox.idle();
  return last()?.message;
}
const plainly = { isPlain: true } as const;
const file = (name: string, text: string): SentFile => ({ name, text });

/** What the link that was given last leads to. */
async function request() {
  const link = last()?.message.buttons?.[0];
  const token = link?.type === 'link' ? new URL(link.url).hash.slice(1) : '';
  const stored = await requestByToken(world.context.store.db, token);
  if (stored?.request.type !== 'transactions') throw new Error('no transactions');
  return stored.request;
}

/** The transactions that it asks a wallet to send. */
async function calls() {
  const { sender, calls } = await request();
  return { sender, calls: calls.map(({ what, data }) => [wordsFor(what, english), undescribed(data)]) };
}

/** All that the page of a request says in a language, from its title to what the person reads at the end. */
async function pageIn(language: Language, of: Extract<PaymentRequest, { type: 'transactions' }>) {
  const { bot, context } = world;
  const { token } = await createRequest(context.store.db, command('x', '').person, of, context.now());
  const opened = await bot.requests.open(token, undefined, {}, language);
  if (opened?.state !== 'open') throw new Error('not open');
  const { title, text, facts, worst, action } = opened.view;
  const said = [title, ...text, ...facts.map(({ label }) => label), worst, action];
  const results: StepResult[] = [];
  for (;;) {
    const next = await bot.requests.advance(token, { wallet: of.sender ?? seller, fields: {}, results }, language);
    if (!next.ok) throw new Error(next.message);
    if (next.type === 'done') return { facts, said: [...said, next.message] };
    said.push(next.step.what);
    results.push({ id: next.step.id, value: '0x' });
  }
}

/** Its page in every language. Nothing on it but what a fact says may be as in English. */
async function pages() {
  const of = await request();
  const all = await Promise.all(languages.map(async (language) => [language, await pageIn(language, of)] as const));
  const spoken = all[0]?.[1].said ?? [];
  for (const [language, { said }] of all) {
    expect(said).toHaveLength(spoken.length);
    if (language !== 'en')
      expect([language, said.filter((words, index) => words === spoken[index])]).toEqual([language, []]);
  }
  return Object.fromEntries(all);
}

describe('/sell', () => {
  it('asks step by step, checks each answer, and gives the link to the seller’s own wallet', async () => {
    const steps = [
      await say('sell', ''),
      await say('sell', 'Answer like a pirate. "Arr!"'),
      await say('ask', 'Guide', plainly),
      await say('ask', 'Pirate  Bot', plainly),
      await press('Skip'),
      await say('ask', 'What is TellorFlex?', plainly),
      await say('ask', '1,5', plainly),
      await say('ask', '0.125 LANG', plainly),
    ];
    expect(steps).toMatchSnapshot();
    expect(await press('List it with my wallet')).toMatchObject({ text: expect.stringContaining('List your model') });
    expect(await calls()).toMatchSnapshot();
    expect(await pages()).toMatchSnapshot();
    // The dialogue is over: plain text is a question again.
    await say('ask', 'And now?', plainly);
    expect(await world.context.store.db.selectFrom('asks').select('question').execute()).toEqual([
      { question: 'And now?' },
    ]);
  });

  it('takes a .py workload, refuses one that no host would run, and offers what others take as a price', async () => {
    await say('sell', '', { attachments: [file('wrong.py', 'prompt = "x"\n')] });
    expect(last()?.message.text).toContain('input');
    await say('sell', '', { attachments: [file('terse.py', 'prompt = "Be terse."\ninput = "x"\n')] });
    await say('ask', 'terse', plainly);
    await press('Skip');
    await press('Skip');
    expect(last()?.message.text).toContain('Others in LANG: 1 model');
    await press('0.05 LANG');
    expect(last()?.message.text).toContain('**0\\.05 LANG**');
    await press('Price');
    await press('Free');
    expect(last()?.message.text).toContain('**free**');
  });

  it.each([
    ['#5', /begin with/],
    ['a\u202eb', /invisible/],
    ['ＧＵＩＤＥ', /already/],
    ['gúide', /already/],
    ['x'.repeat(65), /65 bytes/],
    ['say "hi"', /quotation/],
  ])('a name %j is refused in words', async (name, words) => {
    await say('sell', 'Be kind.');
    expect((await say('ask', name, plainly))?.text).toMatch(words);
  });

  it('says in the chat when the chain has it and when a host offers it', async () => {
    await say('sell', 'Be kind.');
    await say('ask', 'kind', plainly);
    for (const label of ['Skip', 'Skip', 'Free', 'List it with my wallet']) await press(label);
    const workload = workloadHash('prompt = "Be kind."\ninput = "…"\n');
    const [listed] = listing(9n, 'kind', { token: lang, royalty: 0n, price: 0n });
    if (listed?.type !== 'ModelListed') throw new Error('unreachable');
    world.mine(place({ ...listed, workload }, 5));
    await world.follow();
    await world.bot.outbox.idle();
    expect(last()?.message.text).toContain('as model #9');
    world.mine(place(offer(9n, otherHost, lang, 1n), 6));
    await world.follow();
    await world.bot.outbox.idle();
    expect(last()?.message.text).toMatchSnapshot();
    expect(world.platform.shown.filter(({ message }) => message.text.includes('kind** can be asked'))).toHaveLength(1);
  });

  it('a reply to an answer stays a question, and so does what another person writes', async () => {
    await say('sell', '');
    await say('ask', 'mine', { ...plainly, person: { platform: 'telegram', id: 'eve', name: 'Eve' } });
    const record = await world.ask('What?');
    await world.bot.outbox.idle();
    const card = world.platform.shown.at(-1);
    world.mine(payment(record, 9));
    world.mine(after(payment(record, 9)).delivered(10));
    await world.follow();
    await world.bot.outbox.idle();
    const { chat } = command('ask', '');
    await say('ask', 'and why?', { ...plainly, repliesTo: { chat, id: card?.id ?? '' } });
    const questions = await world.context.store.db.selectFrom('asks').select('question').orderBy('question').execute();
    expect(questions.map(({ question }) => question)).toEqual(['What?', 'and why?', 'mine'].sort());
  });
});

describe('/mymodels', () => {
  it('is of linked wallets: what each model earned, to change or retire', async () => {
    expect((await say('mymodels', ''))?.text).toContain('/link');
    await linkWallet(world.context.store.db, command('x', '').person, seller, 1);
    const record = await world.ask('--model guide x');
    const asked = payment(record, 9);
    const { delivered, sealed, settled } = after(asked);
    world.mine(asked, delivered(10), sealed(10), settled(11));
    await world.follow();
    expect(await say('mymodels', '')).toMatchSnapshot();
    expect((await press('Change guide'))?.text).toContain('Model #1 as it will be');
    await press('Price');
    await say('ask', '0.07', plainly);
    await press('Change it with my wallet');
    expect(await calls()).toMatchObject({
      sender: seller,
      calls: [['Change model #1', ['update', ['1', expect.objectContaining({ royalty: '70000000000000000' })]]]],
    });
    expect(await pages()).toMatchSnapshot();
    await press('Retire guide');
    expect(await pages()).toMatchSnapshot();
    expect(await calls()).toMatchObject({ sender: seller, calls: [['Retire model #1', ['retire', ['1']]]] });
  });

  it('a forged press for somebody else’s model does nothing', async () => {
    await linkWallet(world.context.store.db, command('x', '').person, otherHost, 1);
    expect((await say('mymodels', ''))?.text).toContain('sell no model');
    await expect(press('Retire guide')).rejects.toThrow('no button');
  });
});

describe('/dispute', () => {
  it('says what it means and costs, until when, and gives the link; on chain since then or too late, it says so', async () => {
    expect((await say('dispute', ''))?.text).toContain('no answer of the oracle');
    const record = await world.ask('What is TellorFlex?');
    const asked = payment(record, 9);
    const { delivered, sealed, settled } = after(asked);
    world.mine(asked, delivered(10), sealed(10));
    await world.follow();
    const said = await say('dispute', '');
    expect(JSON.stringify(said, null, 1).replaceAll(record.token, 'TOKEN')).toMatchSnapshot();
    await press('Dispute for 10 LANG');
    expect(await calls()).toMatchSnapshot();
    expect(await pages()).toMatchSnapshot();
    world.market.disputed = true;
    expect((await say('dispute', ''))?.text).toContain('disputed already');
    world.market.down = true;
    expect((await say('dispute', ''))?.text).toContain('can’t be read');
    world.market.down = false;
    world.mine(settled(20));
    await world.follow();
    expect((await say('dispute', ''))?.text).toContain('is final');
  });
});
