import { zeroHash } from '../../contracts/client/Hex.ts';
import { bytesOf } from '../../contracts/client/Text.ts';
import { type AskRecord, isFromPurse, priceOf } from './AskRecord.ts';
import { type Translate, translator } from './I18n.ts';
import type { Links } from './Links.ts';
import { quote } from './markdown/plain.ts';
import { refundReasonText } from './RefundWords.ts';
import type { AskStatus } from './types.ts';
import { addressText, clockText, lines, priceText, short, transactionText } from './Words.ts';

/** Where the ask stands, and what happens next. Empty under an answer that stands: its footer says it. */
export function standing(record: AskRecord, links: Links): string[] {
  const { status } = record;
  const t = translator(record.language);
  const isFree = priceOf(record).amount === 0n;
  const time = (at: number) => clockText(at, record.createdAt);
  const host = (address: AskRecord['host']) => addressText(address, links.explorer);
  switch (status.state) {
    case 'sending':
      return [
        t(isFromPurse(record) ? 'purse.sending' : 'spend.sending', {
          price: priceText(priceOf(record).amount, record.price, t),
        }),
      ];
    case 'awaiting': {
      const waiting = t('card.waiting', { time: time(status.expiresAt) });
      return [
        ...spendLines(record, t),
        lines(
          isFree ? t('card.free') : priceLine(record, t),
          onChainLine(record, t),
          links.localOnly ? `${waiting} ${t('card.localOnly')}` : waiting,
        ),
      ];
    }
    case 'expired':
      return [t('card.expired')];
    case 'paid':
      return [
        lines(
          paidLine(record, links, t),
          ...(status.refundDue
            ? [`${t('card.overdue')} ${returning(isFree, t)}`]
            : [
                t('card.withHost', {
                  host: host(status.host),
                  takenOver: status.takenOver ? 'yes' : 'no',
                  time: time(Math.min(status.exclusiveUntil, status.deadline)),
                }),
                t(isFree ? 'card.deadlineFree' : 'card.deadline', { time: time(status.deadline) }),
              ]),
        ),
      ];
    case 'declined':
      return [
        lines(paidLine(record, links, t), t('card.declined', { host: host(status.host) })),
        quote(status.reason || t('card.noReason'), 300),
        status.soleHost || status.refundDue
          ? `↩️ ${returning(isFree, t)}`
          : t(isFree ? 'card.mayTakeOverFree' : 'card.mayTakeOver', { time: time(status.deadline) }),
      ];
    case 'delivered':
      return status.refundDue ? [`${t('card.notReported')} ${returning(isFree, t)}`] : [];
    case 'reported':
    case 'final':
      return [];
    case 'refunded':
      return refundParagraphs(record, status, links, t);
  }
}

/** Why the bot did not pay it with the person's own account, or that it would. */
function spendLines({ spend }: AskRecord, t: Translate): string[] {
  if (spend?.state === 'failed') return [t(spend.isPurse ? 'purse.failed' : 'spend.failed', { reason: spend.reason })];
  if (spend?.state === 'transfer' && spend.note !== undefined) return [spend.note];
  if (spend?.state !== 'offered') return [];
  if (spend.purse) return [t('purse.offered')];
  return [...(spend.refused === undefined ? [] : [t('purse.failed', { reason: spend.refused })]), t('spend.offered')];
}

function refundParagraphs(
  record: AskRecord,
  status: Extract<AskStatus, { state: 'refunded' }>,
  links: Links,
  t: Translate,
): string[] {
  const transaction = transactionText(status.refunded.transaction, links.explorer);
  const declined = status.declineReason !== undefined;
  return [
    `↩️ ${refundReasonText(status.code ?? 'overdue', declined, t)}`,
    ...(declined ? [quote(status.declineReason || t('card.noReason'), 300)] : []),
    status.amount === 0n
      ? t('card.refundedFree', { transaction })
      : t('card.refunded', { amount: priceText(status.amount, record.price, t), transaction }),
  ];
}

/** What everybody will be able to read, said before it is paid. */
function onChainLine({ question, parent }: AskRecord, t: Translate): string {
  const bytes = bytesOf(question).length;
  return parent === zeroHash ? t('card.onChain', { bytes }) : t('card.onChainParent', { bytes, parent: short(parent) });
}

function returning(isFree: boolean, t: Translate): string {
  return t(isFree ? 'card.closing' : 'card.returning');
}

function paidLine(record: AskRecord, links: Links, t: Translate): string {
  const { status } = record;
  const price = priceOf(record);
  if (!('paid' in status)) return '';
  const transaction = transactionText(status.paid.transaction, links.explorer);
  return price.amount === 0n
    ? t('card.sent', { transaction })
    : t(isFromPurse(record) ? 'purse.paid' : 'card.paid', { price: priceText(price.amount, price, t), transaction });
}

function priceLine(record: AskRecord, t: Translate): string {
  const { amount, royalty, hostPrice } = priceOf(record);
  const text = (part: bigint) => priceText(part, record.price, t);
  const parts =
    royalty === 0n || hostPrice === 0n ? '' : t('card.priceParts', { host: text(hostPrice), seller: text(royalty) });
  return t('card.price', { price: text(amount), parts });
}
