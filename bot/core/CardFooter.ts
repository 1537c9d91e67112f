import { type AskRecord, priceOf } from './AskRecord.ts';
import type { Links } from './Links.ts';
import { addressText, clockText, modelText, priceText, transactionText } from './Words.ts';

/** Under an answer: model, host, price, the reporting transaction, and whether it is final. */
export function footer(record: AskRecord, links: Links): string {
  const { status } = record;
  const price = priceOf(record);
  if (!('answer' in status)) return '';
  const when = (at: number) => clockText(at, record.createdAt);
  const facts = [
    modelText(record.model),
    `host ${addressText(status.host, links.explorer)}`,
    priceText(price.amount, price),
  ];
  switch (status.state) {
    case 'delivered':
      facts.push(
        `on chain in ${transactionText(status.delivered.transaction, links.explorer)}`,
        status.refundDue ? 'never reported to Tellor' : `report to Tellor due by ${when(status.reportDue)}`,
      );
      break;
    case 'reported':
      facts.push(
        `reported to Tellor in ${transactionText(status.sealed.transaction, links.explorer)}`,
        `final after ${when(status.finalAt)} unless disputed`,
      );
      break;
    case 'final':
      facts.push(
        `reported to Tellor in ${transactionText(status.sealed.transaction, links.explorer)}`,
        `final ✓ ${price.amount === 0n ? '' : 'host paid in '}${transactionText(status.settled.transaction, links.explorer)}`,
      );
      break;
    case 'refunded':
      facts.push('refunded');
      break;
  }
  return facts.join(' · ');
}
