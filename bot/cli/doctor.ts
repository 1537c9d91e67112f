import { formatUnits } from 'ethers';
import { latest } from '../../contracts/client/Rpc.ts';
import { isLocal } from '../core/Links.ts';
import { leastCoin } from '../settings.ts';
import type { CliContext } from './Context.ts';
import { examineDiscord } from './doctorDiscord.ts';
import { examineTelegram } from './doctorTelegram.ts';
import { type Finding, look } from './Finding.ts';

/** Looks at everything that the bot needs. Never throws for what it finds. */
export async function* examine(context: CliContext): AsyncGenerator<Finding> {
  yield* examineChain(context);
  yield await examinePages(context);
  yield* examineTelegram(context);
  yield* examineDiscord(context);
}

async function* examineChain({ deployment, rpc, keyAddress }: CliContext): AsyncGenerator<Finding> {
  yield await look('chain', 'Check RPC_URLS; the node must be reachable and of the right chain.', async () => {
    const head = await latest(await rpc());
    const age = Math.round(Date.now() / 1_000) - head.timestamp;
    return {
      ok: age <= 300 || deployment().embedded === true,
      found: `chain ${deployment().chainId}, block ${head.number}, ${age} s old`,
      cure: 'The newest block is old: the node is behind, or this machine’s clock is wrong.',
    };
  });
  yield await look('market', 'DEPLOYMENT_FILE belongs to another chain: get the right one.', async () => ({
    ok: (await (await rpc()).getCode(deployment().market)) !== '0x',
    found: deployment().market,
  }));
  let key = 'the bot’s key';
  yield await look(
    'key',
    'Move the file away and a new key is made, or give its password: BOT_KEY_PASSWORD.',
    async () => {
      key = await keyAddress();
      return { ok: true, found: key };
    },
  );
  yield await look(
    'gas',
    `Send some of the chain’s coin to ${key}: it pays for refunds and for spending within allowances.`,
    async () => {
      const balance = await (await rpc()).getBalance(await keyAddress());
      return { ok: balance >= leastCoin, found: `${formatUnits(balance, 18)} of the chain’s coin` };
    },
  );
}

function examinePages({ settings: { PUBLIC_URL, BOT_PORT } }: CliContext): Promise<Finding> {
  const cure =
    'Start the bot (npm run bot -- run), and have the web server of that name hand requests on to BOT_PORT; docs/bot.md, step 3.';
  return look('pay page', cure, async () => {
    if (PUBLIC_URL === undefined || isLocal(PUBLIC_URL)) {
      return {
        ok: false,
        found: `http://127.0.0.1:${BOT_PORT}: opens only on this machine`,
        cure: 'For other people set PUBLIC_URL to an https address that leads here; docs/bot.md, step 3.',
      };
    }
    const response = await fetch(`${PUBLIC_URL}/healthz`, { redirect: 'error', signal: AbortSignal.timeout(10_000) });
    const isOurs = response.ok && (await response.text()).includes('"ok":true');
    return { ok: isOurs, found: `${PUBLIC_URL} answered ${response.status}${isOurs ? '' : ', not as the bot does'}` };
  });
}
