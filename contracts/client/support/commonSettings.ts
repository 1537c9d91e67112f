import { z } from 'zod';

/** Settings that mean the same in every process. */
export const logLevel = z
  .enum(['trace', 'debug', 'info', 'warn', 'error'], 'must be trace, debug, info, warn or error')
  .default('info')
  .describe('info');

/** A node that announces new blocks. */
export const rpcWsUrl = z
  .url({ protocol: /^wss?$/, error: 'must be a ws or wss address' })
  .optional()
  .describe('wss://rpc.example/v1');
