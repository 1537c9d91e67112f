/** Wei per gas. `legacy`: the chain has no base fee, and `maxFee` is the gas price. */
export type Fees = { maxFee: bigint; priorityFee: bigint; legacy: boolean };

/** Room for the base fee to double (six full blocks). */
export function suggest(of: { baseFee: bigint | undefined; priorityFee: bigint; gasPrice: bigint }): Fees {
  if (of.baseFee === undefined) return { maxFee: of.gasPrice, priorityFee: of.gasPrice, legacy: true };
  return { maxFee: of.baseFee * 2n + of.priorityFee, priorityFee: of.priorityFee, legacy: false };
}

/** An eighth more than before: nodes take a replacement from a tenth more on. */
const more = (fee: bigint): bigint => fee + fee / 8n + 1n;

/** Above this multiple of the day's fees it is not the fee that keeps a transaction out. */
const most = 4n;

/** Fees for a replacement; undefined when raising them further makes no sense. */
export function bump(last: { maxFee: bigint; priorityFee: bigint }, now: Fees): Fees | undefined {
  const maxFee = larger(more(last.maxFee), now.maxFee);
  const priorityFee = now.legacy ? maxFee : larger(more(last.priorityFee), now.priorityFee);
  if (last.maxFee > now.maxFee * most) return undefined;
  return { maxFee, priorityFee: priorityFee > maxFee ? maxFee : priorityFee, legacy: now.legacy };
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

export type SpendingGuard = ReturnType<typeof createSpendingGuard>;

/** Keeps what fees can cost in any hour under a limit. Amounts in wei, times in milliseconds. */
export function createSpendingGuard(
  limit: bigint | undefined,
  spent: Iterable<{ intent: number; fee: bigint; at: number }>,
) {
  const hour = 3_600_000;
  const entries = new Map<number, { fee: bigint; at: number }>();
  for (const { intent, fee, at } of spent) entries.set(intent, { fee, at });

  return {
    /** Whether an intent may cost up to `fee`, in place of what it was noted with before. */
    allows(intent: number, fee: bigint, now = Date.now()): boolean {
      if (limit === undefined) return true;
      let sum = fee;
      for (const [id, entry] of entries) {
        if (entry.at < now - hour) entries.delete(id);
        else if (id !== intent) sum += entry.fee;
      }
      return sum <= limit;
    },
    note(intent: number, fee: bigint, at = Date.now()): void {
      if (limit !== undefined) entries.set(intent, { fee, at });
    },
  };
}
