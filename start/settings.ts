import { z } from 'zod';

const port = (setting: string) =>
  z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(0, 'must be from 0 (any free one) to 65535')
    .max(65_535, 'must be from 0 (any free one) to 65535')
    .describe(setting);

/** What the launcher itself needs to know; bot and host check their own settings when they start. */
export const launchSettings = z.object({
  DATA_DIR: z.string().default('.data').describe('.data'),
  CHAIN_PORT: port('8545').default(8545),
  BOT_PORT: port('8080').default(8080),
  RPC_URLS: z.string().optional().describe('https://rpc.example/v1,https://other.example'),
  DEPLOYMENT_FILE: z.string().optional().describe('deployments/sepolia.json'),
  HOST_CONTRACT: z.string().optional().describe('0x5FbDB2315678afecb367f032d93F642f64180aa3'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error'], 'must be trace, debug, info, warn or error')
    .default('info')
    .describe('info'),
});

export type LaunchSettings = z.output<typeof launchSettings>;
