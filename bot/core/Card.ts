import type { AskRecord } from './AskRecord.ts';
import { footer } from './CardFooter.ts';
import { standing } from './CardStanding.ts';
import type { Links } from './Links.ts';
import { quote } from './markdown/plain.ts';
import type { AskStatus, Button, Message } from './types.ts';
import { modelText, nameText, paragraphs, priceLabel } from './Words.ts';

/** True when the ask has what the person waits for: an answer, or the money back. */
export function hasResult(status: AskStatus): boolean {
  return 'answer' in status || status.state === 'refunded';
}

/** The ask's one message: question, price, where it stands, and the result unless that has a message of its own. Pure. */
export function card(record: AskRecord, links: Links): Message {
  const head = [
    `**${nameText(record.person.name, 'Somebody')}** asks **${modelText(record.model)}**${record.sibling ? ' (paid a second time)' : ''}:`,
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
    text: paragraphs(...head, ...standing(record, links)),
    ...resultOf(record, links),
    ...(buttons.length > 0 && { buttons }),
  };
}

/** A result that comes so late that an edited card would go unnoticed. Pure. */
export function lateResult(record: AskRecord, links: Links): Message {
  const stands = hasResult(record.status)
    ? standing(record, links)
    : ['The chain took this answer back (a reorganisation). The card above shows where the question stands.'];
  return {
    text: paragraphs(
      `For **${nameText(record.person.name, 'somebody')}**, who asked **${modelText(record.model)}**:`,
      quote(record.question, 120),
      ...stands,
    ),
    ...resultOf(record, links),
  };
}

function resultOf(record: AskRecord, links: Links): Pick<Message, 'answer' | 'footer'> {
  const { status } = record;
  if (!('answer' in status) || status.answer === undefined) return {};
  return { answer: status.answer, footer: footer(record, links) };
}

function buttonsOf(record: AskRecord, links: Links): Button[] {
  const { status, price, token } = record;
  if (status.state !== 'awaiting') return [];
  const label = price.amount === 0n ? 'Send it (free)' : `Pay ${priceLabel(price.amount, price)}`;
  return [{ type: 'link', label, url: `${links.publicUrl}/pay/${token}` }];
}
