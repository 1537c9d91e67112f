/** A chain in a process of its own, for tests that kill it. Prints its URL. */
import { startLocalChain } from '../../contracts/client/LocalChain.ts';
import { quiet } from './chain.ts';

const chain = await startLocalChain({
  stateFile: process.argv[2] ?? '',
  port: Number(process.argv[3] ?? 0),
  blockTime: 0.1,
  log: quiet,
});
process.stdout.write(`${JSON.stringify({ url: chain.url })}\n`);
