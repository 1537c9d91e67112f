import type { Language } from './I18n.ts';

/** `t`: the time of day. `f`: with the day. `R`: how long ago or ahead, where the platform keeps that true. */
export type TimeStyle = 't' | 'f' | 'R';

/** A time inside of a message, in unix seconds. */
export type Time = { at: number; style: TimeStyle };

/**
 * How a text of ours holds a time until a platform writes it: Discord and Telegram in the reader's own clock, others in UTC.
 * What went through `plain` never looks like it.
 * @param at unix seconds
 */
export function timeToken(at: number, style: TimeStyle): string {
  return `{time:${Math.floor(at)}:${style}}`;
}

const token = /^\{time:(\d{1,11}):([tfR])\}/;

/** The time that a text begins with, and how many characters it takes. */
export function timeAtStart(text: string): (Time & { length: number }) | undefined {
  const [whole, at = '', style] = token.exec(text) ?? [];
  if (whole === undefined || (style !== 't' && style !== 'f' && style !== 'R')) return undefined;
  return { at: Number(at), style, length: whole.length };
}

/**
 * A text cut at its times: what stands before, between and after them, and the times themselves.
 * @param text in which nothing else looks like a time
 */
export function atTimes(text: string): (string | Time)[] {
  return text.split(/(\{time:\d{1,11}:[tfR]\})/).map((piece) => timeAtStart(piece) ?? piece);
}

/** Spelled as its readers do; English with the day before the month. */
const spelling: Readonly<Record<Language, string>> = { en: 'en-GB', es: 'es', zh: 'zh-CN', pt: 'pt-BR', ru: 'ru' };
const formats = new Map<string, Intl.DateTimeFormat>();

/** A time in words, in UTC: for platforms that don't know the reader's clock. */
export function timeInUtc({ at, style }: Time, language: Language): string {
  const key = `${language} ${style === 't'}`;
  const format =
    formats.get(key) ??
    new Intl.DateTimeFormat(spelling[language], {
      timeZone: 'UTC',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      ...(style !== 't' && { day: 'numeric', month: 'short' }),
    });
  formats.set(key, format);
  return `${format.format(at * 1_000)} UTC`;
}
