import { type AmountProblem, read } from '../../../contracts/client/Amount.ts';
import { type Address, zeroAddress } from '../../../contracts/client/Hex.ts';
import type { AllowanceTerms } from '../../../contracts/client/Market.ts';
import type { Key, Translate } from '../../core/I18n.ts';
import { amountRefusal, amountText, dayText } from './words.ts';

export type Token = { symbol: string; decimals: number };

/** In seconds. */
export const periods = {
  day: 86_400,
  week: 7 * 86_400,
  month: 30 * 86_400,
} as const;
export type Period = keyof typeof periods;

/** For how many days an allowance can be given. */
export const spans = [7, 30, 90, 365] as const;

/** What the person chose; `askFirstAbove`: from which price on a button is wanted before the bot pays. */
export type Chosen = { terms: AllowanceTerms; period: Period; askFirstAbove: bigint | undefined };

export type RelayTerms = { fee: bigint; payee: Address };

/**
 * The form's fields as terms of the contract, or what is wrong with them.
 * @param now the chain's clock, unix seconds
 */
export function readTerms(
  fields: Readonly<Record<string, string>>,
  token: Token,
  relay: RelayTerms,
  now: number,
  t: Translate,
): { ok: true; chosen: Chosen } | { ok: false; message: string } {
  const no = (message: string) => ({ ok: false as const, message });
  const wrong = (field: Key, problem: AmountProblem) =>
    no(t('do.limit.wrong', { field: t(field), reason: amountRefusal(problem, t) }));
  const perAsk = read(fields['perAsk'] ?? '', token.decimals);
  if (typeof perAsk !== 'bigint') return wrong('do.limit.perAsk', perAsk);
  const perPeriod = read(fields['perPeriod'] ?? '', token.decimals);
  if (typeof perPeriod !== 'bigint') return wrong('do.limit.perPeriod', perPeriod);
  const typed = fields['askFirstAbove']?.trim() ?? '';
  const askFirstAbove = typed === '' ? undefined : read(typed, token.decimals);
  if (typeof askFirstAbove === 'object') return wrong('do.limit.askFirst', askFirstAbove);
  const { period = '', days = '' } = fields;
  if (!isPeriod(period)) return no(t('do.limit.noPeriod'));
  const span = spans.find((one) => String(one) === days);
  if (span === undefined) return no(t('do.limit.noSpan'));
  if (perAsk === 0n || perPeriod === 0n) return no(t('do.limit.zero'));
  if (perAsk > perPeriod) return no(t('do.limit.above'));
  const hasFee = relay.fee > 0n;
  return {
    ok: true,
    chosen: {
      period,
      askFirstAbove,
      terms: {
        perAsk,
        perPeriod,
        periodSeconds: BigInt(periods[period]),
        expiry: BigInt(now + span * 86_400),
        feePayee: hasFee ? relay.payee : zeroAddress,
        // Gas moves: twice today's fee leaves room, and stays far below the caps.
        maxRelayFee: hasFee ? relay.fee * 2n : 0n,
      },
    },
  };
}

/** The worst that can come of an allowance: what a thief of the bot's key could take. */
export function worstOf({ terms, period }: Chosen, token: Token, t: Translate): string {
  const text = (amount: bigint) => amountText(amount, token);
  return [
    t('do.limit.worst', {
      perAsk: text(terms.perAsk),
      perPeriod: text(terms.perPeriod),
      twice: text(terms.perPeriod * 2n),
      period: t(`do.period.${period}`),
      until: dayText(Number(terms.expiry), t),
    }),
    ...(terms.maxRelayFee > 0n ? [t('do.limit.fee', { fee: text(terms.maxRelayFee) })] : []),
  ].join(' ');
}

function isPeriod(text: string): text is Period {
  return Object.hasOwn(periods, text);
}
