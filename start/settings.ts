import { z } from 'zod';
import { logLevel } from '../contracts/client/support/commonSettings.ts';

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
  LOG_LEVEL: logLevel,
});
