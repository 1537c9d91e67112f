import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectOnce, type Fault, faultsAt, hows, type Lives, type Outcome, startLives } from '../host/faults.ts';

/** One for each kind of fault, all at once: most of a life is waiting for blocks. */
let stands: ReadonlyMap<Fault['how'], Lives>;
let calm: Outcome[];
beforeAll(async () => {
  stands = new Map(await Promise.all(hows.map(async (how) => [how, await startLives()] as const)));
  calm = await Promise.all([...stands.values()].map((lives) => lives.live()));
}, 120_000);
afterAll(() => Promise.all([...(stands?.values() ?? [])].map((lives) => lives.stop())));

async function live(fault: Fault): Promise<Outcome> {
  const outcome = await stands.get(fault.how)?.live(fault);
  if (outcome === undefined) throw new Error(`No stand for ${fault.how}.`);
  expectOnce(outcome, fault);
  return outcome;
}

/** Steps of this kind come at other places in each life, and not in each. */
const tries = 5;

test.each(['request', 'write'] as const)(
  'struck at every %s: one answer, one report, one claim, and no second model call for a known answer',
  async (of) => {
    const struck = new Map<Fault['how'], Set<string>>();
    const met = new Set<string>();
    const liveAndNote = async (fault: Fault): Promise<boolean> => {
      const outcome = await live(fault);
      const kinds = struck.get(fault.how) ?? new Set();
      struck.set(fault.how, kinds);
      for (const kind of outcome.struck) kinds.add(kind);
      for (const kind of outcome.met[of]) met.add(kind);
      return outcome.struck.length > 0;
    };

    let nth = 1;
    // The end is where two steps in a row were there for no fault.
    for (let missed = 0; missed < 2; nth++)
      missed = (await Promise.all(faultsAt(of, nth).map(liveAndNote))).includes(true) ? 0 : missed + 1;
    expect(nth).toBeGreaterThan(Math.min(...calm.map(({ steps }) => steps[of])) / 2);

    await Promise.all(
      faultsAt(of, 1).map(async (fault) => {
        for (const kind of met)
          for (let left = tries; left > 0 && !struck.get(fault.how)?.has(kind); left--)
            await liveAndNote({ ...fault, kind });
      }),
    );
    const always = [...met].filter((kind) => calm.every((outcome) => outcome.met[of].has(kind)));
    for (const [how, kinds] of struck) expect([...kinds], how).toEqual(expect.arrayContaining(always));
  },
);
