import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HostRecord, hostRecord } from '../../../bot/store/hostLog.ts';
import { earningsOf } from '../../../bot/store/marketLog.ts';
import { migrations } from '../../../bot/store/migrations.ts';
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

const record = (changed: Partial<HostRecord>): HostRecord => ({
  answered: 0,
  missed: 0,
  unfinished: 0,
  disputesLost: 0,
  ...changed,
});

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
    host: record({ answered: 3, missed: 1, disputesLost: 1, seconds: 5 }),
    // From the take-over on: before that it was not this host's.
    other: record({ answered: 1, seconds: 2 }),
    second: record({ answered: 1, seconds: 9 }),
    earned: [
      { model: 1n, token: lang, asks: 2, royalties: 2n },
      { model: 2n, token: lang, asks: 1, royalties: 1n },
    ],
  });
  world.mine(unanswered.asked, unanswered.takenOver(42), unanswered.refunded(43));
  await world.follow();
  expect(await records()).toEqual({
    ...before,
    host: record({ answered: 3, missed: 2, disputesLost: 1, seconds: 5 }),
    other: record({ answered: 1, missed: 1, seconds: 2 }),
  });
  world.undo(29);
  await world.follow();
  expect(await records()).toEqual({
    ...before,
    host: record({ answered: 3, disputesLost: 1, seconds: 5 }),
    other: record({}),
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

test('what an older bot kept of the market becomes the same record', async () => {
  const { db } = world.context.store;
  const all = () => db.selectFrom('host_log').selectAll().orderBy('block').orderBy('log_index').execute();
  for (const [at, reason] of [
    [100, 'declined'],
    [200, 'overdue'],
    [300, 'notReported'],
    [400, 'disputeLost'],
  ] as const) {
    const ask = foreignAsk(at);
    const taken = foreignAsk(at + 20);
    world.mine(ask.asked, ask.delivered(at + 3), ask.refunded(at + 4, reason));
    world.mine(
      taken.asked,
      taken.takenOver(at + 30),
      by(otherHost, taken.delivered(at + 33)),
      taken.refunded(at + 34, reason),
    );
  }
  await world.follow();
  const kept = await all();
  expect(kept).toHaveLength(20);
  await db.deleteFrom('host_log').execute();
  const insert = /insert into host_log.*?;/s.exec(migrations.join('\n'))?.[0] ?? '';
  await sql.raw(insert).execute(db);
  expect(await all()).toEqual(kept);
});
