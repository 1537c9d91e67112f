import { asksOf, openAsks } from '../../store/asks.ts';
import { readCursor } from '../../store/events.ts';
import { openOnMarket } from '../../store/marketLog.ts';
import type { Context } from '../Context.ts';
import type { PlatformHealth } from '../Health.ts';
import type { Translate } from '../I18n.ts';
import { plain } from '../markdown/plain.ts';
import type { Message, Person, Platform } from '../types.ts';
import { clockText, durationText, modelText, paragraphs } from '../Words.ts';
import type { Command } from './Command.ts';
import { stateText } from './history.ts';

/** Later than this behind the wall clock the chain counts as standing still, seconds. */
const staleAfter = 300;

/** How many of the newest asks are looked through for open ones. */
const looked = 50;

/**
 * Whether chain, hosts, platforms and the bot's own key are well, how long the queue is, and the person's own open asks. For anybody: what is
 * wrong in detail is the operator's to see.
 */
export const status: Command = {
  name: 'status',
  description: 'status.description',
  options: [],
  isPrivate: true,
  run: async (context, { person }, t) => ({ note: await report(context, person, t) }),
};

async function report(context: Context, person: Person, t: Translate): Promise<Message> {
  const { store, catalog, market, health, now } = context;
  const [chain, cursor, waiting, mine, asks, gas] = await Promise.all([
    market.now().catch(() => undefined),
    readCursor(store.db),
    openOnMarket(store.db, now()),
    openAsks(store.db),
    asksOf(store.db, person, looked),
    health.gas(),
  ]);
  const hosts = new Set(catalog.models().flatMap(({ id, token }) => catalog.offers(id, token).map(({ host }) => host)));
  const open = asks.filter(({ status }) => ['paid', 'declined', 'delivered', 'awaiting'].includes(status.state));
  const clock = cursor?.clock ?? 0;
  const lines = [
    chain === undefined
      ? t('status.chainAway')
      : now() - clock > staleAfter
        ? t('status.chainBehind', { time: clockText(clock, now()) })
        : t('status.chainWell', { age: durationText(Math.max(0, now() - chain), t) }),
    t('status.hosts', { hosts: hosts.size }),
    t('status.queue', { waiting, mine }),
    ...health.platforms().map((one) => platformText(one, now(), t)),
    t('status.gas', { level: gas }),
  ];
  const list = open.slice(0, 10).map((ask) => {
    const words = [...ask.question.replace(/\s+/gu, ' ')];
    const start = words.length > 60 ? `${words.slice(0, 59).join('')}…` : words.join('');
    return `- ${plain(start)} (${modelText(ask.model, t)}): **${stateText(ask.status, t)}**`;
  });
  return {
    text: paragraphs(
      lines.map((line) => `- ${line}`).join('\n'),
      ...(list.length > 0 ? [t('status.yours'), list.join('\n')] : [t('status.noneOpen')]),
    ),
  };
}

const names: Readonly<Record<Platform, string>> = { local: 'Local', discord: 'Discord', telegram: 'Telegram' };

function platformText({ platform, connection, lastEvent }: PlatformHealth, now: number, t: Translate): string {
  if (!connection) return t('status.platformAway', { platform: names[platform] });
  const last = lastEvent === undefined ? t('status.nothingHeard') : clockText(lastEvent, now);
  return t('status.platform', {
    platform: names[platform],
    by: connection.by,
    since: clockText(connection.since, now),
    last,
  });
}
