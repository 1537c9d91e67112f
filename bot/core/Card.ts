import type { AskRecord } from './AskRecord.ts';
import { quote } from './markdown/plain.ts';
import { refundReasonText } from './RefundWords.ts';
import type { AskStatus, Button, Message } from './types.ts';
import {
  addressText,
  clockText,
  lines,
  nameText,
  paragraphs,
  priceLabel,
  priceText,
  transactionText,
} from './Words.ts';

/** How links and transactions are written. */
export type Links = {
  /** Base of every link, without a slash at the end. */
  publicUrl: string;
  /** Links open only on this machine. */
  localOnly: boolean;
  /** Base of the block explorer, without a slash at the end. */
  explorer?: string;
};

/** True when the ask has what the person waits for: an answer, or the money back. */
export function hasResult(status: AskStatus): boolean {
  return 'answer' in status || status.state === 'refunded';
}

/** The ask's one message: question, price, where it stands, and the result unless that has a message of its own. Pure. */
export function card(record: AskRecord, links: Links): Message {
  const head = [
    `**${nameText(record.person.name, 'Somebody')}** asks **${modelText(record)}**${record.sibling ? ' (paid a second time)' : ''}:`,
    quote(record.question, 300),
    ...(record.note ? [`*${record.note}*`] : []),
  ];
  if (record.resultIn === 'answer' && hasResult(record.status)) {
    return {
      text: paragraphs(
        ...head,
        record.status.state === 'refunded' ? '↩️ Refunded; see below.' : '✅ Answered; see below.',
      ),
    };
  }
  const buttons = buttonsOf(record, links);
  return {
    text: paragraphs(...head, ...statusParagraphs(record, links)),
    ...resultOf(record, links),
    ...(buttons.length > 0 && { buttons }),
  };
}

/** A result that comes so late that an edited card would go unnoticed. Pure. */
export function lateResult(record: AskRecord, links: Links): Message {
  const standing = hasResult(record.status)
    ? statusParagraphs(record, links)
    : ['The chain took this answer back (a reorganisation). The card above shows where the question stands.'];
  return {
    text: paragraphs(
      `For **${nameText(record.person.name, 'somebody')}**, who asked **${modelText(record)}**:`,
      quote(record.question, 120),
      ...standing,
    ),
    ...resultOf(record, links),
  };
}

function resultOf(record: AskRecord, links: Links): Pick<Message, 'answer' | 'footer'> {
  const { status } = record;
  if (!('answer' in status) || status.answer === undefined) return {};
  return { answer: status.answer, footer: footer(record, links) };
}

function statusParagraphs(record: AskRecord, links: Links): string[] {
  const { status, price } = record;
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
                `🤖 With host ${addressText(status.host, links.explorer)}${status.takenOver ? ', which took it over' : ''}; its alone until ${when(Math.min(status.exclusiveUntil, status.deadline))}.`,
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
        ? [
            '⌛ The host published this answer but did not report it to the oracle in time. The money is on its way back.',
          ]
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

function footer(record: AskRecord, links: Links): string {
  const { status, price } = record;
  if (!('answer' in status)) return '';
  const when = (at: number) => clockText(at, record.createdAt);
  const facts = [modelText(record), `host ${addressText(status.host, links.explorer)}`, priceText(price.amount, price)];
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

function returning({ amount }: AskRecord['price']): string {
  return amount === 0n ? 'It is being closed; it was free.' : 'The money is on its way back.';
}

function paidLine(record: AskRecord, links: Links): string {
  const { status, price } = record;
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

function modelText({ model }: AskRecord): string {
  return nameText(model.name, `model ${model.id}`);
}

function buttonsOf(record: AskRecord, links: Links): Button[] {
  const { status, price, token } = record;
  if (status.state !== 'awaiting') return [];
  const label = price.amount === 0n ? 'Send it (free)' : `Pay ${priceLabel(price.amount, price)}`;
  return [{ type: 'link', label, url: `${links.publicUrl}/pay/${token}` }];
}
