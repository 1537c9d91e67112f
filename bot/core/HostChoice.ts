import type { HostRecord } from '../store/hostLog.ts';
import type { CatalogOffer } from './Market.ts';

/** An offer with what is known of its host. `seconds` of the record: for this very model where it answered any, else for any. */
export type JudgedOffer = CatalogOffer & { record: HostRecord };

/** How an ask's host was found, as it was then. */
export type HostChoice = {
  /** Offers that took an input this long. */
  offers: number;
  /** Cheaper ones that were passed over for what their hosts did before. */
  cheaper: number;
  /** Better ones that the chain no longer granted. */
  refused: number;
};

/** A host that nothing is known of counts as one that kept 8 of 10. */
const prior = { kept: 8, asked: 10 };

/** An answer that was voted wrong is worse than none: it counts as so many that were missed. */
const lostDisputeWeight = 10;

/**
 * Best first: hosts that keep fewer than half of what they take, or usually need longer than an asker waits, come last; among the others
 * the lowest price for each answer that can be expected, which is the whole price divided by the share of its asks that a host kept.
 * Of equal ones the more reliable, the cheaper, the quicker one, and the one that lets others take over sooner. Pure: the same offers in
 * any order come out in the same order.
 * @param of.royalty what the model's seller gets besides, smallest units of the offers' token
 * @param of.answerSeconds how long an asker waits
 */
export function rankOffers(
  offers: readonly JudgedOffer[],
  { royalty, answerSeconds }: { royalty: bigint; answerSeconds: number },
): JudgedOffer[] {
  const judged = offers.map((offer) => {
    const { kept, asked } = reliability(offer.record);
    const isDoubtful = 2 * kept < asked || (offer.record.seconds ?? 0) > answerSeconds;
    return { offer, kept: BigInt(kept), asked: BigInt(asked), isDoubtful, price: royalty + offer.price };
  });
  return judged
    .sort(
      (a, b) =>
        Number(a.isDoubtful) - Number(b.isDoubtful) ||
        // Fractions compared crosswise: exact at any amount.
        compare(a.price * a.asked * b.kept, b.price * b.asked * a.kept) ||
        compare(b.kept * a.asked, a.kept * b.asked) ||
        compare(a.price, b.price) ||
        (a.offer.record.seconds ?? Infinity) - (b.offer.record.seconds ?? Infinity) ||
        a.offer.exclusiveSeconds - b.offer.exclusiveSeconds ||
        compare(a.offer.host, b.offer.host),
    )
    .map(({ offer }) => offer);
}

/** The share `kept / asked` of its asks that a host can be expected to answer well. Both above 0. */
function reliability({ answered, missed, unfinished, disputesLost }: HostRecord): { kept: number; asked: number } {
  return {
    kept: prior.kept + Math.max(0, answered - unfinished - disputesLost),
    asked: prior.asked + Math.max(answered, unfinished + disputesLost) + missed + lostDisputeWeight * disputesLost,
  };
}

function compare<Value extends bigint | string>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
