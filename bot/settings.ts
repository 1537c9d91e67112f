import { z } from 'zod';
import { addressSchema, zeroAddress } from '../contracts/client/Hex.ts';
import { logLevel, rpcWsUrl } from '../contracts/client/support/commonSettings.ts';
import { type Environment, parseSettings } from '../contracts/client/support/Settings.ts';
import { isLocal } from './core/Links.ts';

const wholeNumber = (from: number, to: number) =>
  z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(from, `must be at least ${from}`)
    .max(to, `must be at most ${to}`);

/** A base of links: no slash at the end. */
const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be a web address' })
  .transform((url) => url.replace(/\/+$/, ''));

const publicUrl = baseUrl.refine(
  (url) => url.startsWith('https://') || isLocal(url),
  'must begin with https://: wallets refuse other pages, and links could be changed on the way',
);

/** `coin=0.0002,0x…=0.05`: what each relayed transaction costs the asker, in whole units of a token. */
const relayFees = z
  .string()
  .transform((list) =>
    list.split(',').flatMap((one) => (one.trim() ? [one.split('=').map((part) => part.trim())] : [])),
  )
  .pipe(
    z.array(
      z
        .tuple([
          z.union([z.literal('coin').transform(() => zeroAddress), addressSchema]),
          z.string().regex(/^\d+(\.\d+)?$/, 'must be an amount like 0.0002'),
        ])
        .transform(([token, amount]) => ({ token, amount })),
    ),
  );

/** Telegram sends to public https addresses alone, and a path of its own keeps it apart from the pages. */
const webhookUrl = baseUrl.refine(
  (url) => url.startsWith('https://') && !isLocal(url) && new URL(url).pathname !== '/',
  'must be a public https:// address with a path, where a request reaches this bot’s BOT_PORT',
);

/** What the bot can be told; each `.describe` is an example. */
export const botSettings = z.object({
  RPC_URLS: z
    .string('give the addresses of nodes of one chain, separated by commas')
    .transform((list) =>
      list
        .split(',')
        .map((url) => url.trim())
        .filter(Boolean),
    )
    .pipe(
      z
        .array(z.url({ protocol: /^https?$/, error: 'must be http(s) addresses, separated by commas' }))
        .min(1, 'must name a node'),
    )
    .describe('http://127.0.0.1:8545'),
  RPC_WS_URL: rpcWsUrl,
  DEPLOYMENT_FILE: z.string('give the file with the contracts’ addresses').describe('.data/deployment.json'),
  BOT_DATA_DIR: z.string().default('.data/bot').describe('.data/bot'),
  BOT_PORT: wholeNumber(0, 65_535).default(8080).describe('8080'),
  PUBLIC_URL: publicUrl.optional().describe('https://ask.example.org'),
  DISCORD_TOKEN: z.string().optional().describe('the token of your application’s bot'),
  DISCORD_API_ROOT: baseUrl.optional().describe('https://discord.com/api'),
  TELEGRAM_TOKEN: z.string().optional().describe('123456789:AAE… from @BotFather'),
  TELEGRAM_WEBHOOK: webhookUrl.optional().describe('https://ask.example.org/telegram'),
  TELEGRAM_API_ROOT: baseUrl.optional().describe('https://api.telegram.org'),
  EXPLORER_URL: baseUrl.optional().describe('https://sepolia.etherscan.io'),
  CONFIRMATIONS: wholeNumber(0, 1_000).default(2).describe('2'),
  CHAIN_POLL_MS: wholeNumber(20, 60_000).optional().describe('500'),
  DEFAULT_MODEL: z.string().optional().describe('guide'),
  PAY_LINK_MINUTES: wholeNumber(1, 1_440).default(30).describe('30'),
  ANSWER_MINUTES: wholeNumber(1, 1_440).default(10).describe('10'),
  LATE_ANSWER_SECONDS: wholeNumber(5, 3_600).default(90).describe('90'),
  ASKS_PER_MINUTE: wholeNumber(1, 10_000).default(10).describe('10'),
  MODERATION_URL: z
    .url({ protocol: /^https?$/, error: 'must be a web address' })
    .optional()
    .describe('https://api.openai.com/v1/moderations'),
  MODERATION_KEY: z.string().optional().describe('the key of that service'),
  MODERATION_WORDS_FILE: z.string().optional().describe('words.txt'),
  BOT_KEY_PASSWORD: z.string().optional().describe('a long password'),
  BOT_MAX_FEE_PER_HOUR: z
    .string()
    .regex(/^\d+(\.\d{1,18})?$/, 'must be an amount of coin like 0.5')
    .default('0.5')
    .describe('0.5'),
  RELAY_FEES: relayFees.default([]).describe('coin=0.0002'),
  RELAY_FEE_TO: addressSchema.optional().describe('0x0123456789012345678901234567890123456789'),
  BOT_METRICS_PORT: wholeNumber(0, 65_535).optional().describe('9465'),
  BOT_LOG_FILE: z.string().optional().describe('.data/bot.log'),
  LOG_LEVEL: logLevel,
});

export type BotSettings = z.output<typeof botSettings>;

/** @throws SettingsError */
export function readBotSettings(env: Environment): BotSettings {
  return parseSettings(botSettings, env);
}

/** Gas of a few dozen transactions on a quiet network; below it the operator is told. Wei. */
export const leastCoin = 5_000_000_000_000_000n;
