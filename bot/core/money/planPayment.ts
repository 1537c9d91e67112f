import type { Db } from '../../store/Tables.ts';
import type { AskRecord } from '../AskRecord.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { type PurseDecision, planPurse, type Standing } from '../purse/planPurse.ts';
import { planSpend, withSpend } from './planSpend.ts';
import type { Spend } from './Spend.ts';

/**
 * How an ask is to be paid: from the group's purse; where that pays nothing for this member, model or place, from his own account; and
 * by its pay link in any case. A member at his cap is told so, and his own money is then spent only when he presses the button.
 * @param of.isOrder the person typed a command; anything else wants a press first
 * @returns the ask as it is to be written, decided in the transaction that writes it
 */
export async function planPayment(
  context: Context,
  record: AskRecord,
  of: Standing & { isOrder: boolean; t: Translate },
): Promise<(db: Db) => Promise<AskRecord>> {
  const [decide, own] = await Promise.all([planPurse(context, record, of, of.t), planSpend(context, record, of)]);
  return async (db) => {
    const spend = choose(await decide(db), own, of.isOrder);
    return spend ? withSpend(record, spend) : record;
  };
}

function choose(decision: PurseDecision, own: Spend | undefined, isOrder: boolean): Spend | undefined {
  switch (decision.type) {
    case 'none':
      return own;
    case 'pays': {
      const { account, purse } = decision.spend;
      return isOrder ? decision.spend : { state: 'offered', account, ...(purse && { purse }) };
    }
    case 'refused': {
      const { purse, reason } = decision;
      if (own?.state === 'pending' || own?.state === 'offered')
        return { state: 'offered', account: own.account, refused: reason };
      return { state: 'failed', account: purse.account, reason, isPurse: true };
    }
  }
}
