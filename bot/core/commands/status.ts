import { asksOf, openAsks } from '../../store/asks.ts';
import { readCursor } from '../../store/events.ts';
import { openOnMarket } from '../../store/marketLog.ts';
import type { Context } from '../Context.ts';
import type { Translate } from '../I18n.ts';
import { plain } from '../markdown/plain.ts';
import type { Message, Person } from '../types.ts';
import { clockText, modelText, paragraphs } from '../Words.ts';
import type { Command } from './Command.ts';
import { stateText } from './history.ts';

/** Later than this behind the wall clock the chain counts as standing still, seconds. */
const staleAfter = 300;

/** How many of the newest asks are looked through for open ones. */
const looked = 50;

/** Whether chain and hosts are well, how long the queue is, and the person's own open asks. */
export const status: Command = {
  name: 'status',
  description: 'status.description',
  options: [],
  isPrivate: true,
  run: async (context, { person }, t) => ({ note: await report(context, person, t) }),
};

async function report(context: Context, person: Person, t: Translate): Promise<Message> {
  const { store, catalog, market, now } = context;
  const [chain, cursor, waiting, mine, asks] = await Promise.all([
    market.now().catch(() => undefined),
    readCursor(store.db),
    openOnMarket(store.db, now()),
    openAsks(store.db),
    asksOf(store.db, person, looked),
  ]);
  const hosts = new Set(catalog.models().flatMap(({ id, token }) => catalog.offers(id, token).map(({ host }) => host)));
  const open = asks.filter(({ status }) => ['paid', 'declined', 'delivered', 'awaiting'].includes(status.state));
  const clock = cursor?.clock ?? 0;
  const lines = [
    chain === undefined
      ? t('status.chainAway')
      : now() - clock > staleAfter
        ? t('status.chainBehind', { time: clockText(clock, now()) })
        : t('status.chainWell'),
    t('status.hosts', { hosts: hosts.size }),
    t('status.queue', { waiting, mine }),
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
