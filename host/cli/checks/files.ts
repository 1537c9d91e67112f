import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { backlogOf } from '../../../contracts/client/send/Ledger.ts';
import { type Context, isRunning, withJournal } from '../Context.ts';
import { type Finding, look } from './Finding.ts';

const leastBytes = 1_000_000_000;
const stuckSeconds = 600;

/** Files, their modes, the disk, the journal, and what the sender still has to do. */
export async function* fileChecks(context: Context): AsyncGenerator<Finding> {
  const { settings, files, envFile } = context;
  const folder = settings.HOST_DATA_DIR;
  yield await look('.env', `chmod 600 ${envFile}`, async () => {
    const mode = await modeOf(envFile);
    if (mode === undefined) return { ok: true, found: 'there is none here; the settings come from elsewhere' };
    return {
      ok: !openToOthers(mode),
      found: `mode ${octal(mode)}${openToOthers(mode) ? ': others can read its keys' : ''}`,
    };
  });
  yield await look('data folder', `mkdir -m 700 ${folder}, as the user that runs the host`, async () => {
    const mode = await modeOf(folder);
    if (mode === undefined) return { ok: false, found: `${folder} is not there yet` };
    await access(folder, constants.W_OK);
    return {
      ok: !openToOthers(mode),
      found: `${folder}, mode ${octal(mode)}`,
      ...(openToOthers(mode) && { cure: `chmod 700 ${folder}` }),
    };
  });
  yield await look('disk', 'Free some space: a journal that can’t be written stops the host.', async () => {
    const { bavail, bsize } = await statfs((await modeOf(folder)) === undefined ? '.' : folder);
    return { ok: bavail * bsize >= leastBytes, found: `${((bavail * bsize) / 1e9).toFixed(1)} GB free` };
  });
  if ((await modeOf(files.journal)) === undefined) return;
  yield await look(
    'journal',
    'Stop the host and put the newest backup in its place; docs/host.md, “Backups”, says what is lost then.',
    () => {
      const database = new DatabaseSync(files.journal, { readOnly: true });
      try {
        const found = String(database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']);
        return { ok: found === 'ok', found: found === 'ok' ? `${files.journal} is whole` : found };
      } finally {
        database.close();
      }
    },
  );
  yield await look(
    'transactions',
    'Send coin to the operator, raise HOST_MAX_FEE_PER_HOUR, or use another node; the log says which.',
    () => {
      const { queued, inFlight, oldestAt } = withJournal(context, backlogOf);
      const waits = oldestAt === undefined ? 0 : Math.round((Date.now() - oldestAt) / 1_000);
      const found = oldestAt === undefined ? 'none waits' : `${queued + inFlight} wait, the oldest since ${waits} s`;
      return isRunning(context) || oldestAt === undefined
        ? { ok: waits <= stuckSeconds, found }
        : { ok: true, found, cure: 'They are sent when the host runs.' };
    },
  );
}

/** Undefined: there is no such file. */
export async function modeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ mode }) => mode & 0o777,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    },
  );
}

/** On Windows modes say nothing. */
export const openToOthers = (mode: number): boolean => process.platform !== 'win32' && (mode & 0o077) !== 0;
const octal = (mode: number): string => mode.toString(8).padStart(3, '0');
