import type { Address } from '../../../contracts/client/Hex.ts';
import type { Person } from '../types.ts';

/** One ask that took money, or is free. Amounts in smallest units of its token. */
export type Expense = {
  person: Person;
  model: { id: bigint; name: string };
  token: { address: Address; symbol: string; decimals: number };
  amount: bigint;
  /** `spent`: answered. `held`: paid and open. `returned`: the money came back. */
  state: 'spent' | 'held' | 'returned';
};

/** What was spent on one thing, in one token. */
export type Share<Subject> = { subject: Subject; asks: number; amount: bigint };

/** Everything that went out in one token: tokens are never added up. */
export type TokenSpending<Subject> = {
  token: Expense['token'];
  /** Of answered asks. */
  spent: bigint;
  held: bigint;
  returned: bigint;
  /** Answered asks by subject, dearest first. */
  shares: Share<Subject>[];
};

/**
 * Expenses by token and within it by subject.
 * @param subjectOf what an expense counts for: its model, its member
 * @param keyOf equal for equal subjects
 */
export function spendingBy<Subject>(
  expenses: readonly Expense[],
  subjectOf: (expense: Expense) => Subject,
  keyOf: (subject: Subject) => string,
): TokenSpending<Subject>[] {
  const tokens = new Map<Address, TokenSpending<Subject> & { byKey: Map<string, Share<Subject>> }>();
  for (const expense of expenses) {
    const { token, amount, state } = expense;
    const sum = tokens.get(token.address) ?? {
      token,
      spent: 0n,
      held: 0n,
      returned: 0n,
      shares: [],
      byKey: new Map<string, Share<Subject>>(),
    };
    tokens.set(token.address, sum);
    sum[state] += amount;
    if (state !== 'spent') continue;
    const subject = subjectOf(expense);
    const share = sum.byKey.get(keyOf(subject)) ?? { subject, asks: 0, amount: 0n };
    sum.byKey.set(keyOf(subject), { ...share, asks: share.asks + 1, amount: share.amount + amount });
  }
  return [...tokens.values()]
    .map(({ byKey, ...sum }) => ({ ...sum, shares: [...byKey.values()].sort(dearestFirst) }))
    .sort((a, b) => b.shares.length - a.shares.length);
}

function dearestFirst(a: Share<unknown>, b: Share<unknown>): number {
  if (a.amount !== b.amount) return a.amount > b.amount ? -1 : 1;
  return b.asks - a.asks;
}
