import { bytesOf } from '../../../contracts/client/Text.ts';
import type { Context } from '../Context.ts';
import { pressButton } from '../commands/Command.ts';
import type { Translate } from '../I18n.ts';
import { plain, quote } from '../markdown/plain.ts';
import type { Button, Message } from '../types.ts';
import { nameText, paragraphs, priceLabel, priceText } from '../Words.ts';
import { goingRates } from './rates.ts';
import { nextStep, type SellDraft, type SellStep, type SellTerms, sellSteps, termsOf } from './SellDraft.ts';

/** What is asked next, or all that was said, to be listed or changed. @param problem what was wrong with the last answer */
export async function sellMessage(
  context: Context,
  draft: SellDraft,
  t: Translate,
  problem?: string,
): Promise<Message> {
  const step = nextStep(draft);
  const terms = termsOf(draft);
  const message =
    step || !terms ? await question(context, step ?? 'workload', draft, t) : await review(context, terms, t);
  return problem === undefined ? message : { ...message, text: paragraphs(`⚠️ ${problem}`, message.text) };
}

async function question(context: Context, step: SellStep, draft: SellDraft, t: Translate): Promise<Message> {
  const place = t('sell.place', { step: sellSteps.indexOf(step) + 1, of: sellSteps.length });
  const cancel = pressButton('sell', 'cancel', t('sell.cancel'));
  switch (step) {
    case 'workload':
      return { text: paragraphs(place, t('sell.askWorkload'), t('sell.how')), buttons: [cancel] };
    case 'name':
      return { text: paragraphs(place, t('sell.askName')), buttons: [cancel] };
    case 'description':
    case 'example':
      return {
        text: paragraphs(place, t(step === 'example' ? 'sell.askExample' : 'sell.askDescription')),
        buttons: [pressButton('sell', `skip-${step}`, t('sell.skip')), cancel],
      };
    case 'price': {
      const rates = await ratesText(context, draft, t);
      return {
        text: paragraphs(place, t('sell.askPrice'), ...rates.lines),
        buttons: [pressButton('sell', 'free', t('sell.free')), ...rates.buttons, cancel],
      };
    }
  }
}

/** What others take, in words, and the middle of it as a button a token. */
async function ratesText(
  context: Context,
  draft: SellDraft,
  t: Translate,
): Promise<{ lines: string[]; buttons: Button[] }> {
  const rates = await Promise.all(
    goingRates(context, draft.updates)
      .slice(0, 3)
      .map(async (rate) => ({ ...rate, info: await context.market.tokenInfo(rate.token) })),
  );
  return {
    lines: rates.map(({ models, least, middle, most, info }) =>
      t('sell.rates', {
        models,
        symbol: plain(info.symbol),
        least: priceText(least, info, t),
        middle: priceText(middle, info, t),
        most: priceText(most, info, t),
      }),
    ),
    buttons: rates.flatMap(({ middle, info }, index) =>
      middle === 0n ? [] : [pressButton('sell', `rate-${index}`, priceLabel(middle, info, t))],
    ),
  };
}

async function review(context: Context, terms: SellTerms, t: Translate): Promise<Message> {
  const { name, description, example, price, workload, updates } = terms;
  const token = await context.market.tokenInfo(price.token);
  const facts = [
    t('sell.name', { name: nameText(name, '?') }),
    'script' in workload
      ? t('sell.script', { bytes: bytesOf(workload.script).length })
      : t('sell.scriptKept', { hash: `${workload.hash.slice(0, 10)}…` }),
    ...(description ? [t('sell.describes', { text: plain(description) })] : []),
    ...(example ? [t('sell.example', { text: plain(example) })] : []),
    t('sell.price', { price: priceText(price.royalty, token, t) }),
  ];
  return {
    text: paragraphs(
      t(updates === undefined ? 'sell.review' : 'sell.reviewChange', { id: String(updates ?? '') }),
      ...('script' in workload ? [quote(workload.script, 600)] : []),
      facts.map((fact) => `- ${fact}`).join('\n'),
      t('sell.public'),
    ),
    buttons: [
      pressButton('sell', 'list', t(updates === undefined ? 'sell.list' : 'sell.listChange')),
      ...sellSteps.map((step) => pressButton('sell', `change-${step}`, t(`sell.change.${step}`))),
      pressButton('sell', 'cancel', t('sell.cancel')),
    ],
  };
}
