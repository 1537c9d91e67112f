import { type AskRecord, priceOf } from './AskRecord.ts';
import type { Links } from './Links.ts';
import { quote } from './markdown/plain.ts';
import { refundReasonText } from './RefundWords.ts';
import type { AskStatus } from './types.ts';
import { addressText, clockText, lines, priceText, transactionText } from './Words.ts';

/** Where the ask stands, and what happens next. Empty under an answer that stands: its footer says it. */
export function standing(record: AskRecord, links: Links): string[] {
  const { status } = record;
  const price = priceOf(record);
  const when = (at: number) => clockText(at, record.createdAt);
  switch (status.state) {
    case 'awaiting':
      return [
        lines(
          price.amount === 0n
            ? 'Price: **free**; your wallet only pays the network fee.'
            : `Price: **${priceText(price.amount, price)}**${priceParts(record)}. No answer in time, and the money comes back by itself.`,
          `⏳ Waiting for payment until ${when(status.expiresAt)}.${links.localOnly ? ' The link opens only on the machine that runs this bot.' : ''}`,
        ),
      ];
    case 'expired':
      return ['⌛ Nobody paid in time; nothing was taken. Ask again for a new link.'];
    case 'paid':
      return [
        lines(
          paidLine(record, links),
          ...(status.refundDue
            ? [`⌛ Overdue: no host answered in time. ${returning(price)}`]
            : [
                `🤖 With host ${addressText(status.host, links.explorer)}${status.takenOver ? ', which took it over' : ''}; no other may take over before ${when(Math.min(status.exclusiveUntil, status.deadline))}.`,
                `If nobody answers by ${when(status.deadline)}, ${price.amount === 0n ? 'it is closed' : 'the money comes back by itself'}.`,
              ]),
        ),
      ];
    case 'declined':
      return [
        lines(paidLine(record, links), `🚫 Host ${addressText(status.host, links.explorer)} declined:`),
        quote(status.reason || 'No reason given.', 300),
        status.soleHost || status.refundDue
          ? `↩️ ${returning(price)}`
          : `Another host may take over until ${when(status.deadline)}; if none does, ${price.amount === 0n ? 'it is closed' : 'the money comes back by itself'}.`,
      ];
    case 'delivered':
      return status.refundDue
        ? [`⌛ The host published this answer but did not report it to the oracle in time. ${returning(price)}`]
        : [];
    case 'reported':
    case 'final':
      return [];
    case 'refunded':
      return refundParagraphs(record, status, links);
  }
}

function refundParagraphs(
  record: AskRecord,
  status: Extract<AskStatus, { state: 'refunded' }>,
  links: Links,
): string[] {
  const transaction = transactionText(status.refunded.transaction, links.explorer);
  const declined = status.declineReason !== undefined;
  return [
    `↩️ ${refundReasonText(status.code ?? 'overdue', declined)}`,
    ...(declined ? [quote(status.declineReason || 'No reason given.', 300)] : []),
    status.amount === 0n
      ? `It was free: there was nothing to pay back (${transaction}).`
      : `**${priceText(status.amount, record.price)}** went back to where it came from (${transaction}).`,
  ];
}

function returning({ amount }: AskRecord['price']): string {
  return amount === 0n ? 'It is being closed; it was free.' : 'The money is on its way back.';
}

function paidLine(record: AskRecord, links: Links): string {
  const { status } = record;
  const price = priceOf(record);
  if (!('paid' in status)) return '';
  const transaction = transactionText(status.paid.transaction, links.explorer);
  return price.amount === 0n
    ? `✅ Sent to the chain (${transaction}), free.`
    : `✅ Paid ${priceText(price.amount, price)} (${transaction}).`;
}

function priceParts({ price }: AskRecord): string {
  if (price.royalty === 0n || price.hostPrice === 0n) return '';
  return ` (host ${priceText(price.hostPrice, price)}, model’s seller ${priceText(price.royalty, price)})`;
}
