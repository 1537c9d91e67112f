import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { life } from '../../../bot/core/Life.ts';
import { after, genesis, host, otherHost, payment, word } from './chainEvents.ts';

const terms = {
  workload: word(501),
  question: 'What is TellorFlex?',
  parent: word(0),
  userSalt: word(9),
  model: { id: 1n, name: 'guide' },
  soleHost: false,
  price: { amount: 3n, token: host, symbol: 'LANG', decimals: 18, royalty: 1n, hostPrice: 2n },
};
const asked = payment(terms, 10);
const then = after(asked);
const now = genesis + 20;

describe('life', () => {
  it('is nothing before the payment', () => {
    expect(life([], now)).toBeUndefined();
    expect(life([then.delivered(11)], now)).toBeUndefined();
  });

  it('goes from paid to final', () => {
    const events = [asked, then.delivered(12), then.sealed(12), then.settled(90)];
    const states = events.map((_, index) => life(events.slice(0, index + 1), now)?.status.state);
    expect(states).toEqual(['paid', 'delivered', 'reported', 'final']);
    expect(life(events.slice(0, 3), now)?.status).toMatchObject({ finalAt: genesis + 12 + 43_200, host });
  });

  it('goes on with the host that took over after a decline', () => {
    const declined = life([asked, then.declined(11)], now);
    expect(declined?.status).toMatchObject({ state: 'declined', reason: 'The model is busy.', soleHost: false });
    const taken = life([asked, then.declined(11), then.takenOver(13)], now);
    expect(taken?.status).toMatchObject({ state: 'paid', host: otherHost, takenOver: { block: 13 } });
    expect(taken?.ask.host).toBe(otherHost);
  });

  it('says that the money is due back by the chain’s clock alone', () => {
    const due = (events: Parameters<typeof life>[0], clock: number) => {
      const status = life(events, clock)?.status;
      return status && 'refundDue' in status ? status.refundDue : undefined;
    };
    expect(due([asked], genesis + 610)).toBeUndefined();
    expect(due([asked], genesis + 611)).toBe('overdue');
    expect(due([asked, then.declined(11)], genesis + 12)).toBeUndefined();
    expect(due([asked, then.declined(11)], genesis + 611)).toBe('overdue');
    const sole = payment({ ...terms, soleHost: true }, 10);
    expect(due([sole, after(sole).declined(11)], genesis + 11)).toBe('declined');
    expect(due([asked, then.delivered(11)], genesis + 611)).toBeUndefined();
    expect(due([asked, then.delivered(11)], genesis + 612)).toBe('notReported');
  });

  it('keeps the last host’s reason and the answer in a refund', () => {
    expect(life([asked, then.declined(11), then.refunded(12, 'declined')], now)?.status).toMatchObject({
      state: 'refunded',
      declineReason: 'The model is busy.',
      reason: 'The host could not answer. The model is busy.',
      code: 'declined',
      amount: 3n,
    });
    const disputed = life([asked, then.delivered(11), then.sealed(11), then.refunded(99, 'disputeLost')], now);
    expect(disputed?.status).toMatchObject({ state: 'refunded', code: 'disputeLost', answer: 'An **oracle**.' });
    expect(disputed?.dueAt).toBeUndefined();
  });

  it('does not depend on the order in which events arrive', () => {
    const whole = [asked, then.declined(11), then.takenOver(12), then.delivered(14), then.sealed(14), then.settled(99)];
    fc.assert(
      fc.property(
        fc
          .integer({ min: 0, max: whole.length })
          .chain((length) =>
            fc.tuple(fc.constant(length), fc.shuffledSubarray(whole.slice(0, length), { minLength: length })),
          ),
        fc.integer({ min: genesis, max: genesis + 100_000 }),
        ([length, shuffled], clock) => {
          expect(life(shuffled, clock)).toEqual(life(whole.slice(0, length), clock));
        },
      ),
    );
  });
});
