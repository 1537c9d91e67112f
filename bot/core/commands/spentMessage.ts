import { format } from '../../../contracts/client/Amount.ts';
import type { Translate } from '../I18n.ts';
import { barsOf } from '../picture/Picture.ts';
import type { TokenSpending } from '../spending/Spending.ts';
import type { Message } from '../types.ts';
import { paragraphs, priceText } from '../Words.ts';

/** More than this many models are too many for a picture. */
const mostBars = 12;

/**
 * Spending in words, and the first token's as a picture whose bars carry the same numbers as the words.
 * @param nameOf already fit for CommonMark
 */
export function spentMessage<Subject>(
  spending: readonly TokenSpending<Subject>[],
  nameOf: (subject: Subject) => string,
  title: string,
  t: Translate,
): Message {
  const [first] = spending;
  const drawn = first?.shares.filter(({ amount }) => amount > 0n).slice(0, mostBars) ?? [];
  return {
    text: paragraphs(
      title,
      ...spending.flatMap((one) => [
        sumText(one, t),
        one.shares
          .map(
            ({ subject, asks, amount }, index) =>
              `${index + 1}. **${nameOf(subject)}**: ${t('spent.share', { asks, amount: priceText(amount, one.token, t) })}`,
          )
          .join('\n'),
      ]),
    ),
    ...(first &&
      drawn.length > 0 && {
        file: {
          name: 'spent.png',
          picture: {
            alt: t('spent.picture'),
            bars: barsOf(
              drawn.map(({ amount }) => amount),
              (amount) => format(amount, first.token.decimals, first.token.symbol),
            ),
          },
        },
      }),
  };
}

function sumText({ token, spent, held, returned }: TokenSpending<unknown>, t: Translate): string {
  return [
    t('spent.sum', { amount: priceText(spent, token, t) }),
    ...(held > 0n ? [t('spent.held', { amount: priceText(held, token, t) })] : []),
    ...(returned > 0n ? [t('spent.returned', { amount: priceText(returned, token, t) })] : []),
  ].join(' ');
}
