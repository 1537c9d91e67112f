import type { Address } from '../../contracts/client/Hex.ts';
import { type Group, groupKey } from '../core/purse/Purse.ts';
import type { Expense } from '../core/spending/Spending.ts';
import type { Person } from '../core/types.ts';
import { personKey } from './asks.ts';
import { fromJson } from './Json.ts';
import type { Db } from './Tables.ts';

const states: Readonly<Record<string, Expense['state']>> = {
  paid: 'held',
  declined: 'held',
  delivered: 'spent',
  reported: 'spent',
  final: 'spent',
  refunded: 'returned',
};

/** What one person's asks took since `since` (unix seconds), whoever paid. Those never paid are none. */
export async function expensesOf(db: Db, person: Person, since: number): Promise<Expense[]> {
  const asks = await paidSince(db, since).where('person_key', '=', personKey(person)).execute();
  return asks.flatMap(expenseOf);
}

/** What a group's purse paid since `since` (unix seconds). @param person his share alone; absent: everybody's */
export async function purseExpenses(db: Db, group: Group, since: number, person?: Person): Promise<Expense[]> {
  const asks = await paidSince(db, since)
    .where('purse', '=', groupKey(group))
    .$if(person !== undefined, (query) => query.where('person_key', '=', person ? personKey(person) : ''))
    .execute();
  return asks.flatMap(expenseOf);
}

function paidSince(db: Db, since: number) {
  return db
    .selectFrom('asks')
    .select(['person', 'model_id', 'model_name', 'pay_token', 'symbol', 'decimals', 'state'])
    .select(['royalty', 'host_price', 'taken_royalty', 'taken_host_price'])
    .where('created_at', '>=', since)
    .where('state', 'in', Object.keys(states))
    .orderBy('created_at');
}

type PaidRow = Awaited<ReturnType<ReturnType<typeof paidSince>['execute']>>[number];

function expenseOf(row: PaidRow): Expense[] {
  const state = states[row.state];
  if (state === undefined) return [];
  return [
    {
      person: fromJson<Person>(row.person),
      model: { id: BigInt(row.model_id), name: row.model_name },
      token: { address: row.pay_token as Address, symbol: row.symbol, decimals: row.decimals },
      amount: BigInt(row.taken_royalty ?? row.royalty) + BigInt(row.taken_host_price ?? row.host_price),
      state,
    },
  ];
}
