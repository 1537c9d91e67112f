import { HDNodeWallet, Mnemonic } from 'ethers';
import { anvilPath, startAnvil } from './chain/Anvil.ts';
import { layOutState, removePlain, writeState } from './chain/StateFile.ts';
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
  /** Makes a block now. */
  mine(): Promise<void>;
  save(): Promise<void>;
  /** Resolves when anvil is gone, by `stop` or by itself. */
  exited: Promise<void>;
};

/** After a block with transactions this many more follow at full pace, for those who wait for confirmations. */
const busyBlocks = 5;

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
      await rpc.send('evm_increaseTime', [seconds]);
      await rpc.send('evm_mine', []);
      saver.note(true);
    },
    async mine() {
      await rpc.send('evm_mine', []);
      saver.note(true);
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

type MinerOptions = { rpc: Rpc; blockMs: number; idleMs: number; log: Log; onBlock: (busy: boolean) => void };

/** Blocks at a steady pace while there is something to put into them, and a few empty ones when not. */
function startMiner({ rpc, blockMs, idleMs, log, onBlock }: MinerOptions): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let due = Date.now() + blockMs;
  let lastBlockAt = 0;
  let busy = 0;

  async function tick(): Promise<void> {
    const { pending } = await rpc.send('txpool_status', []);
    const transactions = Number(pending);
    if (transactions > 0) busy = busyBlocks;
    else if (busy > 0) busy -= 1;
    else if (Date.now() - lastBlockAt < idleMs) return;
    await rpc.send('evm_mine', []);
    lastBlockAt = Date.now();
    onBlock(transactions > 0);
  }

  function schedule(): void {
    if (stopped) return;
    due = Math.max(due + blockMs, Date.now());
    timer = setTimeout(() => {
      running = tick()
        .catch((error) => {
          if (!stopped) log.warn({ err: error }, 'the embedded chain made no block');
        })
        .then(schedule);
    }, due - Date.now());
  }
  due -= blockMs;
  schedule();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

type SaverOptions = { rpc: Rpc; stateFile: string | undefined; log: Log };

/** Saves soon after each block with transactions, and now and then when idle; at most a fifth of the time is spent on it. */
function createSaver({ rpc, stateFile, log }: SaverOptions): { note(busy: boolean): void; save(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let running: Promise<void> = Promise.resolve();
  let tookMs = 0;

  async function write(): Promise<void> {
    if (stateFile === undefined) return;
    const begun = Date.now();
    await writeState(stateFile, String(await rpc.send('anvil_dumpState', [])));
    tookMs = Date.now() - begun;
  }
  function save(): Promise<void> {
    clearTimeout(timer);
    dueAt = Number.POSITIVE_INFINITY;
    running = running.catch(() => {}).then(write);
    return running;
  }
  return {
    save,
    note(busy) {
      if (stateFile === undefined) return;
      const at = Date.now() + (busy ? Math.max(300, tookMs * 4) : 30_000);
      if (at >= dueAt) return;
      clearTimeout(timer);
      dueAt = at;
      timer = setTimeout(() => {
        save().catch((error) => log.warn({ err: error }, 'the embedded chain’s state could not be saved'));
      }, at - Date.now());
    },
  };
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
