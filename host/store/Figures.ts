import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { z } from 'zod';
import { type Address, addressSchema } from '../../contracts/client/Hex.ts';

/** What one model earned on one UTC day in one token. `amount`: the host's price without the royalty, smallest units. */
export type Earning = { day: string; model: string; token: Address; asks: number; amount: bigint };
/** Prices of answers that are not paid yet. */
export type Expected = { token: Address; asks: number; amount: bigint };
/** How many asks were delivered within `le` seconds and not within the bound before it; `Infinity` ends the list. */
export type Bucket = { le: number; asks: number };

export type Figures = {
  asks: readonly { model: string; state: string; asks: number }[];
  /** Settled asks, by the day of settlement, oldest first. */
  earned: readonly Earning[];
  /** Delivered or reported, and neither settled nor refunded. */
  expected: readonly Expected[];
  /** From the block of the ask to that of the delivery: what the asker waited. */
  waited: { buckets: readonly Bucket[]; median: number | undefined; p95: number | undefined };
  /** Reports that can still be disputed. */
  reportsAtRisk: number;
  disputes: readonly { state: string; disputes: number }[];
  /** What the operator was told of, of all time. */
  alerts: readonly { kind: string; alerts: number }[];
  /** Why asks were given up, most frequent first; of the seven days before `now`. */
  givenUp: readonly { reason: string; asks: number }[];
  /** Names of listed models by id; written by their sellers, so not to be trusted. */
  models: ReadonlyMap<string, string>;
};

/** Upper bounds of the times to answer, seconds. */
const bounds = [1, 2, 5, 10, 20, 30, 60, 120, 300, Number.POSITIVE_INFINITY] as const;
/** In which a report can be disputed; TellorFlex. Seconds. */
const disputable = 43_200;
const price = `json_extract(ask, '$.hostPrice."$bigint"')`;
const token = "json_extract(ask, '$.token')";
const model = `json_extract(ask, '$.model."$bigint"')`;

const earningSchema = z.object({
  day: z.string(),
  model: z.string(),
  token: addressSchema,
  price: z.string(),
  asks: z.number(),
});
const expectedSchema = earningSchema.pick({ token: true, price: true, asks: true });
const askSchema = z.object({ model: z.string(), state: z.string(), asks: z.number() });
const disputeSchema = z.object({ state: z.string(), disputes: z.number() });
const alertSchema = z.object({ kind: z.string(), alerts: z.number() });
const givenUpSchema = z.object({ reason: z.string(), asks: z.number() });
const modelSchema = z.object({ model_id: z.string(), name: z.string() });
const bucketSchema = z.object({ seconds: z.number(), asks: z.number() });

/**
 * What a host's journal adds up to. Only reads, so it may look into the journal of a running host.
 * @param now unix seconds, the chain's
 */
export function figuresOf(database: DatabaseSync, now: number): Figures {
  const all = <Row>(row: z.ZodType<Row>, sql: string, ...values: SQLInputValue[]): Row[] =>
    database
      .prepare(sql)
      .all(...values)
      .map((found) => row.parse(found));
  return {
    asks: all(
      askSchema,
      `SELECT ${model} AS model, state, count(*) AS asks FROM asks WHERE mine = 1 GROUP BY 1, 2 ORDER BY 1, 2`,
    ),
    earned: summed(
      all(
        earningSchema,
        // The day of settlement; a journal that no longer holds the event still knows when the window closed.
        `SELECT date(coalesce((SELECT max(timestamp) FROM events WHERE events.query_id = asks.query_id AND type = 'Settled'),
            reported_at + ${disputable}), 'unixepoch') AS day,
          ${model} AS model, ${token} AS token, ${price} AS price, count(*) AS asks
        FROM asks WHERE mine = 1 AND state = 'settled' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3`,
      ),
      (row) => `${row.day} ${row.model} ${row.token}`,
    ),
    expected: summed(
      all(
        expectedSchema,
        `SELECT ${token} AS token, ${price} AS price, count(*) AS asks
        FROM asks WHERE mine = 1 AND state IN ('delivered', 'sealed') GROUP BY 1, 2 ORDER BY 1`,
      ),
      (row) => row.token,
    ),
    waited: waited(
      all(
        bucketSchema,
        `SELECT delivered_at - asked_at AS seconds, count(*) AS asks
        FROM asks WHERE mine = 1 AND delivered_at IS NOT NULL GROUP BY 1 ORDER BY 1`,
      ),
    ),
    reportsAtRisk: z
      .object({ reports: z.number() })
      .parse(
        database
          .prepare('SELECT count(DISTINCT report_query_id) AS reports FROM asks WHERE mine = 1 AND reported_at > ?')
          .get(now - disputable),
      ).reports,
    disputes: all(disputeSchema, 'SELECT state, count(*) AS disputes FROM disputes GROUP BY 1 ORDER BY 1'),
    alerts: all(
      alertSchema,
      `SELECT substr(name, 8) AS kind, CAST(value AS INTEGER) AS alerts FROM meta WHERE name LIKE 'alerts:%' ORDER BY 1`,
    ),
    givenUp: all(
      givenUpSchema,
      `SELECT failure AS reason, count(*) AS asks FROM asks
      WHERE failure IS NOT NULL AND asked_at > ? GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 12`,
      now - 7 * 86_400,
    ),
    models: new Map(
      all(modelSchema, 'SELECT model_id, name FROM models').map(({ model_id, name }) => [model_id, name]),
    ),
  };
}

/** Rows of equal prices become one amount for each key, in the order in which the keys first come. */
function summed<Row extends { price: string; asks: number }>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): (Omit<Row, 'price'> & { amount: bigint })[] {
  const sums = new Map<string, Omit<Row, 'price'> & { amount: bigint }>();
  for (const row of rows) {
    const { price: each, ...rest } = row;
    const amount = BigInt(each) * BigInt(row.asks);
    const sum = sums.get(keyOf(row));
    sums.set(
      keyOf(row),
      sum ? { ...sum, asks: sum.asks + row.asks, amount: sum.amount + amount } : { ...rest, amount },
    );
  }
  return [...sums.values()];
}

/** @param times ascending */
function waited(times: readonly { seconds: number; asks: number }[]): Figures['waited'] {
  const total = times.reduce((sum, { asks }) => sum + asks, 0);
  const within = (share: number): number | undefined => {
    let seen = 0;
    return times.find(({ asks }) => {
      seen += asks;
      return seen >= total * share;
    })?.seconds;
  };
  let before = Number.NEGATIVE_INFINITY;
  const buckets = bounds.map((le) => {
    const asks = times
      .filter(({ seconds }) => seconds > before && seconds <= le)
      .reduce((sum, one) => sum + one.asks, 0);
    before = le;
    return { le, asks };
  });
  return { buckets, median: within(0.5), p95: within(0.95) };
}
