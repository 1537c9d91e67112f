import { HDNodeWallet, Mnemonic } from 'ethers';
import { anvilPath, startAnvil } from './chain/Anvil.ts';
import { startMiner } from './chain/Miner.ts';
import { createSaver } from './chain/Saver.ts';
import { layOutState, removePlain } from './chain/StateFile.ts';
import { type Address, address, type Hex, hex } from './Hex.ts';
import { connect, latest, type Rpc } from './Rpc.ts';
import type { Log } from './support/Log.ts';

export { LocalChainError } from './chain/Anvil.ts';

export type LocalChainOptions = {
  /** Kept from run to run; without it the chain is gone with the process. */
  stateFile?: string;
  /** 0 (the default): any free one. */
  port?: number;
  /** Seconds between looks for transactions to put into a block. Default 1. */
  blockTime?: number;
  /** Longest time without a block, in seconds: an idle chain must not fill the disk. Default 10 blocks' time. */
  idleBlockTime?: number;
  /** Default 31337. */
  chainId?: number;
  log: Log;
};

/** A key that everybody knows: for the embedded chain only. */
export type DevAccount = { address: Address; privateKey: Hex };

export type LocalChain = {
  url: string;
  rpc: Rpc;
  pid: number;
  chainId: number;
  /** Ten of them, with 10,000 coin each. */
  readonly accounts: readonly DevAccount[];
  /** Saves and ends it. */
  stop(): Promise<void>;
  /** Skips `seconds` and makes a block. */
  increaseTime(seconds: number): Promise<void>;
  /** Another pace, at once; `seconds` between two blocks. */
  setBlockTime(seconds: number): void;
  /** Makes a block now. */
  mine(): Promise<void>;
  /** Replaces the newest `depth` blocks by empty ones; their transactions are gone. */
  reorganise(depth: number): Promise<void>;
  /** Replaces all blocks above this one by empty ones. */
  reorganiseAbove(block: number): Promise<void>;
  /** Remembers all there is. @returns what goes back to it, blocks and clock; it can be called again and again */
  checkpoint(): Promise<() => Promise<void>>;
  save(): Promise<void>;
  /** Resolves when anvil is gone, by `stop` or by itself. */
  exited: Promise<void>;
};

/**
 * An EVM chain of one's own on 127.0.0.1, from the program anvil. With a `stateFile` another start continues it; a kill -9
 * loses at most about the last second, which to others looks like a reorganisation.
 * It ends together with this process.
 * @throws LocalChainError when anvil is missing, the port is in use or the saved state can't be read
 */
export async function startLocalChain(options: LocalChainOptions): Promise<LocalChain> {
  const { stateFile, port = 0, blockTime = 1, chainId = 31337, log } = options;
  const idleMs = (options.idleBlockTime ?? blockTime * 10) * 1000;
  const saved = stateFile === undefined ? undefined : await layOutState(stateFile);
  const anvil = await startAnvil({ path: anvilPath(), port, chainId, ...(saved && { stateFile: saved }) }).finally(
    async () => saved && removePlain(saved),
  );
  const url = `http://127.0.0.1:${anvil.port}`;
  const rpc = await connect([url], { chainId, pollMs: Math.min(100, blockTime * 250) });
  if (saved) await continueClock(rpc);

  const saver = createSaver({ rpc, stateFile, log });
  const miner = startMiner({ rpc, blockMs: blockTime * 1000, idleMs, log, onBlock: saver.note });
  let stopping: Promise<void> | undefined;
  void anvil.exited.then(() => {
    if (!stopping) log.error('the embedded chain has ended by itself');
    miner.stop();
  });

  async function stop(): Promise<void> {
    await miner.stop();
    await saver.save().catch((error) => log.error({ err: error }, 'the embedded chain’s state could not be saved'));
    await anvil.kill();
    rpc.destroy();
  }

  let accounts: DevAccount[] | undefined;
  return {
    url,
    rpc,
    pid: anvil.pid,
    chainId,
    get accounts() {
      accounts ??= devAccounts();
      return accounts;
    },
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
    async increaseTime(seconds) {
      await miner.between(async () => {
        await rpc.send('evm_increaseTime', [seconds]);
        await rpc.send('evm_mine', []);
      });
      saver.note(true);
    },
    setBlockTime: (seconds) => miner.setPace(seconds * 1000),
    async mine() {
      await miner.between(() => rpc.send('evm_mine', []));
      saver.note(true);
    },
    async reorganise(depth) {
      await miner.between(() => rpc.send('anvil_reorg', [depth, []]));
    },
    async reorganiseAbove(block) {
      await miner.between(async () => {
        const { number } = await latest(rpc);
        if (number > block) await rpc.send('anvil_reorg', [number - block, []]);
      });
    },
    async checkpoint() {
      const remember = () => rpc.send('evm_snapshot', []);
      let id: unknown = await miner.between(remember);
      return () =>
        miner.between(async () => {
          if ((await rpc.send('evm_revert', [id])) !== true) throw new Error('The embedded chain forgot a checkpoint.');
          // anvil drops a snapshot that it went back to.
          id = await remember();
          saver.note(true);
        });
    },
    save: saver.save,
    exited: anvil.exited,
  };
}

/** anvil forgets the clock's offset: without this, blocks would go back in time after a skip. */
async function continueClock(rpc: Rpc): Promise<void> {
  const { timestamp } = await latest(rpc);
  await rpc.send('evm_setNextBlockTimestamp', [Math.max(Math.floor(Date.now() / 1000), timestamp + 1)]);
}

/** The accounts that anvil itself makes. */
function devAccounts(): DevAccount[] {
  const mnemonic = Mnemonic.fromPhrase('test test test test test test test test test test test junk');
  const parent = HDNodeWallet.fromMnemonic(mnemonic, "m/44'/60'/0'/0");
  return Array.from({ length: 10 }, (_, index) => {
    const { address: of, privateKey } = parent.deriveChild(index);
    return { address: address(of), privateKey: hex(privateKey) };
  });
}
