import { afterEach, beforeEach, expect, test } from 'vitest';
import { earningsOf, hostRecord } from '../../../bot/store/marketLog.ts';
import { hex, zeroHash } from '../../../contracts/client/Hex.ts';
import { after, host, lang, otherHost, payment, seller } from '../core/chainEvents.ts';
import { createWorld, type World } from '../core/world.ts';

let world: World;
let salts = 0;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.end());

/** An ask that came through another bot: this one has no card of it. */
function foreignAsk(block: number, model = 1n) {
  salts += 1;
  const price = { amount: 3n, token: lang, symbol: 'LANG', decimals: 18, royalty: 1n, hostPrice: 2n };
  const userSalt = hex(`0x${salts.toString(16).padStart(64, '0')}`);
  const asked = payment(
    {
      workload: zeroHash,
      question: 'x',
      parent: zeroHash,
      userSalt,
      model: { id: model, name: 'm' },
      price,
      soleHost: false,
    },
    block,
  );
  return { asked, ...after(asked) };
}

/** The same event, of another host. */
const by = <Event extends { type: string }>(name: typeof host, event: Event): Event =>
  'host' in event ? { ...event, host: name } : event;

const records = async () => {
  const { db } = world.context.store;
  return {
    host: await hostRecord(db, host),
    other: await hostRecord(db, otherHost),
    second: await hostRecord(db, host, 2n),
    earned: await earningsOf(db, seller),
  };
};

test('hosts and sellers are known by every ask of the market, and a reorganisation takes back what it undid', async () => {
  const [quick, slow, lost, taken, unanswered] = [3, 10, 20, 30, 40].map((block) =>
    foreignAsk(block, block === 10 ? 2n : 1n),
  );
  if (!quick || !slow || !lost || !taken || !unanswered) throw new Error('unreachable');
  world.mine(quick.asked, quick.delivered(5), quick.sealed(5), quick.settled(6));
  world.mine(slow.asked, slow.delivered(19), slow.settled(21));
  world.mine(lost.asked, lost.delivered(25), lost.refunded(26, 'disputeLost'));
  world.mine(taken.asked, taken.takenOver(32), by(otherHost, taken.delivered(34)), taken.settled(35));
  await world.follow();
  const before = await records();
  expect(before).toEqual({
    host: { answered: 3, failed: 1, seconds: 5 },
    other: { answered: 1, failed: 0, seconds: 4 },
    second: { answered: 1, failed: 0, seconds: 9 },
    earned: [
      { model: 1n, token: lang, asks: 2, royalties: 2n },
      { model: 2n, token: lang, asks: 1, royalties: 1n },
    ],
  });
  world.mine(unanswered.asked, unanswered.takenOver(42), unanswered.refunded(43));
  await world.follow();
  expect(await records()).toEqual({ ...before, other: { answered: 1, failed: 1, seconds: 4 } });
  world.undo(29);
  await world.follow();
  expect(await records()).toEqual({
    ...before,
    other: { answered: 0, failed: 0 },
    earned: [
      { model: 1n, token: lang, asks: 1, royalties: 1n },
      { model: 2n, token: lang, asks: 1, royalties: 1n },
    ],
  });
  // The same update again changes nothing.
  world.mine(quick.asked, quick.delivered(5), quick.settled(6));
  await world.follow();
  expect((await records()).host.answered).toBe(3);
});
