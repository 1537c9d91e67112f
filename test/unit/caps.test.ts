import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cap, capOf, daySeconds, leftOf, mayPay, type Use } from '../../bot/core/purse/Caps.ts';

const everybody = { subject: { type: 'everybody' }, cap: { perDay: 1n, perAsk: 1n } } as const;
const role = (id: string, perDay: bigint) =>
  ({ subject: { type: 'role', id }, cap: { perDay, perAsk: perDay } }) as const;
const member = (id: string, perDay: bigint) =>
  ({ subject: { type: 'member', id }, cap: { perDay, perAsk: perDay } }) as const;

describe('which cap holds', () => {
  const caps = [everybody, role('helper', 3n), role('team', 5n), member('ada', 2n), member('mallory', 0n)];
  it.each([
    ['one’s own, even below the roles’', 'ada', ['team'], 2n],
    ['the highest of one’s roles’', 'bob', ['helper', 'team'], 5n],
    ['only of roles that one has', 'bob', ['other'], 1n],
    ['everybody’s', 'bob', [], 1n],
    ['one’s own of 0: none', 'mallory', ['team'], undefined],
  ])('%s', (_, id, roles, perDay) => {
    expect(capOf(caps, { id, roles })?.perDay).toBe(perDay);
  });
  it('none without any', () => {
    expect(capOf([], { id: 'ada', roles: [] })).toBeUndefined();
  });
});

describe('when a member may ask again', () => {
  const cap: Cap = { perDay: 5n, perAsk: 3n };
  const funds = { balance: 100n, left: 100n, periodEndsAt: 0, perAsk: 100n, inFlight: 0n };
  const uses: Use[] = [
    { amount: 3n, at: 1_000 },
    { amount: 2n, at: 2_000 },
  ];
  it('as soon as enough is a day old', () => {
    expect(mayPay(3n, cap, uses, funds, 3_000)).toMatchObject({
      reason: 'overDay',
      left: 0n,
      until: 1_000 + daySeconds,
    });
    expect(mayPay(3n, cap, uses, funds, 999 + daySeconds)).toMatchObject({ ok: false });
    expect(mayPay(3n, cap, uses, funds, 1_000 + daySeconds)).toEqual({ ok: true });
  });
});

type Step = {
  member: number;
  amount: bigint;
  wait: number;
  type: 'ask' | 'refund' | 'topup' | 'mine' | 'lose' | 'lower';
};
const steps = fc.array(
  fc.record<Step>({
    member: fc.nat(2),
    amount: fc.bigInt(1n, 4n),
    wait: fc.nat(30_000),
    type: fc.constantFrom('ask', 'ask', 'ask', 'refund', 'topup', 'mine', 'lose', 'lower'),
  }),
  { maxLength: 60 },
);

describe('whatever is asked, returned, lost and mined, in whatever order', () => {
  it('no member passes his cap in any 24 hours, and no ask is sent that the purse can’t pay', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const caps: Cap[] = [
          { perDay: 5n, perAsk: 4n },
          { perDay: 3n, perAsk: 3n },
          { perDay: 0n, perAsk: 0n },
        ];
        // What the chain knows, and what the bot has written down; a crash loses neither.
        let balance = 6n;
        let now = 0;
        const asks: { member: number; amount: bigint; at: number; state: 'sent' | 'mined' | 'back' }[] = [];
        for (const { member, amount, wait, type } of sequence) {
          now += wait;
          const open = asks.filter(({ state }) => state === 'sent');
          const first = asks.find((one) => one.member === member && one.state === 'mined');
          if (type === 'topup') balance += amount;
          else if (type === 'lower') caps[1] = { perDay: 2n, perAsk: 2n };
          else if (type === 'lose' && open[0]) open[0].state = 'back';
          else if (type === 'refund' && first) {
            first.state = 'back';
            balance += first.amount;
          } else if (type === 'mine') {
            for (const one of open) {
              one.state = 'mined';
              balance -= one.amount;
            }
          } else if (type === 'ask') {
            const cap = caps[member] ?? { perDay: 0n, perAsk: 0n };
            const uses = asks.filter((one) => one.member === member && one.state !== 'back');
            const inFlight = open.reduce((sum, one) => sum + one.amount, 0n);
            const funds = { balance, left: 10n ** 9n, periodEndsAt: 0, perAsk: 10n ** 9n, inFlight };
            const before = leftOf(cap, uses, now);
            const verdict = mayPay(amount, cap, uses, funds, now);
            if (verdict.ok) {
              asks.push({ member, amount, at: now, state: 'sent' });
              expect(amount <= before && amount <= cap.perAsk).toBe(true);
            } else expect(amount > before || amount > cap.perAsk || amount > balance - inFlight).toBe(true);
          }
          expect(balance >= 0n).toBe(true);
          for (const [index, limit] of [5n, 3n, 0n].entries()) {
            const recent = asks.filter(
              (one) => one.member === index && one.state !== 'back' && one.at > now - daySeconds,
            );
            expect(recent.reduce((sum, one) => sum + one.amount, 0n) <= limit).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
