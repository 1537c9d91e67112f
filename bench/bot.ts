/**
 * `npm run bench:bot`: a thousand chats with an ask each at the same time, and a bot that knows a hundred thousand chats.
 * The bot is a process of its own (bench/botProcess.ts); the platforms are the tests' fakes, with no limits of their own, so what
 * the adapters keep to are the platforms' published ones.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { nodeFlags } from '../bot/nodeFlags.ts';
import { startDiscordFake } from '../test/fakes/discord.ts';
import { startTelegramFake } from '../test/fakes/telegram.ts';

const chats = Number(process.env['BENCH_CHATS'] ?? 1_000);
const knownChats = Number(process.env['BENCH_KNOWN_CHATS'] ?? 100_000);
const answer = 'An oracle.';
const megabytes = (bytes: number) => Math.round(bytes / 1_000_000);
const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

const report = z.looseObject({
  started: z.number().optional(),
  begun: z.number().optional(),
  done: z.string().optional(),
  peak: z.number().default(0),
  rss: z.number().default(0),
});
type Report = z.output<typeof report>;

/** A bot process; `until` waits for what it says next that fits. */
function startBot(platform: string, url: string, token: string, folder: string) {
  const child: ChildProcess = fork(new URL('./botProcess.ts', import.meta.url), [platform, url, token, folder], {
    execArgv: [...nodeFlags],
  });
  const said: Report[] = [];
  let wake = () => {};
  child.on('message', (message) => {
    said.push(report.parse(message));
    wake();
  });
  child.on('exit', (code) => {
    if (code) throw new Error(`The bot's process ended with ${code}.`);
  });
  return {
    async until(fits: (one: Report) => boolean): Promise<Report> {
      for (;;) {
        const at = said.findIndex(fits);
        const [found] = at < 0 ? [] : said.splice(at, 1);
        if (found) return found;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    order: (step: 'pay' | 'answer' | 'settle' | 'idle' | 'stop') => child.send({ step }),
  };
}

type Scene = {
  url: string;
  token: string;
  /** Calls a second that the platform grants a bot at most. */
  perSecond: number;
  ask(): void;
  /** For each chat, what the bot shows in it, newest last. */
  shown(): string[][];
  /** For each question, milliseconds until it was acknowledged; undefined: too late for Discord, which waits 3 s. Empty: none is asked for. */
  acknowledgedAfter(): (number | undefined)[];
  /** When calls that carry the answer arrived, unix milliseconds. */
  answeredAt(): number[];
  stop(): Promise<void>;
};

async function telegram(): Promise<Scene> {
  const fake = await startTelegramFake({ flood: false });
  const people = Array.from({ length: chats }, (_, index) => fake.user(`Person ${index}`, 10_000 + index));
  return {
    url: fake.url,
    token: fake.token,
    perSecond: 30,
    ask() {
      for (const person of people) person.says('/ask What is TellorFlex?');
    },
    acknowledgedAfter: () => [],
    shown: () => people.map(({ chat }) => fake.replies(chat).map(({ text }) => text)),
    answeredAt: () => fake.calls.filter(({ payload }) => String(payload['text']).includes(answer)).map(({ at }) => at),
    stop: () => fake.stop(),
  };
}

async function discord(): Promise<Scene> {
  const fake = await startDiscordFake();
  const rooms = Array.from({ length: chats }, (_, index) => ({
    person: fake.user(`Person ${index}`),
    room: fake.channel(),
  }));
  let asked: { acknowledgedAfter?: number | undefined }[] = [];
  return {
    url: fake.url,
    token: fake.token,
    perSecond: 50,
    ask() {
      asked = rooms.map(({ person, room }) => person.says('/ask What is TellorFlex?', room));
    },
    acknowledgedAfter: () => asked.map((interaction) => interaction.acknowledgedAfter),
    shown: () => rooms.map(({ room }) => fake.messages(room).map(({ content }) => content)),
    answeredAt: () => fake.calls.filter(({ body }) => JSON.stringify(body ?? '').includes(answer)).map(({ at }) => at),
    stop: () => fake.stop(),
  };
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await pause(50);
}

async function load(name: string, open: () => Promise<Scene>) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-bot-'));
  const scene = await open();
  const bot = startBot(name, scene.url, scene.token, folder);
  await bot.until(({ started }) => started !== undefined);
  const asked = Date.now();
  scene.ask();
  await until(() => scene.shown().every((texts) => texts.some((text) => text.includes('asks'))));
  const cards = (Date.now() - asked) / 1_000;
  bot.order('pay');
  await bot.until(({ done }) => done === 'pay');
  bot.order('idle');
  await bot.until(({ done }) => done === 'idle');
  bot.order('answer');
  // The first to begin was the payment.
  await bot.until(({ begun }) => begun !== undefined);
  const { begun: reported = 0 } = await bot.until(({ begun }) => begun !== undefined);
  await until(() => scene.shown().every((texts) => texts.some((text) => text.includes(answer))));
  bot.order('idle');
  const { peak } = await bot.until(({ done }) => done === 'idle');
  const seconds = scene
    .answeredAt()
    .map((at) => (at - reported) / 1_000)
    .sort((a, b) => a - b);
  // The nth reply can't be there before n / perSecond: what is left is the bot's own.
  const beyond = seconds.map((second, n) => Math.max(0, second - n / scene.perSecond)).sort((a, b) => a - b);
  const shown = scene.shown();
  const acknowledged = scene.acknowledgedAfter();
  bot.order('stop');
  await scene.stop().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  rmSync(folder, { recursive: true, force: true });
  return {
    platform: name,
    chats,
    answered: shown.filter((texts) => texts.filter((text) => text.includes(answer)).length === 1).length,
    'acknowledged too late': acknowledged.filter((ms) => ms === undefined).length,
    'slowest acknowledgement (s)': (Math.max(0, ...acknowledged.map((ms) => ms ?? 3_000)) / 1_000).toFixed(2),
    'all cards (s)': cards.toFixed(1),
    'report to reply p50 (s)': percentile(seconds, 0.5).toFixed(1),
    'p95 (s)': percentile(seconds, 0.95).toFixed(1),
    'p95 beyond the limit (s)': percentile(beyond, 0.95).toFixed(2),
    'memory peak (MB)': megabytes(peak),
  };
}

/** Copies the one ask that is there, with its messages and update, into many chats. */
function fill(folder: string): void {
  const database = new DatabaseSync(join(folder, 'bot.sqlite'));
  const copy = (table: string, changed: Readonly<Record<string, string>>) => {
    const columns = database
      .prepare(`select name from pragma_table_info('${table}')`)
      .all()
      .map(({ name }) => String(name));
    const values = columns.map((column) => changed[column] ?? column);
    database.exec(
      `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${knownChats - 1})
       insert into ${table} (${columns.join(', ')}) select ${values.join(', ')} from n, (select * from ${table} limit 1)`,
    );
  };
  const chat = "json_set(chat, '$.id', 'c' || i)";
  database.exec('begin');
  copy('updates', { update_id: "update_id || 'x' || i" });
  copy('asks', { token: 'token || i', chat, person_key: 'person_key || i', query_id: 'query_id || i' });
  copy('posts', { id: 'id || i', ask: 'ask || i', chat });
  copy('parts', { post: 'post || i', message_key: 'message_key || i', nonce: 'nonce || i' });
  database.exec('commit; pragma wal_checkpoint(truncate)');
  database.close();
}

async function rest() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-bot-'));
  const fake = await startTelegramFake({ flood: false });
  const start = () => {
    const begun = performance.now();
    const bot = startBot('telegram', fake.url, fake.token, folder);
    return {
      bot,
      ready: bot
        .until(({ started }) => started !== undefined)
        .then(({ rss }) => ({ rss, ms: performance.now() - begun })),
    };
  };
  const first = start();
  const empty = await first.ready;
  const ada = fake.user('Ada');
  ada.says('/ask What is TellorFlex?');
  await until(() => fake.replies(ada.chat).length === 1);
  for (const step of ['pay', 'answer', 'settle', 'idle', 'stop'] as const) {
    first.bot.order(step);
    await first.bot.until(({ done }) => done === step);
  }
  fill(folder);
  const again = start();
  const full = await again.ready;
  const before = fake.replies(ada.chat).length;
  const asked = performance.now();
  ada.says('/history');
  await until(() => fake.replies(ada.chat).length > before);
  const history = performance.now() - asked;
  again.bot.order('stop');
  await again.bot.until(({ done }) => done === 'stop');
  await fake.stop();
  rmSync(folder, { recursive: true, force: true });
  return {
    'known chats': knownChats,
    'start (s)': (full.ms / 1_000).toFixed(2),
    'start with none (s)': (empty.ms / 1_000).toFixed(2),
    'memory at rest (MB)': megabytes(full.rss),
    'memory with none (MB)': megabytes(empty.rss),
    '/history (ms)': Math.round(history),
  };
}

console.table([await rest()]);
console.table([await load('telegram', telegram), await load('discord', discord)]);
