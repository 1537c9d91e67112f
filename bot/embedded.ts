import { z } from 'zod';
import { addressSchema } from '../contracts/client/Hex.ts';
import { latest, type Rpc } from '../contracts/client/Rpc.ts';
import type { EmbeddedTools } from './local/server.ts';

/** The embedded chain's own tools; only ever made for a deployment that says it is embedded. */
export async function createEmbeddedTools(rpc: Rpc): Promise<EmbeddedTools> {
  return {
    accounts: z.array(addressSchema).parse(await rpc.send('eth_accounts', [])),
    async skipTime(seconds) {
      await rpc.send('evm_setNextBlockTimestamp', [(await latest(rpc)).timestamp + seconds]);
      await rpc.send('evm_mine', []);
    },
    rpc: (method, params) => rpc.send(method, z.array(z.unknown()).parse(params)),
  };
}
