import { z } from 'zod';
import { addressSchema } from '../contracts/client/Hex.ts';
import { logLevel, rpcWsUrl } from '../contracts/client/support/commonSettings.ts';
import { providerSettings } from './runtime/provider/choose.ts';
import { sandboxSettings } from './runtime/sandbox/settings.ts';

const within = (least: number, most: number) =>
  z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(least, `must be from ${least} to ${most}`)
    .max(most, `must be from ${least} to ${most}`);
const whole = (example: number, least: number, most: number) =>
  within(least, most).default(example).describe(String(example));
const amount = (example: string) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be an amount like 0.05')
    .default(example)
    .describe(example);
const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');

/** Every setting of the host's process; docs/host.md explains each. */
export const hostSettings = z.object({
  RPC_URLS: z
    .string('one or more RPC URLs, separated by commas')
    .transform((text) =>
      text
        .split(',')
        .map((url) => url.trim())
        .filter((url) => url !== ''),
    )
    .pipe(
      z.array(z.url({ protocol: /^https?$/, error: 'must be http or https addresses, separated by commas' })).min(1),
    )
    .describe('https://rpc.example/v1,https://other.example'),
  RPC_WS_URL: rpcWsUrl,
  DEPLOYMENT_FILE: z.string('the file that says where the market lies').min(1).describe('deployments/sepolia.json'),
  CONFIRMATIONS: whole(1, 0, 1_000),
  LOG_LEVEL: logLevel,
  HOST_DATA_DIR: z.string().min(1).default('.data/host').describe('.data/host'),
  HOST_LOG_FILE: z.string().min(1).optional().describe('.data/host.log'),
  HOST_CONTRACT: addressSchema.optional().describe('0x5FbDB2315678afecb367f032d93F642f64180aa3'),
  HOST_KEY_PASSWORD_FILE: z.string().min(1).optional().describe('/run/secrets/host-password'),
  HOST_CONCURRENCY: whole(8, 1, 256),
  CHAIN_POLL_MS: within(20, 60_000).optional().describe('500'),
  HOST_MODEL_TIMEOUT_SECONDS: whole(60, 1, 3_600),
  HOST_MAX_INPUT_BYTES: whole(16_384, 1, 100_000),
  HOST_MAX_ANSWER_BYTES: whole(24_576, 1, 100_000),
  HOST_EXCLUSIVE_SECONDS: whole(120, 1, 86_400),
  HOST_PRICE_COIN: amount('0.0001'),
  HOST_PRICE_TOKEN: amount('0.05'),
  HOST_MARGIN_PERCENT: whole(10, 0, 10_000),
  HOST_MAX_FEE_PER_HOUR: amount('0.5'),
  HOST_TAKE_OVER: z
    .enum(['true', 'false'], 'must be true or false')
    .default('true')
    .transform((value) => value === 'true')
    .describe('true'),
  HOST_METRICS_PORT: within(0, 65_535).optional().describe('9464'),
  HOST_AUTOPAY: addressSchema.optional().describe('0x9BE9B0CFA89Ea800556C6efbA67b455D336db1D0'),
  HOST_TIP_LEAST: amount('1'),
  HOST_ALERT_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .optional()
    .describe('https://hooks.example/services/T0/B0/x'),
  HOST_FREE: flag.optional().describe('true'),
  ...providerSettings,
  ...sandboxSettings,
});

export type HostSettings = z.output<typeof hostSettings>;
