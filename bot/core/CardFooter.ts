import { type AskRecord, isFromPurse, priceOf } from './AskRecord.ts';
import { translator } from './I18n.ts';
import type { Links } from './Links.ts';
import type { Step } from './types.ts';
import { addressText, clockText, modelText, priceText, transactionText } from './Words.ts';

/** Under an answer: model, host, price, the reporting transaction, and whether it is final. */
export function footer(record: AskRecord, links: Links): string {
  const { status } = record;
  const t = translator(record.language);
  const price = priceOf(record);
  if (!('answer' in status)) return '';
  const time = (at: number) => clockText(at, record.createdAt);
  const transaction = ({ transaction }: Step) => transactionText(transaction, links.explorer);
  const facts = [
    modelText(record.model, t),
    t('footer.host', { host: addressText(status.host, links.explorer) }),
    priceText(price.amount, price, t),
    ...(isFromPurse(record) ? [t('purse.footer')] : []),
  ];
  switch (status.state) {
    case 'delivered':
      facts.push(
        t('footer.onChain', { transaction: transaction(status.delivered) }),
        status.refundDue ? t('footer.neverReported') : t('footer.reportDue', { time: time(status.reportDue) }),
      );
      break;
    case 'reported':
      facts.push(
        t('footer.reported', { transaction: transaction(status.sealed) }),
        t('footer.finalAfter', { time: time(status.finalAt) }),
      );
      break;
    case 'final':
      facts.push(
        t('footer.reported', { transaction: transaction(status.sealed) }),
        t(price.amount === 0n ? 'footer.final' : 'footer.finalPaid', { transaction: transaction(status.settled) }),
      );
      break;
    case 'refunded':
      facts.push(t('state.refunded'));
      break;
  }
  return facts.join(' · ');
}
