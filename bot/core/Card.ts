import { zeroHash } from '../../contracts/client/Hex.ts';
import type { AskRecord } from './AskRecord.ts';
import { footer } from './CardFooter.ts';
import { standing } from './CardStanding.ts';
import { canContinue } from './Conversation.ts';
import { pressButton } from './commands/Command.ts';
import { otherModelButton } from './commands/model.ts';
import { originalButton } from './commands/why.ts';
import { translator } from './I18n.ts';
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
  const t = translator(record.language);
  const head = [
    t('card.head', {
      person: nameText(record.person.name, t('card.somebody')),
      model: modelText(record.model, t),
      again: record.sibling ? 'yes' : 'no',
    }),
    quote(record.question, 300),
    ...(record.note ? [`*${record.note}*`] : []),
  ];
  if (record.resultIn === 'answer' && hasResult(record.status)) {
    return {
      text: paragraphs(...head, t(record.status.state === 'refunded' ? 'card.refundedBelow' : 'card.answeredBelow')),
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
  const t = translator(record.language);
  const stands = hasResult(record.status) ? standing(record, links) : [t('card.undone')];
  const person = nameText(record.person.name, t('card.somebody'));
  return {
    text: paragraphs(
      t('card.late', { person, model: modelText(record.model, t) }),
      quote(record.question, 120),
      ...stands,
    ),
    ...resultOf(record, links),
    ...(canContinue(record) && { buttons: buttonsOf(record, links) }),
  };
}

function resultOf(record: AskRecord, links: Links): Pick<Message, 'answer' | 'footer'> {
  const { status } = record;
  if (!('answer' in status) || status.answer === undefined) return {};
  return { answer: status.answer, footer: footer(record, links) };
}

function buttonsOf(record: AskRecord, links: Links): Button[] {
  const { status, price, token, spend } = record;
  const t = translator(record.language);
  if (canContinue(record)) return [{ type: 'write', label: t('card.continue') }, originalButton(token, t)];
  if (status.state !== 'awaiting') return [];
  const label = price.amount === 0n ? t('card.sendFree') : t('card.pay', { price: priceLabel(price.amount, price, t) });
  const pay: Button = { type: 'link', label, url: `${links.publicUrl}/pay/${token}` };
  const mayChange = record.model.id !== 0n && record.parent === zeroHash && !record.sibling;
  const other = mayChange ? [otherModelButton(token, t)] : [];
  if (spend?.state !== 'offered') return [pay, ...other];
  const from = spend.purse ? 'purse.button' : 'spend.button';
  return [pressButton('ask', token, t(from, { price: priceLabel(price.amount, price, t) })), pay, ...other];
}
