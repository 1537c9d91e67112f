import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AskRecord } from '../../../bot/core/AskRecord.ts';
import { DeliveryError } from '../../../bot/core/types.ts';
import { after, genesis, otherWallet, payment, word } from './chainEvents.ts';
import { FakePlatform } from './FakePlatform.ts';
import { command, createWorld, undescribed, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld({ platform: new FakePlatform({ limit: 4_000 }) });
});
afterEach(() => world.end());

async function settle(): Promise<void> {
  await world.follow();
  await world.bot.outbox.idle();
}

/** The card as it is shown, without what differs between runs. */
function card(record: AskRecord, at = 0): string {
  const message = world.platform.shown[at]?.message;
  const parts = [
    message?.text,
    message?.answer && `[answer] ${message.answer}`,
    message?.footer,
    ...(message?.buttons ?? []).map(({ label }) => `[${label}]`),
  ];
  return parts.filter(Boolean).join('\n\n').replaceAll(record.token, 'TOKEN');
}

async function paid(text = 'What is TellorFlex?', block = 5) {
  const record = await world.ask(text);
  await world.bot.outbox.idle();
  const asked = payment(record, block);
  world.mine(asked);
  await settle();
  return { record, next: after(asked), asked };
}

function pass(seconds: number): void {
  world.chain.push({
    type: 'forward',
    from: seconds,
    to: seconds,
    timestamp: genesis + seconds,
    events: [],
    cursor: world.chain.length,
  });
}

describe('the card', () => {
  it('shows each step until it is final, in one message', async () => {
    const { record, next } = await paid();
    const states = [card(record)];
    for (const events of [[next.delivered(7)], [next.sealed(8)], [next.settled(50_000)]]) {
      world.mine(...events);
      await settle();
      states.push(card(record));
    }
    expect(states.join('\n\n=====\n\n')).toMatchSnapshot();
    expect(world.platform.shown).toHaveLength(1);
  });

  it('shows a decline, a take-over and the answer of the other host', async () => {
    const { record, next } = await paid('--model gratis x');
    const states: string[] = [];
    world.mine(next.declined(6));
    await settle();
    states.push(card(record));
    world.mine(next.takenOver(7));
    await settle();
    states.push(card(record));
    expect(states.join('\n\n=====\n\n')).toMatchSnapshot();
  });

  it('shows why the money came back', async () => {
    const { record, next } = await paid();
    world.mine(next.declined(6, 'The **provider** is busy <b>'));
    await settle();
    expect(card(record)).toMatchSnapshot();
    await expect.poll(() => world.sent.length).toBe(1);
    expect(undescribed(world.sent[0]?.data ?? '0x')).toMatchObject(['refund', [{ answerHash: `0x${'0'.repeat(64)}` }]]);
    world.mine(next.refunded(8, 'declined'));
    await settle();
    expect(card(record)).toMatchSnapshot();
  });

  it('is overdue by the chain’s clock, and refunded unprompted', async () => {
    const { record, next } = await paid();
    pass(605);
    await settle();
    expect(world.sent).toEqual([]);
    pass(606);
    await settle();
    expect(card(record)).toMatchSnapshot();
    await expect.poll(() => world.sent.length).toBe(1);
    world.mine(next.refunded(610));
    await settle();
    expect(card(record)).toMatchSnapshot();
    expect(world.sent).toHaveLength(1);
  });

  it('tells a report that never came from an answer, and an answer that lost its dispute', async () => {
    const { record, next, asked } = await paid();
    world.mine(next.delivered(7));
    pass(900);
    await settle();
    expect(card(record)).toMatchSnapshot();
    world.mine(next.refunded(901, 'notReported'));
    await settle();
    expect(card(record)).toMatchSnapshot();
    world.undo(6);
    world.mine(after(asked).delivered(902), after(asked).sealed(902));
    world.mine(after(asked).refunded(200_000, 'disputeLost'));
    await settle();
    expect(card(record)).toMatchSnapshot();
  });

  it('is refunded when its dispute was lost, which no event of the market tells', async () => {
    const { next } = await paid();
    world.mine(next.delivered(7), next.sealed(7));
    pass(43_000 + 8_000);
    await settle();
    await world.restart();
    expect(world.sent).toEqual([]);
    await world.restart(() => {
      world.market.refundable = true;
    });
    await expect.poll(() => world.sent.length).toBe(1);
  });

  it('goes back when a reorganisation undoes what it showed', async () => {
    const { record, next } = await paid();
    world.mine(next.delivered(7), next.sealed(7));
    await settle();
    world.undo(6);
    await settle();
    expect(card(record)).toContain('With host');
    expect(world.platform.shown[0]?.message.answer).toBeUndefined();
    world.undo(4);
    await settle();
    expect(card(record)).toContain('Waiting for payment');
    expect((await world.record(record.token)).queryId).toBeUndefined();
  });

  it('says when the pay link has run out, and still takes a late payment', async () => {
    const record = await world.ask('x');
    world.clock.now += 1_801;
    await world.restart();
    await expect.poll(() => card(record)).toContain('Nobody paid in time');
    world.mine(payment(record, 9));
    await settle();
    expect(card(record)).toContain('With host');
  });
});

describe('a conversation', () => {
  const chat = { platform: 'telegram', id: 'group' } as const;
  const answered = async (text: string, block: number, repliesTo?: string) => {
    const record = await world.ask(text, { ...(repliesTo && { repliesTo: { chat, id: repliesTo } }) });
    const asked = payment(record, block);
    world.mine(asked, after(asked).delivered(block + 1), after(asked).sealed(block + 1));
    await settle();
    world.clock.now += 61;
    return world.record(record.token);
  };

  it('goes on from the answer that was replied to, with its model, and says how much of it the model takes', async () => {
    const first = await answered('one', 10);
    const second = await answered('two', 20, '1');
    expect(second).toMatchObject({ parent: first.queryId, note: 'Continues the conversation with its earlier turn.' });
    const third = await answered('three', 30, '2');
    expect(third).toMatchObject({
      parent: second.queryId,
      note: 'Continues the conversation with its 2 earlier turns.',
    });
    const fourth = await answered('four', 40, '3');
    expect(fourth.note).toBe(
      'Continues the conversation; this model takes the last 2 turns of its 3, the earlier ones are dropped.',
    );
    const branch = await answered('two again', 50, '1');
    expect(branch.parent).toBe(first.queryId);
    const other = await answered('--model gratis else', 60, '1');
    expect(other).toMatchObject({ parent: word(0), model: { id: 2n } });
    expect(other.note).toContain('sees this question alone');
    const fresh = await answered('a reply to something else', 70, 'question-1');
    expect(fresh.parent).toBe(word(0));
  });

  it('can’t go on from a question without an answer', async () => {
    await world.ask('one');
    await world.bot.outbox.idle();
    await world.receive(command('ask', 'two', { repliesTo: { chat, id: '1' } }));
    await world.bot.outbox.idle();
    expect(world.platform.shown[1]?.message.text).toBe(
      'That question has no answer that stands. Reply to an answer, or ask anew with `/ask`.',
    );
  });
});

describe('/why and /history', () => {
  it('show every step of the last question, and the last questions', async () => {
    const say = async (name: string) => {
      await world.receive(command(name, ''));
      await world.bot.outbox.idle();
      return world.platform.shown.at(-1);
    };
    expect((await say('why'))?.message.text).toContain('nothing yet');
    expect((await say('history'))?.message.text).toContain('nothing yet');
    const { next } = await paid('x'.repeat(100));
    world.mine(next.declined(6), next.takenOver(7), next.delivered(8), next.sealed(8), next.settled(50_000));
    await settle();
    world.clock.now += 1;
    await world.ask('--model gratis b');
    const history = await say('history');
    expect(history?.onlyFor).toBe('ada');
    expect(history?.message.text).toMatchSnapshot();
    await world.bot.outbox.idle();
    world.clock.now += 1;
    const { record } = await paid('second', 60_000);
    expect(
      (await say('why'))?.message.text.replaceAll(record.queryId ?? '?', 'ID').replace(/queryId: .*/, ''),
    ).toMatchSnapshot();
  });
});

describe('a result that comes late', () => {
  it('has a message of its own that answers the card', async () => {
    const { record, next } = await paid();
    world.clock.now += 91;
    world.mine(next.delivered(96), next.sealed(96));
    await settle();
    expect(world.platform.shown).toHaveLength(2);
    expect(world.platform.shown[1]?.replyTo).toBe(world.platform.shown[0]?.id);
    expect(`${card(record)}\n\n=====\n\n${card(record, 1)}`).toMatchSnapshot();
    world.mine(next.settled(50_000));
    await settle();
    expect(world.platform.shown).toHaveLength(2);
    expect(card(record, 1)).toContain('final ✓');
    world.undo(10);
    await settle();
    expect(card(record, 1)).toContain('took this answer back');
  });
});

describe('payments', () => {
  it('takes a second one by another wallet on as an ask of its own', async () => {
    const { record, next } = await paid();
    const second = payment(record, 6, otherWallet);
    world.mine(second);
    world.mine(next.delivered(7), next.sealed(7));
    world.mine(after(second).delivered(8, 'Second answer'), after(second).sealed(8));
    await settle();
    expect(world.platform.shown).toHaveLength(2);
    expect(card(record, 1)).toContain('(paid a second time)');
    expect(world.platform.shown.map(({ message }) => message.answer)).toEqual(['An **oracle**.', 'Second answer']);
  });

  it('shows what was taken when that is less than what was quoted', async () => {
    const record = await world.ask('x');
    world.mine(payment({ ...record, price: { ...record.price, hostPrice: 0n } }, 5));
    await settle();
    expect(card(record)).toContain('Paid 0\\.05 LANG');
    expect(await world.bot.desk.view(record.token)).toMatchObject({ price: { amount: record.price.royalty } });
    world.undo(4);
    await settle();
    expect(card(record)).toContain('Price: **0\\.25 LANG**');
  });

  it('ignores what uses its salt for something else or pays more than was shown', async () => {
    const record = await world.ask('x');
    world.mine(
      payment({ ...record, question: 'y' }, 4),
      {
        ...payment({ ...record, model: { id: 2n, name: '' } }, 4),
        location: { ...payment(record, 4).location, logIndex: 1 },
      },
      {
        ...payment({ ...record, price: { ...record.price, royalty: record.price.royalty + 1n } }, 4, otherWallet),
        location: { ...payment(record, 4).location, logIndex: 2 },
      },
    );
    await settle();
    expect((await world.record(record.token)).status.state).toBe('awaiting');
    expect(
      await world.context.store.db.selectFrom('events').select('body').where('query_id', 'is not', null).execute(),
    ).toEqual([]);
  });

  it('lets a stranger fill no chat', async () => {
    const { record } = await paid('--model gratis x');
    for (let n = 1; n <= 9; n++) world.mine(payment(record, 10 + n, `0x${String(n).repeat(40)}`));
    await settle();
    expect(world.platform.shown).toHaveLength(4);
  });
});

describe('a platform in trouble', () => {
  it('gets the newest state when it is back, not every step', async () => {
    const { record, next } = await paid();
    let left = 3;
    const tick = world.platform.around;
    world.platform.around = (moment, kind) => {
      if (moment === 'before' && left-- > 0) throw new DeliveryError('later', 'flood control');
      tick(moment, kind);
    };
    world.mine(next.delivered(7));
    world.mine(next.sealed(8));
    await settle();
    expect(card(record)).toContain('final after');
    expect(world.platform.shown[0]?.edits).toBeLessThanOrEqual(2);
  });

  it('sends a result anew when its card was deleted, and no mere progress', async () => {
    const { next } = await paid();
    world.platform.remove('1');
    world.mine(next.delivered(7));
    await settle();
    expect(world.platform.shown).toHaveLength(1);
    expect(world.platform.shown[0]?.replyTo).toMatch(/^question-/);
    world.platform.shown.length = 0;
    const other = await paid('again', 8);
    world.platform.shown.length = 0;
    world.mine(other.next.declined(9));
    await settle();
    expect(world.platform.shown).toEqual([]);
    world.mine(other.next.takenOver(10));
    world.mine(other.next.delivered(11));
    await settle();
    expect(world.platform.shown).toHaveLength(1);
  });

  it('keeps for the history what can’t be sent, and the others go on', async () => {
    const tick = world.platform.around;
    world.platform.around = (moment, kind) => {
      if (moment === 'before') throw new DeliveryError('gone', 'kicked');
      tick(moment, kind);
    };
    const lost = await world.ask('lost');
    await world.bot.outbox.idle();
    world.platform.around = tick;
    await paid('found');
    expect(world.platform.shown).toHaveLength(1);
    const asked = payment(lost, 9);
    world.mine(asked);
    await settle();
    expect(world.platform.shown).toHaveLength(1);
    world.mine(after(asked).delivered(11));
    await settle();
    expect(world.platform.shown[1]?.message.answer).toBe('An **oracle**.');
  });
});
