import { parse } from '../../../contracts/client/Amount.ts';
import { type Address, zeroAddress } from '../../../contracts/client/Hex.ts';
import type { AllowanceTerms } from '../../../contracts/client/Market.ts';
import { amountText, dayText } from './words.ts';

export type Token = { symbol: string; decimals: number };

export const periods = {
  day: { seconds: 86_400, label: 'day' },
  week: { seconds: 7 * 86_400, label: 'week' },
  month: { seconds: 30 * 86_400, label: '30 days' },
} as const;
type Period = keyof typeof periods;

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
): { ok: true; chosen: Chosen } | { ok: false; message: string } {
  const no = (message: string) => ({ ok: false as const, message });
  const perAsk = parse(fields['perAsk'] ?? '', token.decimals);
  if (typeof perAsk === 'string') return no(`At most for one question: ${perAsk}`);
  const perPeriod = parse(fields['perPeriod'] ?? '', token.decimals);
  if (typeof perPeriod === 'string') return no(`At most in all: ${perPeriod}`);
  const typed = fields['askFirstAbove']?.trim() ?? '';
  const askFirstAbove = typed === '' ? undefined : parse(typed, token.decimals);
  if (typeof askFirstAbove === 'string') return no(`Ask me first above: ${askFirstAbove}`);
  const { period = '', days = '' } = fields;
  if (!isPeriod(period)) return no('Choose for which time the amount counts.');
  const span = spans.find((one) => String(one) === days);
  if (span === undefined) return no('Choose until when the bot may spend.');
  if (perAsk === 0n || perPeriod === 0n) return no('A limit of 0 allows nothing. Write amounts above 0.');
  if (perAsk > perPeriod) return no('The amount for one question can’t be above the amount in all.');
  const hasFee = relay.fee > 0n;
  return {
    ok: true,
    chosen: {
      period,
      askFirstAbove,
      terms: {
        perAsk,
        perPeriod,
        periodSeconds: BigInt(periods[period].seconds),
        expiry: BigInt(now + span * 86_400),
        feePayee: hasFee ? relay.payee : zeroAddress,
        // Gas moves: twice today's fee leaves room, and stays far below the caps.
        maxRelayFee: hasFee ? relay.fee * 2n : 0n,
      },
    },
  };
}

/** The worst that can come of an allowance: what a thief of the bot's key could take. */
export function worstOf({ terms, period }: Chosen, token: Token): string {
  const per = `${periods[period].label}`;
  return [
    `If the bot’s key is stolen, the thief can spend at most ${amountText(terms.perAsk, token)} at a time and ${amountText(terms.perPeriod, token)} each ${per}`,
    `(up to ${amountText(terms.perPeriod * 2n, token)} within a short time around the moment one period ends and the next begins),`,
    `until ${dayText(Number(terms.expiry))}, and never more than your account holds. Nobody but you can take money out.`,
    ...(terms.maxRelayFee > 0n
      ? [
          `Of each question’s limit, up to ${amountText(terms.maxRelayFee, token)} may be the bot’s fee for the network.`,
        ]
      : []),
  ].join(' ');
}

function isPeriod(text: string): text is Period {
  return Object.hasOwn(periods, text);
}
