/**
 * `npm run bench:markdown`: what an answer's length costs a bot, for answers made to be costly. The longest answer (100 KB) against
 * a quarter of it: work in proportion takes 4 times as long, and some more for collecting garbage; the square of it 16 times.
 * Processor time, best of several runs.
 */
import { toDiscord } from '../bot/core/markdown/discord.ts';
import { parse } from '../bot/core/markdown/parse.ts';
import { toTelegram } from '../bot/core/markdown/telegram.ts';
import { renderHtml } from '../bot/local/html.ts';
import { costly, repeated } from '../test/bot/markdown/costly.ts';

const longest = 100_000;
const runs = 3;

/** Milliseconds of processor time that this thread spends on `work`: other programs can't lengthen it, as they do a clock's. */
function processorMs(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
const best = (work: (run: number) => unknown) =>
  Math.min(...Array.from({ length: runs }, (_, run) => processorMs(() => work(run))));

const rows = Object.entries({ parse, toDiscord, toTelegram, renderHtml }).map(([name, work]) => {
  const measured = costly.map((unit) => {
    // No text twice: the local chat keeps the HTML of what it showed lately.
    const ms = (length: number) => best((run) => work(repeated(unit, length) + run));
    const whole = ms(longest);
    return { unit, whole, times: whole / ms(longest / 4) };
  });
  const slowest = measured.reduce((a, b) => (a.whole > b.whole ? a : b));
  // Of what takes no time the quotient says nothing.
  const steepest = measured.filter(({ whole }) => whole > 50).reduce((a, b) => (a.times > b.times ? a : b), slowest);
  return {
    '': name,
    'slowest (ms)': Math.round(slowest.whole),
    'made of': JSON.stringify(slowest.unit),
    'steepest (times)': steepest.times.toFixed(1),
    'made of ': JSON.stringify(steepest.unit),
    'aim (times)': 'under 10',
  };
});
console.log(`Answers of ${longest / 1_000} KB against a quarter of it`);
console.table(rows);
