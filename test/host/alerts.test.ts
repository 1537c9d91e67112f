import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createAlerts } from '../../host/reporter/Alerts.ts';
import { figuresOf } from '../../host/store/Figures.ts';
import { memoryJournal, us } from './history.ts';

const log = pino({ level: 'silent' });

test('alerts are counted by kind, without a webhook too, and over restarts', () => {
  const journal = memoryJournal();
  const begin = () => createAlerts({ url: undefined, host: us, journal, log });
  const first = begin();
  first.tell('stalled', 'No new block.');
  first.tell('verdict', 'The report stands.');
  begin().tell('stalled', 'No new block.');
  expect(figuresOf(journal.database, 0).alerts).toEqual([
    { kind: 'stalled', alerts: 2 },
    { kind: 'verdict', alerts: 1 },
  ]);
});

test('an alert that can not be counted goes out all the same', async () => {
  const journal = memoryJournal();
  journal.database.close();
  const sent: unknown[] = [];
  const alerts = createAlerts({
    url: 'https://hooks.example/secret',
    host: us,
    journal,
    log,
    fetch: async (_url, init) => {
      sent.push(JSON.parse(String(init?.body)));
      return new Response();
    },
  });
  alerts.tell('disputed', 'A report is disputed.');
  await alerts.idle();
  expect(sent).toMatchObject([{ kind: 'disputed', text: `Host ${us}: A report is disputed.` }]);
});
