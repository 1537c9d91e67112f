import { afterAll, beforeAll, expect, test } from 'vitest';
import { open } from '../../contracts/client/support/Sqlite.ts';
import { prepare } from '../host/faults.ts';
import { type HostHere, startHere } from '../host/hostHere.ts';
import { type Stand, startStand } from '../host/support.ts';
import { askRaw, bytes, misbehave, type Poison, plain, poisons } from '../redteam/poisons.ts';

let stand: Stand;
let host: HostHere;
/** As many of the poisonous asks come at once as the host runs at a time. */
const places = 4;
beforeAll(async () => {
  stand = await startStand({ blockTime: 0.1 });
  const provider = await prepare(stand);
  misbehave(stand.mock);
  stand.mock.prependFixture({
    match: { userMessage: 'be slow' },
    response: { content: 'Too late.' },
    latency: 600_000,
  });
  stand.mock.prependFixture({ match: { userMessage: 'be long' }, response: { content: 'word '.repeat(4_900) } });
  stand.mock.prependFixture({ match: { userMessage: 'be trying' }, response: { content: `"${'a'.repeat(60)}!"` } });
  host = await startHere({
    stand,
    database: open(':memory:'),
    provider,
    env: {
      HOST_CONCURRENCY: String(places),
      HOST_MODEL_TIMEOUT_SECONDS: '60',
      HOST_SANDBOX_CPU_SECONDS: '2',
      HOST_SANDBOX_PROCESSES: '2',
      HOST_SANDBOX_MODEL_CALLS: '5',
    },
  });
  await host.loop.ready;
}, 60_000);
afterAll(async () => {
  await host?.stop();
  await stand?.stop();
});

const script = (text: string) => ({ script: bytes(`${plain}\n${text}`) });
const calling = 'from langchain_openai import ChatOpenAI\n';
/** Those that take seconds of their own. */
const slow: readonly Poison[] = [
  ['a script that never ends', script('while True: pass'), 'declined', "can't be run"],
  ['work that never ends', script('def work(prompt, input):\n    while True: pass'), 'declined', "can't be run"],
  ['a script that waits for ever', script('import time\ntime.sleep(10 ** 9)'), 'declined', "can't be run"],
  ['a script that eats memory', script('x = []\nwhile True: x.append(bytearray(10 ** 7))'), 'declined', 'memory'],
  ['a script that prints without end', script('while True: print("x" * 10_000)'), 'declined', 'printed more than'],
  ['a script that calls itself', script('def f(): f()\nf()'), 'declined', 'RecursionError'],
  ['a script that ends its process', script('import os\nos._exit(0)'), 'declined', "can't be run"],
  [
    'work that asks a model without end',
    script(`${calling}def work(prompt, input):\n    while True: ChatOpenAI().invoke("x")`),
    'declined',
    'called models more than',
  ],
  [
    'work whose answer is a megabyte',
    script('def work(prompt, input): return "x" * 10 ** 6'),
    'declined',
    'longer than this host delivers',
  ],
  ['a model that never answers', { input: bytes('be slow') }, 'declined', 'did not answer'],
  [
    'a schema that takes for ever',
    { input: bytes('be trying'), ...script('schema = {"type": "string", "pattern": "^(a+)+$"}') },
    'declined',
  ],
  [
    'an answer that no transaction can report by itself',
    { input: bytes('be long'), byReport: true },
    'declined',
    'longer than this host delivers',
  ],
  ['the longest question', { input: bytes('€'.repeat(5_461)) }, 'sealed'],
];

for (const [what, raw, ending, reason = ''] of [...poisons, ...slow])
  test(`${what}: it ends as it should, and a hundred good asks behind it are answered`, async () => {
    const bad = await askRaw(stand, ...Array.from({ length: places }, () => raw));
    const good = await stand.askMany(Array.from({ length: 100 }, (_, n) => `Good question ${n}`));
    for (const id of good) await stand.reaches(id, 'sealed', 300_000);
    for (const id of bad) {
      await stand.reaches(id, ending, 300_000);
      const last = (await stand.eventsOf(id)).at(-1);
      expect(last?.type).toBe(ending === 'sealed' ? 'Sealed' : 'Declined');
      if (last?.type === 'Declined') expect(last.reason).toContain(reason);
    }
    expect(await Promise.race([host.loop.ended, Promise.resolve('goes on')])).toBe('goes on');
  });
