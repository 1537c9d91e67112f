import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type JudgedOffer, rankOffers } from '../../../bot/core/HostChoice.ts';
import { address } from '../../../contracts/client/Hex.ts';

const terms = { royalty: 3n, answerSeconds: 600 };

const record = fc
  .record({
    answered: fc.nat(200),
    missed: fc.nat(200),
    unfinished: fc.nat(20),
    disputesLost: fc.nat(20),
    seconds: fc.option(fc.nat(1_000), { nil: undefined }),
  })
  .map(({ seconds, ...counts }) => ({ ...counts, ...(seconds !== undefined && { seconds }) }));

const offers: fc.Arbitrary<JudgedOffer[]> = fc
  .array(fc.record({ price: fc.bigInt(0n, 10n ** 30n), exclusiveSeconds: fc.integer({ min: 1, max: 600 }), record }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((list) =>
    list.map((offer, index) => ({
      ...offer,
      maxInputBytes: 8_000,
      host: address(`0x${(index + 1).toString(16).padStart(40, '0')}`),
    })),
  );

const best = (list: readonly JudgedOffer[], of = terms) => rankOffers(list, of)[0];

it('ranks the same offers the same, in whatever order they come, and loses none', () => {
  fc.assert(
    fc.property(offers, fc.infiniteStream(fc.nat()), (list, keys) => {
      const shuffled = list
        .map((offer) => ({ offer, key: Number(keys.next().value) }))
        .sort((a, b) => a.key - b.key)
        .map(({ offer }) => offer);
      const ranked = rankOffers(list, terms);
      expect(rankOffers(shuffled, terms)).toEqual(ranked);
      expect(new Set(ranked)).toEqual(new Set(list));
    }),
  );
});

it('prefers a cheaper host whose record is the same', () => {
  fc.assert(
    fc.property(offers, record, (list, same) => {
      const prices = list.map((offer) => ({ ...offer, record: same }));
      const least = prices.reduce((low, { price }) => (price < low ? price : low), prices[0]?.price ?? 0n);
      expect(best(prices)?.price).toBe(least);
    }),
  );
});

it('prefers the better record at the same price, free or not', () => {
  fc.assert(
    fc.property(offers, fc.bigInt(0n, 10n ** 30n), fc.bigInt(0n, 10n), (list, price, royalty) => {
      const good = {
        ...list[0],
        host: address(`0x${'f'.repeat(40)}`),
        price,
        maxInputBytes: 8_000,
        exclusiveSeconds: 600,
        record: { answered: 200, missed: 0, unfinished: 0, disputesLost: 0, seconds: 30 },
      };
      const bad = list.map((offer) => ({
        ...offer,
        price,
        record: { ...offer.record, missed: offer.record.missed + 1 },
      }));
      expect(best([...bad, good], { ...terms, royalty })).toBe(good);
    }),
  );
});

it('never gets a host further by losing disputes, leaving answers unfinished or missing asks', () => {
  fc.assert(
    fc.property(
      offers,
      fc.constantFrom('missed' as const, 'unfinished' as const, 'disputesLost' as const),
      fc.integer({ min: 1, max: 50 }),
      (list, fault, more) => {
        const place = (all: readonly JudgedOffer[]) =>
          rankOffers(all, terms).findIndex(({ host }) => host === list[0]?.host);
        const worse = list.map((offer, index) =>
          index === 0 ? { ...offer, record: { ...offer.record, [fault]: offer.record[fault] + more } } : offer,
        );
        expect(place(worse)).toBeGreaterThanOrEqual(place(list));
      },
    ),
  );
});

it('takes a host that usually needs longer than the asker waits only when no other is left', () => {
  const [quick, slow] = [60, 601].map((seconds, index) => ({
    host: address(`0x${String(index + 1).repeat(40)}`),
    price: index === 0 ? 1_000n : 0n,
    maxInputBytes: 8_000,
    exclusiveSeconds: 60,
    record: { answered: 100, missed: 0, unfinished: 0, disputesLost: 0, seconds },
  }));
  if (!quick || !slow) throw new Error('unreachable');
  expect(best([slow, quick])).toBe(quick);
  expect(best([slow, quick], { ...terms, answerSeconds: 601 })).toBe(slow);
  expect(best([slow])).toBe(slow);
});
